"""What looks personal, and what only sounds like it."""

import pytest

from analytics_pipelines.product_export.personal import looks_personal
from analytics_pipelines.product_export.source.described import SourceColumn


def column(name: str, type_name: str = "text") -> SourceColumn:
    return SourceColumn(
        name=name,
        declared=type_name,
        type_schema="pg_catalog",
        type_name=type_name,
        type_kind="b",
        is_array=False,
        type_modifier=-1,
    )


@pytest.mark.parametrize(
    ("name", "type_name", "kind"),
    [
        ("email", "text", "an e-mail address"),
        ("contactEmail", "varchar", "an e-mail address"),
        ("E-Mail", "citext", "an e-mail address"),
        ("email_address", "text", "an e-mail address"),
        ("phone_number", "int8", "a telephone number"),
        ("full_name", "text", "a person's name"),
        ("LastName", "varchar", "a person's name"),
        ("shipping_address", "text", "an address"),
        ("ZIPCode", "bpchar", "an address"),
        ("ip", "text", "a network address"),
        ("seen_from", "inet", "a network address"),
        ("userAgent", "text", "a device or browser"),
        ("birth_date", "date", "a date of birth"),
        ("dob", "text", "a date of birth"),
        ("ssn", "int4", "an official number"),
        ("iban", "text", "a bank account or card"),
        ("password_salt", "text", "a secret"),
        ("home_latitude", "float8", "a place"),
        ("password_hash", "text", "a secret"),
        ("emails", "_text", "an e-mail address"),
    ],
)
def test_a_column_is_told_by_its_name_and_type(name: str, type_name: str, kind: str) -> None:
    assert looks_personal(column(name, type_name)) == kind


@pytest.mark.parametrize(
    ("name", "type_name"),
    [
        ("name", "text"),
        ("product_name", "text"),
        ("file_name", "text"),
        ("email_verified", "text"),
        ("email_hash", "text"),
        ("email_opt_in", "bool"),
        ("phone_count", "int8"),
        ("email_count", "int4"),
        ("address_id", "int8"),
        ("email_sent_at", "timestamptz"),
        ("zipped", "text"),
        ("tip", "text"),
        ("description", "text"),
        ("login_at", "timestamptz"),
        ("mobile", "bool"),
        ("tokenizer", "text"),
        ("", "text"),
    ],
)
def test_what_only_sounds_personal_is_left_alone(name: str, type_name: str) -> None:
    assert looks_personal(column(name, type_name)) is None

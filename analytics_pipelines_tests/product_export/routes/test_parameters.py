"""Who is writing, and texts in the form in which they are kept."""

import asyncio
from types import SimpleNamespace

import pytest
from pydantic import TypeAdapter, ValidationError

from analytics_pipelines.http_kit.principals import Principal
from analytics_pipelines.product_export.keeping.rights import Reader, Writer
from analytics_pipelines.product_export.routes.parameters import (
    Description,
    Name,
    ReaderNow,
    Title,
    Wish,
    WriterNow,
    left_out,
)


@pytest.mark.parametrize(
    ("scopes", "is_admin"), [({"product:write"}, False), ({"product:write", "admin"}, True), ({"analyst"}, False)]
)
def test_a_writer_is_whom_the_token_names(scopes, is_admin):
    (depends,) = WriterNow.__metadata__
    request = SimpleNamespace(state=SimpleNamespace(principal=Principal("token", scopes, "ada@example.com")))
    assert asyncio.run(depends.dependency(request)) == Writer("ada@example.com", is_admin=is_admin)


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        pytest.param(None, Reader(None, sees_all=True), id="anybody where reads are open"),
        pytest.param(Principal("t", {"viewer"}), Reader(None, sees_all=True), id="a viewer"),
        pytest.param(Principal("t", {"product:write"}, "a@b"), Reader("a@b", sees_all=False), id="a user"),
        pytest.param(Principal("t", {"product:write", "viewer"}, "a@b"), Reader("a@b", sees_all=True), id="both"),
    ],
)
def test_a_reader_sees_what_the_token_allows(principal, expected):
    (depends,) = ReaderNow.__metadata__
    state = SimpleNamespace() if principal is None else SimpleNamespace(principal=principal)
    assert asyncio.run(depends.dependency(SimpleNamespace(state=state))) == expected


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        pytest.param(Title, " lamp\n", "lamp", id="a title without blanks around it"),
        pytest.param(Name, "  ", None, id="a blank name is none"),
        pytest.param(Description, "", None, id="an empty description is none"),
        pytest.param(Description, " a b ", "a b", id="a description without blanks around it"),
    ],
)
def test_texts_are_kept_in_one_form(kind, given, kept):
    assert TypeAdapter(kind).validate_python(given) == kept


class Change(Wish):
    """A change of a title."""

    title: Title = left_out("")


def test_a_field_that_is_left_out_is_neither_told_nor_written():
    assert Change().model_dump(exclude_unset=True) == {}
    assert Change(title="a").model_dump(exclude_unset=True) == {"title": "a"}
    assert "default" not in str(Change.model_json_schema())


def test_a_wish_holds_no_names_that_are_not_known():
    with pytest.raises(ValidationError):
        Wish(surprise=1)

"""Raw to core through a real lake."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.product_export.clean import core_items, core_users
from analytics_pipelines.product_export.tables import CORE_ITEMS, CORE_USERS, RAW_ITEMS, RAW_USERS

DAY = date(2026, 3, 1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TIMES = {"export_date": DAY, "created_at": NOON, "updated_at": NOON}


def user(number, **more):
    return {"id": number, "email": "ada@example.com", "full_name": None, "is_active": True} | TIMES | more


def item(number, **more):
    return {"id": number, "owner_id": 1, "title": "A thing", "description": None} | TIMES | more


def put(lake, table, rows):
    select = Select(Sql("SELECT * FROM given"), {"given": ArrowRows(pa.Table.from_pylist(rows))})
    lake.replace(table, DAY, select if rows else Select(lake.scan(table, []).sql()))


def cleaned(lake, users, items):
    put(lake, RAW_USERS, users)
    put(lake, RAW_ITEMS, items)
    lake.replace(CORE_USERS, DAY, core_users(lake.scan(RAW_USERS, [DAY])))
    lake.replace(CORE_ITEMS, DAY, core_items(lake.scan(RAW_ITEMS, [DAY]), lake.scan(CORE_USERS, [DAY])))
    return [lake.lazy(table, [DAY]).collect().rows(named=True) for table in (CORE_USERS, CORE_ITEMS)]


@pytest.mark.parametrize(
    ("stored", "email"),
    [
        pytest.param("ada@example.com", "ada@example.com", id="clean already"),
        pytest.param("  Ada.B@Example.COM ", "ada.b@example.com", id="blanks and case"),
        pytest.param("ZOË@example.com", "zoë@example.com", id="letters beyond ASCII"),
        pytest.param("", "", id="empty stays empty"),
    ],
)
def test_an_address_is_trimmed_and_in_lower_case(lake, stored, email):
    (found,), _ = cleaned(lake, [user(1, email=stored)], [])
    assert found["email"] == email


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        pytest.param(" Ada Byron ", "Ada Byron", id="trimmed"),
        pytest.param("   ", None, id="blank is unknown"),
        pytest.param(None, None, id="unknown stays unknown"),
    ],
)
def test_a_blank_name_is_unknown(lake, stored, name):
    (found,), _ = cleaned(lake, [user(1, full_name=stored)], [])
    assert found["full_name"] == name


def test_users_of_one_address_stay_two(lake):
    users, _ = cleaned(lake, [user(2, email="A@example.com"), user(1, email="a@example.com")], [])
    assert [(each["id"], each["email"]) for each in users] == [(1, "a@example.com"), (2, "a@example.com")]


def test_an_item_whose_owner_was_not_exported_is_kept_and_flagged(lake):
    _, items = cleaned(lake, [user(1)], [item(10), item(11, owner_id=2)])
    assert [(each["id"], each["has_owner"]) for each in items] == [(10, True), (11, False)]


def test_an_export_of_nothing_is_cleaned_to_nothing(lake):
    assert cleaned(lake, [], []) == [[], []]


def test_what_was_not_exported_is_not_cleaned(lake):
    put(lake, RAW_ITEMS, [item(10)])
    raw_items, nothing = lake.scan(RAW_ITEMS, [DAY]), lake.scan(CORE_USERS, [DAY])
    assert core_users(lake.scan(RAW_USERS, [DAY])) is None
    assert core_items(raw_items, nothing) is None
    assert core_items(lake.scan(RAW_ITEMS, []), raw_items) is None


def test_the_manifest_names_what_the_items_were_made_of(lake):
    cleaned(lake, [user(1)], [item(10)])
    inputs = lake.manifest(CORE_ITEMS, DAY).inputs
    assert [version.table for version in inputs] == ["core_app__users", "raw_app__items"]

"""What may be asked for, and what each refusal says."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.operations.wish import (
    MOST_DAYS,
    Bounds,
    DaysOutOfRange,
    TooManyDays,
    UnknownAssets,
    asset_groups,
    expanded,
    last_days,
    wish,
)
from analytics_pipelines_tests.conftest import settings_in

BOUNDS = Bounds(date(2010, 1, 1), date(2026, 11, 23))
DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("first", "last", "refusal"),
    [
        pytest.param(DAY, DAY, None, id="one day"),
        pytest.param(BOUNDS.last - timedelta(days=MOST_DAYS - 1), BOUNDS.last, None, id="as many as there may be"),
        pytest.param(BOUNDS.last - timedelta(days=MOST_DAYS), BOUNDS.last, TooManyDays, id="one more"),
        pytest.param(DAY, DAY - timedelta(days=1), DaysOutOfRange, id="the wrong order"),
        pytest.param(BOUNDS.first - timedelta(days=1), BOUNDS.first, DaysOutOfRange, id="before the first"),
        pytest.param(BOUNDS.last, BOUNDS.last + timedelta(days=1), DaysOutOfRange, id="after the last"),
    ],
)
def test_days_are_checked(first, last, refusal) -> None:
    if refusal:
        with pytest.raises(refusal):
            wish(first, last, [], BOUNDS)
    else:
        assert wish(first, last, [], BOUNDS).assets == ()


def test_a_group_stands_for_its_assets() -> None:
    names = expanded(["product_export", "serving_generation", "raw_app__users"])
    assert "core_app__items" in names
    assert "serving_generation" in names
    assert names == sorted(set(names))


def test_every_table_is_in_a_group() -> None:
    grouped = {asset for assets in asset_groups().values() for asset in assets}
    assert {table.name for table in TABLES} | {"serving_generation"} == grouped


def test_tables_that_the_configuration_adds_may_be_asked_for() -> None:
    bounds = replace(BOUNDS, exported=("raw_app__orders",))
    assert wish(DAY, DAY, ["raw_app__orders"], bounds).assets == ("raw_app__orders",)
    assert "raw_app__orders" in wish(DAY, DAY, ["product_export"], bounds).assets
    with pytest.raises(UnknownAssets, match="raw_app__orders"):
        wish(DAY, DAY, ["raw_app__orders"], BOUNDS)


def test_the_bounds_know_what_is_configured(tmp_path) -> None:
    settings = settings_in(tmp_path, export_tables="shop.orders,product.users")
    assert Bounds.of(settings, DAY).exported == ("raw_app__orders",)


def test_unknown_names_are_told_with_the_known_ones() -> None:
    with pytest.raises(UnknownAssets, match="nope") as refusal:
        expanded(["raw_app__users", "nope"])
    assert "web_events" in str(refusal.value)


def test_the_last_days_end_today() -> None:
    assert last_days(3, DAY) == (date(2026, 11, 18), DAY)

"""Which partitions a run makes."""

from datetime import date, timedelta

import pytest

from analytics_pipelines.product_export.tasks import AHEAD, PAST, UnknownTable, chosen, shared_out
from analytics_pipelines.product_export.wishes import Mode, TableWish

TODAY = date(2026, 3, 10)
ORDERS = TableWish(schema="shop", table="orders", name="orders")
LOG = TableWish(schema="shop", table="log", name="events", mode=Mode.APPEND, day_column="at", late_days=2)


def back(days: int) -> date:
    return TODAY - timedelta(days=days)


def made(wish: TableWish, days: list[date]) -> list[date]:
    return [task.day for task in shared_out([wish], days, TODAY)[0]]


@pytest.mark.parametrize("name", ["orders", "raw_app__orders", "shop.orders"])
def test_a_table_is_found_by_each_of_its_names(name):
    assert chosen([ORDERS, LOG], [name]) == [ORDERS]


def test_tables_come_once_and_in_their_own_order():
    assert chosen([ORDERS, LOG], ["events", "raw_app__orders", "orders"]) == [ORDERS, LOG]
    assert chosen([ORDERS, LOG], None) == [ORDERS, LOG]


def test_a_strange_name_is_told_with_those_that_there_are():
    with pytest.raises(UnknownTable, match=r"called oders\. Exported are orders, events\."):
        chosen([ORDERS, LOG], ["oders", "orders"])


@pytest.mark.parametrize("mode", [Mode.FULL, Mode.INCREMENTAL])
def test_a_copy_of_now_is_todays_whatever_days_are_asked_for(mode):
    wish = TableWish(schema="shop", table="orders", name="orders", mode=mode)
    tasks, left = shared_out([wish], [back(1), TODAY, back(-1)], TODAY)
    assert [task.day for task in tasks] == [TODAY]
    assert [(each.day, each.reason) for each in left] == [(back(1), PAST), (back(-1), AHEAD)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param([0], [2, 1, 0], id="the days before are made anew"),
        pytest.param([30], [32, 31, 30], id="any past day can be read"),
        pytest.param([0, 1], [3, 2, 1, 0], id="each day once"),
        pytest.param([-1], [], id="tomorrow has not begun, and makes no other day"),
    ],
)
def test_rows_that_carry_their_day_are_read_for_any_day(asked, expected):
    assert made(LOG, [back(days) for days in asked]) == [back(days) for days in expected]


def test_every_day_that_is_asked_for_is_made_or_told_as_left():
    days = [back(number) for number in range(-2, 5)]
    tasks, left = shared_out([ORDERS, LOG], days, TODAY)
    for wish in (ORDERS, LOG):
        told = {task.day for task in tasks if task.wish is wish}
        told |= {each.day for each in left if each.table == wish.lake_name}
        assert told >= set(days)

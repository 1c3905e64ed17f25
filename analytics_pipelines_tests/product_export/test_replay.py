"""From raw to core without Dagster: states of incremental tables, the product's own tables cleaned."""

from datetime import date

import pytest

from analytics_pipelines.product_export.current import BrokenHistory, core_table
from analytics_pipelines.product_export.replay import make_core, replayed
from analytics_pipelines.product_export.wishes import Mode
from analytics_pipelines_tests.product_export.lakes import Kept, exported, reported

FIRST, SECOND, LAST = date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 21)
ORDERS = Kept("orders", Mode.INCREMENTAL)


def state(lake, day):
    made = lake.replace(core_table(ORDERS.table), day, replayed(lake, ORDERS.table, day))
    assert made.day == day
    rows = lake.lazy(core_table(ORDERS.table), [day]).sort("id").collect()
    assert set(rows["export_date"]) == {day}
    return rows.select("id", "note").rows()


def test_a_day_is_its_base_and_the_changes_up_to_it(lake):
    ORDERS.put(lake, FIRST, [(1, "a"), (2, "b")])
    ORDERS.put(lake, SECOND, [(2, "B")], gone=[1], after=FIRST)
    ORDERS.put(lake, LAST, [(1, "again"), (3, "c")], after=SECOND)
    assert state(lake, FIRST) == [(1, "a"), (2, "b")]
    assert state(lake, SECOND) == [(2, "B")]
    assert state(lake, LAST) == [(1, "again"), (2, "B"), (3, "c")]


def test_a_day_without_an_export_has_no_state(lake):
    ORDERS.put(lake, FIRST, [(1, "a")])
    assert replayed(lake, ORDERS.table, SECOND) is None


def test_changes_since_an_export_that_is_gone_are_refused(lake):
    ORDERS.put(lake, LAST, [(1, "a")], after=SECOND)
    with pytest.raises(BrokenHistory):
        replayed(lake, ORDERS.table, LAST)


def test_what_a_run_copied_in_changes_gets_its_state(lake):
    base = ORDERS.put(lake, FIRST, [(1, "a"), (2, "b")])
    changes = ORDERS.put(lake, LAST, [(3, "c")], gone=[2], after=FIRST)
    log = Kept("log", Mode.APPEND)
    of_day = log.put(lake, LAST, [(1, "x")])
    report = reported(exported(ORDERS, base), exported(ORDERS, changes), exported(log, of_day))
    made = make_core(lake, report)
    assert [(each.table, each.day, each.rows) for each in made] == [
        ("core_app__orders", FIRST, 2),
        ("core_app__orders", LAST, 2),
    ]

"""What a run says: while it works, and of what came of it."""

from dataclasses import replace
from datetime import UTC, date, datetime

from analytics_pipelines.product_export.outcome import LeftAlone
from analytics_pipelines.product_export.source.moment import Moment
from analytics_pipelines.product_export.told import LogLines, columns_told, lines_of, moment_told
from analytics_pipelines.product_export.wishes import Mode
from analytics_pipelines_tests.product_export.lakes import Kept, exported, reported

FIRST, LAST = date(2026, 11, 20), date(2026, 11, 21)
ORDERS = Kept("orders", Mode.INCREMENTAL)
MOMENT = Moment(
    snapshot="7:9:8",
    system_identifier="1",
    database_oid=5,
    timeline=1,
    server_version=180004,
    taken_at=datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC),
)


def test_a_table_is_told_at_its_start_its_end_and_now_and_then_between():
    said = []
    watch = LogLines(said.append, each_s=0)
    watch.begins("raw_app__orders", 1000)
    watch.advances("raw_app__orders", 400, 1_000_000)
    watch.advances("raw_app__orders", 600, 1_000_000)
    watch.ends("raw_app__orders")
    assert said[0] == "raw_app__orders: about 1,000 rows"
    assert said[1].startswith("raw_app__orders: 400 rows, ")
    assert " MB/s, about " in said[1]
    assert said[1].endswith(" left")
    assert said[-1].startswith("raw_app__orders: read and compared, 1,000 rows, ")
    assert not said[-1].endswith(" left")


def test_a_table_that_was_never_counted_has_no_estimate():
    said = []
    watch = LogLines(said.append)
    watch.begins("raw_app__orders", -1)
    watch.advances("raw_app__orders", 10, 100)
    assert said == ["raw_app__orders: reading"]


def test_each_partition_has_a_line_with_what_to_look_at_below(lake):
    base = ORDERS.put(lake, FIRST, [(1, "a"), (2, "b")])
    changes = ORDERS.put(lake, LAST, [(3, "c")], gone=[2], after=FIRST)
    report = reported(
        exported(ORDERS, base, reason="it is the first", warnings=("note looks personal",)),
        exported(ORDERS, changes, deleted=1, drift=("added: phone",)),
        left_alone=(LeftAlone("raw_app__users", FIRST, "it is past"), LeftAlone("raw_app__users", LAST, "it is past")),
        whole_files=("orders_analytics.parquet",),
        moment=MOMENT,
    )
    assert list(lines_of(report)) == [
        "raw_app__orders of 2026-11-20: incremental, whole, 2 rows, 0.0 MB in 2.0 s",
        "  raw_app__orders: copied as a whole: it is the first",
        "  raw_app__orders: note looks personal",
        "raw_app__orders of 2026-11-21: changes, 1 of them gone, 2 rows, 0.0 MB in 2.0 s",
        "  raw_app__orders: added: phone",
        "raw_app__users of 2 days from 2026-11-20 to 2026-11-21 is left as it is: it is past",
        "orders_analytics.parquet is replaced",
        "All of one snapshot, taken at 2026-11-21 03:04:05 UTC: 7:9:8",
    ]


def test_columns_are_told_as_a_table_that_a_bar_does_not_break(lake):
    manifest = ORDERS.put(lake, FIRST, [(1, "a")])
    assert columns_told(manifest).splitlines()[-1] == "| id | int\\|eger | BIGINT |  | exact |"


def test_a_partition_that_is_no_copy_has_no_moment(lake):
    manifest = ORDERS.put(lake, FIRST, [(1, "a")])
    given = replace(manifest, source={"moment": MOMENT.as_json()})
    assert moment_told(given) == "7:9:8 at 2026-11-21T03:04:05+00:00"
    assert moment_told(replace(manifest, source=None)) == ""

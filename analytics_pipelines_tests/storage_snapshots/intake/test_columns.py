"""Names and values of producers, through DuckDB, as the ingest reads them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.foundation.sql import Sql, joined
from analytics_pipelines.storage_snapshots.intake.columns import (
    ALIASES,
    FLAGS,
    found,
    magnitude_counts,
    nothing,
    renamed,
    units_per_s,
)

SELECT = Sql("SELECT {what} FROM given")
AT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
SECONDS = int(AT.timestamp())


@pytest.fixture(scope="module")
def duck():
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    yield connection
    connection.close()


def read(duck, rows):
    """The house columns of the producer's rows (an Arrow table), as dictionaries."""
    duck.register("given", rows)
    columns = found([(row[0], row[1]) for row in duck.execute("DESCRIBE given").fetchall()])
    counts = list(magnitude_counts(columns))
    told = duck.execute(SELECT.fill(what=joined(counts)).text).fetchone() if counts else ()
    result = duck.execute(SELECT.fill(what=renamed(columns, units_per_s(columns, told))).text)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def one(duck, **values):
    (row,) = read(duck, pa.table({"path": ["/x"], **values}))
    return row


@pytest.mark.parametrize(
    ("house", "alias"), [(house, alias) for house, aliases in ALIASES.items() for alias in aliases if house != "path"]
)
def test_every_known_name_is_understood_whatever_its_case(house, alias):
    kinds = {"owner_name": "VARCHAR", "group_name": "VARCHAR"}
    columns = found([("path", "VARCHAR"), (alias.upper(), kinds.get(house, "BIGINT"))])
    assert columns.by_name[house] == (alias.upper(), kinds.get(house, "BIGINT"))
    assert columns.unknown == ()
    assert house not in columns.absent


def test_no_name_stands_for_two_columns():
    every = [alias for aliases in (*ALIASES.values(), *FLAGS.values()) for alias in aliases]
    assert sorted(every) == sorted(set(every))


def test_what_is_not_known_is_told_and_what_is_derived_is_not():
    columns = found([("path", "VARCHAR"), ("Colour", "VARCHAR"), ("depth", "BIGINT"), ("mtime", "BIGINT")])
    assert columns.unknown == ("Colour",)
    assert {"path", "modified_at"}.isdisjoint(columns.absent)


@pytest.mark.parametrize("name", ["owner", "user"])
def test_an_owner_that_is_a_number_is_a_uid(duck, name):
    assert (one(duck, **{name: [1000]})["uid"], one(duck, **{name: [1000]})["owner_name"]) == (1000, None)
    assert (one(duck, **{name: ["ada"]})["uid"], one(duck, **{name: ["ada"]})["owner_name"]) == (None, "ada")


@pytest.mark.parametrize(
    ("values", "letter"),
    [
        *[({"type": [word]}, "f") for word in ("f", "File", "regular file", "-", " REG ")],
        *[({"file_type": [word]}, "d") for word in ("d", "dir", "Directory", "folder")],
        *[({"kind": [word]}, "l") for word in ("symlink", "link", "l")],
        ({"type": [8]}, "f"),
        ({"type": [4]}, "d"),
        ({"type": ["door"]}, "U"),
        ({"type": [None]}, None),
        ({"is_dir": [True]}, "d"),
        ({"is_dir": [False]}, "f"),
        ({"is_dir": pa.array([None], pa.bool_())}, None),
        ({"is_dir": [False], "is_symlink": [True]}, "l"),
        ({"is_directory": [1]}, "d"),
        ({"mode": [0o100644]}, "f"),
        ({"mode": [0o040755]}, "d"),
        ({"mode": [0o644]}, None),
        ({}, None),
    ],
)
def test_a_type_is_told_by_word_number_flag_or_mode(duck, values, letter):
    assert one(duck, **values)["type"] == letter


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(pa.array([AT], pa.timestamp("us", tz="UTC")), id="with a zone"),
        pytest.param(pa.array([AT.replace(tzinfo=None)], pa.timestamp("us")), id="without a zone"),
        pytest.param(pa.array([AT.replace(tzinfo=None)], pa.timestamp("ns")), id="nanoseconds without a zone"),
        pytest.param(pa.array([AT], pa.timestamp("ns", tz="UTC")), id="nanoseconds with a zone"),
        pytest.param(pa.array([AT.replace(tzinfo=None)], pa.timestamp("ms")), id="milliseconds"),
        pytest.param([SECONDS], id="seconds"),
        pytest.param([SECONDS * 10**3], id="ms since 1970"),
        pytest.param([SECONDS * 10**6], id="µs since 1970"),
        pytest.param([SECONDS * 10**9], id="ns since 1970"),
        pytest.param(pa.array([SECONDS * 10**9], pa.uint64()), id="unsigned ns"),
        pytest.param([float(SECONDS)], id="a fraction of seconds"),
        pytest.param([Decimal(SECONDS)], id="a decimal"),
        pytest.param([str(SECONDS)], id="seconds as text"),
        pytest.param(["2024-05-06T07:08:09Z"], id="text with a zone"),
        pytest.param(["2024-05-06T09:08:09+02:00"], id="text with another zone"),
        pytest.param(["2024-05-06 07:08:09"], id="text without a zone"),
    ],
)
def test_a_time_is_understood_in_every_form(duck, value):
    assert one(duck, mtime=value)["modified_at"] == AT


def test_the_unit_of_a_column_is_that_of_most_of_its_values(duck):
    times = [SECONDS * 10**9] * 3 + [0, 5_000_000_000, None]
    rows = read(duck, pa.table({"path": list("abcdef"), "mtime": times}))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert [row["modified_at"] for row in rows] == [*[AT] * 3, epoch, epoch + timedelta(seconds=5), None]


@pytest.mark.parametrize("value", [1e300, -1e300, "soon", "", float("nan"), float("inf"), "+99999-01-01"])
def test_a_time_that_no_calendar_of_ours_has_is_null(duck, value):
    assert one(duck, mtime=[value])["modified_at"] is None


def test_a_date_is_its_beginning_and_fractions_of_seconds_stay(duck):
    assert one(duck, mtime=[date(2024, 5, 6)])["modified_at"] == datetime(2024, 5, 6, tzinfo=UTC)
    assert one(duck, mtime=[SECONDS + 0.25])["modified_at"] == AT + timedelta(milliseconds=250)


@given(st.integers(-(2**62), 2**62))
def test_nanoseconds_are_rounded_down_as_the_scanner_does(duck, ns):
    (row,) = read(duck, pa.table({"path": ["/x"], "mtime": pa.array([ns], pa.int64())}))
    wanted = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ns // 1000)
    if abs(ns) >= 10**17:
        assert row["modified_at"] == wanted


def test_numbers_that_do_not_fit_are_null_and_those_of_64_bits_stay_distinct(duck):
    assert one(duck, size=["big"])["size_bytes"] is None
    assert one(duck, size=[2.0**70])["size_bytes"] is None
    assert one(duck, ino=pa.array([2**64 - 1], pa.uint64()))["inode"] == -1
    assert one(duck, ino=[str(2**63)])["inode"] == -(2**63)
    assert one(duck, mode=[0o104755])["mode"] == 0o4755
    assert one(duck, checksum=[b"\xab\xcd"])["content_hash"] == "abcd"


def test_nothing_has_the_columns_and_types_that_a_row_has(duck):
    duck.register("given", pa.table({"path": ["/x"]}))
    columns = found([("path", "VARCHAR")])
    both = [
        duck.execute("DESCRIBE " + SELECT.fill(what=each).text).fetchall() for each in (renamed(columns, {}), nothing())
    ]
    assert both[0] == both[1]

"""Every value of every type comes back from every format as the very same."""

import json
import re
import subprocess
import sys

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from analytics_pipelines.sql_service.errors import DuckDBQueryError
from analytics_pipelines.sql_service.messages import Format
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.house_rules.repository import ROOT
from analytics_pipelines_tests.sql_service.encode.answers import Answers, Number, decoded, quoted
from analytics_pipelines_tests.sql_service.encode.random_values import VALUES
from analytics_pipelines_tests.sql_service.encode.samples import rows_of, samples
from analytics_pipelines_tests.sql_service.encode.types_table import types_table

SAMPLES = samples()
types = pytest.mark.parametrize("kind", [pytest.param(kind, id=kind[:40]) for kind in SAMPLES])
TOO_LONG = re.compile(r"\d{39}")
AS_TEXT_OF_ITS_OWN = {
    "INTERVAL",
    "INTERVAL[2]",
    "UNION(n INTEGER, s VARCHAR)",
    "MAP(UUID, UNION(n HUGEINT, s VARCHAR))",
}
"""Arrow and Parquet get them in a form that DuckDB would write otherwise."""
in_arrow = pytest.mark.parametrize(
    "kind", [pytest.param(kind, id=kind[:40]) for kind in SAMPLES if kind not in AS_TEXT_OF_ITS_OWN]
)


@pytest.fixture(scope="module")
def answers():
    return Answers()


def fitting(kind):
    """The type's values that have a place in Arrow."""
    long = kind in {"HUGEINT", "UHUGEINT"}
    return [each for each in SAMPLES[kind] if not (long and TOO_LONG.search(each))]


@types
def test_json_gives_every_value_back(answers, kind):
    source = rows_of(SAMPLES[kind])
    told = [value for (value,) in answers.json("SELECT x " + source)]
    again = [answers.texts(decoded(value, kind))[0] for value in told]
    assert again == answers.texts("x", source)


@types
def test_values_in_lists_are_written_as_those_that_stand_alone(answers, kind):
    source = rows_of(SAMPLES[kind])
    for alone, (within,) in answers.json("SELECT x, [x] " + source):
        assert alone == within or float(alone) == float(within)


@types
def test_csv_gives_every_value_back(answers, kind):
    source = rows_of(SAMPLES[kind])
    cells = [cell for (cell,) in answers.csv("SELECT [x] AS x " + source)[1:]]
    told = [json.loads(cell, parse_float=Number, parse_int=Number)[0] for cell in cells]
    assert [answers.texts(decoded(value, kind))[0] for value in told] == answers.texts("x", source)


@in_arrow
def test_arrow_gives_every_value_back(answers, kind):
    source = rows_of(fitting(kind))
    table = answers.arrow("SELECT x " + source)
    answers.duck.register("arrow_table", table)
    again = "CAST(x AS " + kind + ")"
    assert answers.texts(again, "FROM arrow_table") == answers.texts("x", source)


@in_arrow
def test_parquet_gives_every_value_back(answers, kind, tmp_path):
    source = rows_of(fitting(kind))
    file = tmp_path / "answer.parquet"
    file.write_bytes(answers.content("SELECT x " + source, Format.PARQUET))
    again = "CAST(x AS " + kind + ")"
    assert answers.texts(again, "FROM read_parquet(" + quoted(str(file)) + ")") == answers.texts("x", source)


def test_moments_with_time_zone_are_exact_to_the_last_microsecond(answers):
    last = "TIMESTAMPTZ '294247-01-10 04:00:54.775806+00'"
    assert answers.json("SELECT " + last + ", [" + last + "]") == [
        ["294247-01-10T04:00:54.775806Z", ["294247-01-10T04:00:54.775806Z"]]
    ]
    assert answers.arrow("SELECT " + last + " AS x")["x"].cast(pa.int64()).to_pylist() == [2**63 - 2]


@given(values=st.lists(VALUES, min_size=1, max_size=4))
@tried(max_examples=examples(400), deadline=None)
def test_whatever_is_put_together_comes_back(answers, values):
    sql = "SELECT " + ", ".join(value for _, value in values)
    columns = answers.columns(sql)
    (row,) = answers.json(sql)
    cells = [json.loads(cell, parse_float=Number, parse_int=Number)[0] for cell in answers.csv(in_lists(values))[1]]
    for (_, value), (_, kind), told, cell in zip(values, columns, row, cells, strict=True):
        own = answers.texts(value)
        assert answers.texts(decoded(told, kind)) == own
        assert answers.texts(decoded(cell, kind)) == own


def in_lists(values):
    return "SELECT " + ", ".join("[" + value + "]" for _, value in values)


@given(values=st.lists(VALUES, min_size=1, max_size=4))
@tried(max_examples=examples(200), deadline=None)
def test_arrow_and_parquet_hold_the_same(answers, values):
    sql = "SELECT " + ", ".join(value for _, value in values)
    try:
        arrow = answers.arrow(sql)
    except duckdb.ConversionException as error:
        if "DECIMAL(38,0)" not in str(error):
            raise
        return
    parquet = answers.parquet(sql)
    answers.duck.register("arrow_table", arrow).register("parquet_table", parquet)
    for name in arrow.column_names:
        column = "COLUMNS(c -> c = " + quoted(name) + ")"
        assert answers.texts(column, "FROM arrow_table") == answers.texts(column, "FROM parquet_table")


@pytest.mark.parametrize("target", Format)
def test_no_more_rows_are_written_than_may_be_and_it_is_said(answers, target):
    for rows, limit, is_truncated in [(7, 7, False), (8, 7, True), (50_000, 40_000, True), (0, 5, False)]:
        encoding = answers.encoding("FROM range(" + str(rows) + ")", target, limit)
        assert b"".join(encoding.parts())
        assert (encoding.rows, encoding.is_truncated) == (min(rows, limit), is_truncated)
        assert encoding.engine_s > 0


@pytest.mark.parametrize("target", Format)
def test_parts_have_a_size_that_fits_a_frame(answers, target):
    encoding = answers.encoding("SELECT i, repeat('ab ', 50) || i AS s FROM range(60000) AS t(i)", target, 60_000)
    sizes = [len(part) for part in encoding.parts()]
    assert all(2**16 <= size <= 2**20 for size in sizes[:-1]) or target is Format.PARQUET
    assert max(sizes) <= 2**20


@pytest.mark.parametrize("target", Format)
@pytest.mark.parametrize("text", ["printf('%c', 200)", "regexp_extract('é', '\\C')"])
@pytest.mark.parametrize("within", ["{}", "[{}]", "struct_pack(a := {})"])
def test_what_is_no_text_is_refused(answers, target, text, within):
    with pytest.raises((DuckDBQueryError, duckdb.InvalidInputException, OSError), match="not UTF-8"):
        answers.content("SELECT " + within.format(text), target)


@pytest.mark.parametrize("target", [Format.ARROW, Format.PARQUET])
@pytest.mark.parametrize("within", ["{}", "[{}]"])
def test_values_without_a_place_in_arrow_are_refused(answers, target, within):
    with pytest.raises(DuckDBQueryError, match="no place in Arrow"):
        answers.content("SELECT " + within.format("TIME '24:00:00'"), target)
    with pytest.raises((duckdb.ConversionException, OSError), match="DECIMAL"):
        answers.content("SELECT " + within.format(str(2**127 - 1) + "::HUGEINT"), target)


def test_nothing_is_imported_or_opened_while_answers_are_written():
    told = subprocess.run([sys.executable, "-c", CAGED], check=True, capture_output=True, text=True, timeout=60)
    assert told.stdout == "[]\n"


CAGED = """
import sys

from analytics_pipelines_tests.sql_service.encode.answers import Answers
from analytics_pipelines_tests.sql_service.encode.samples import samples, rows_of
from analytics_pipelines.sql_service.messages import Format

answers = Answers()
opened = []
sys.addaudithook(lambda event, values: opened.append(values[0]) if event in {"open", "import"} else None)
for values in samples().values():
    for target in Format:
        answers.content("SELECT x " + rows_of(values[-2:]), target)
print(opened)
"""


def test_the_page_of_types_shows_what_is_written():
    page = (ROOT / "docs" / "sql-types.md").read_text(encoding="utf-8")
    assert page.split("\n\n")[-1].rstrip("\n") == types_table().rstrip("\n"), "put this table into the page"

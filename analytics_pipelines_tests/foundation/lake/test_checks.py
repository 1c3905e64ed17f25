import pytest

from analytics_pipelines.foundation.lake.checks import RULES, verdicts
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Table, Type
from analytics_pipelines_tests.foundation.lake.example import DAY

SCORES = Table(
    name="out_test__scores",
    room="test",
    grain="one score",
    partition="day of the score",
    key=("team", "round_id"),
    columns=(
        Column(name="team", type=Type.TEXT, meaning="Who", one_of=("red", "it's blue")),
        Column(name="round_id", type=Type.INT, meaning="Which round", least=1),
        Column(name="score_pct", type=Type.DOUBLE, meaning="How well", least=0, most=100, is_nullable=True),
    ),
)


@pytest.mark.parametrize(
    ("values", "expected", "offenders"),
    [
        pytest.param("('red', 1, 50), ('it''s blue', 1, NULL)", None, {}, id="all hold"),
        pytest.param(
            "('red', 1, 50), ('red', 1, 60)",
            None,
            {"key_is_unique": ("team, round_id: 1 keys more than once",)},
            id="key twice",
        ),
        pytest.param("('red', NULL, 50)", None, {"no_nulls": ("round_id: 1 nulls",)}, id="null in the key"),
        pytest.param(
            "('red', 0, -0.1), ('red', 1, 100.1), ('green', 2, 0), ('red', 3, 100)",
            None,
            {
                "values_in_range": (
                    "team: 1 values out of range",
                    "round_id: 1 values out of range",
                    "score_pct: 2 values out of range",
                )
            },
            id="bounds are inclusive",
        ),
        pytest.param(
            "('red', 1, 'nan'::DOUBLE)", None, {"values_in_range": ("score_pct: 1 values out of range",)}, id="nan"
        ),
        pytest.param("('red', 1, 50)", 1, {}, id="as many as the source"),
        pytest.param("('red', 1, 50)", 2, {"rows_match_source": ("1 rows, the source has 2",)}, id="a row is missing"),
    ],
)
def test_each_rule_names_its_offenders(lake, values, expected, offenders):
    rows = Sql("SELECT * FROM (VALUES {values}) AS given(team, round_id, score_pct)").fill(values=Sql(values))
    count = None if expected is None else Sql("SELECT {count}").fill(count=Sql(str(expected)))
    with lake.stage(SCORES, DAY, Select(rows, expected_rows=count)) as work:
        found = {verdict.rule: verdict.offenders for verdict in work.verdicts}
    assert found == dict.fromkeys(RULES, ()) | offenders


def test_a_table_without_bounds_has_nothing_to_test(lake):
    column = Column(name="event_id", type=Type.TEXT, meaning="Id", is_nullable=True)
    free = Table(name="raw_test__free", room="test", grain="x", partition="day", key=("event_id",), columns=(column,))
    with lake.stage(free, DAY, Select(Sql("SELECT 'a' AS event_id"))) as work, lake.duck.cursor() as cursor:
        assert all(verdict.passed for verdict in verdicts(cursor, free, work.file, 1, None))


def test_expected_rows_are_counted_with_the_values_of_the_select(lake):
    rows = Sql("SELECT 'red' AS team, i AS round_id, $score AS score_pct FROM range(1, $rows + 1) AS rounds(i)")
    select = Select(rows, values={"rows": 3, "score": 50.0}, expected_rows=Sql("SELECT $rows"))
    with lake.stage(SCORES, DAY, select) as work:
        work.must_pass()
        assert work.manifest.rows == 3


@pytest.mark.parametrize(
    ("of_source", "offenders"),
    [
        pytest.param("SELECT 2, '3'", (), id="the same"),
        pytest.param("SELECT 2, '4'", ("checksum 3, the source's is 4",), id="another"),
        pytest.param("SELECT 1, '3'", ("2 rows, the source has 1",), id="the same of other rows"),
        pytest.param("SELECT 2", ("checksum 3, the source's is None",), id="none"),
    ],
)
def test_a_checksum_over_the_staged_rows_is_the_sources(lake, of_source, offenders):
    rows = Sql("SELECT 'red' AS team, i AS round_id, NULL AS score_pct FROM range(1, 3) AS rounds(i)")
    checksum = Sql("SELECT CAST(sum(round_id) AS VARCHAR) FROM staged_rows")
    select = Select(rows, expected_rows=Sql(of_source), checksum=checksum)
    with lake.stage(SCORES, DAY, select) as work:
        found = {verdict.rule: verdict.offenders for verdict in work.verdicts}
    assert found["rows_match_source"] == offenders

"""Plans: described without running, remembered, and no longer than they hold."""

import duckdb
import pytest

from analytics_pipelines.foundation.generation.description import read_generation
from analytics_pipelines.sql_service.allowance import Rights
from analytics_pipelines.sql_service.gate.gate import Gate
from analytics_pipelines.sql_service.messages import Format, Statement
from analytics_pipelines.sql_service.worker import plans as at_plans
from analytics_pipelines.sql_service.worker.engine import Engine, EngineLimits
from analytics_pipelines.sql_service.worker.plans import Bounds, Plans, Wanted, described


def unlooked(instance):
    """An instance that is not served from needs no look."""


@pytest.fixture
def instance(generation, tmp_path):
    limits = EngineLimits(memory_bytes=2**27, threads=1, most_spilled_bytes=2**26)
    found = Engine(read_generation(generation), generation, tmp_path, limits, check=unlooked)
    return found.instance(Rights.ANALYST)


class Asked:
    """Plans, and what they are asked for."""

    def __init__(self, instance):
        self.instance = instance
        self.plans = Plans(Gate())
        self.watched = []

    def __call__(self, sql, parameters=None, fmt=Format.JSON, limit=100, rights=Rights.ANALYST):
        wanted = Wanted(
            rights=rights, instance=self.instance, statement=Statement(sql, parameters), bounds=Bounds(fmt, limit)
        )
        with self.instance.cursor() as cursor:
            return self.plans.plan(cursor, wanted, self.watched.append)


@pytest.fixture
def asked(instance):
    return Asked(instance)


def test_the_same_query_is_planned_once_and_watched_each_time(asked):
    first = asked("SELECT page FROM core_shop__visits")
    assert asked("SELECT page FROM core_shop__visits") is first
    assert first.columns == [("page", "VARCHAR")]
    assert [each.tables for each in asked.watched] == [{"core_shop__visits"}] * 2


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"parameters": ["a"]}, id="a value of another type"),
        pytest.param({"fmt": Format.ARROW}, id="another format"),
        pytest.param({"limit": 5}, id="another limit"),
        pytest.param({"rights": Rights.ADMIN}, id="other rights"),
    ],
)
def test_whatever_the_plan_depends_on_is_part_of_its_key(asked, other):
    given = {"sql": "SELECT $1 AS value", "parameters": [1]}
    assert asked(**given | other) is not asked(**given)
    assert asked(**given | {"parameters": [2]}) is asked(**given)


def test_only_the_last_ones_are_remembered(asked, monkeypatch):
    monkeypatch.setattr(at_plans, "MOST_REMEMBERED", 2)
    first, second = asked("SELECT 1"), asked("SELECT 2")
    assert asked("SELECT 1") is first
    asked("SELECT 3")
    assert asked("SELECT 1") is first
    assert asked("SELECT 2") is not second


@pytest.mark.parametrize(
    ("sql", "parameters"),
    [
        pytest.param("SELECT nothing FROM core_shop__visits", None, id="alone"),
        pytest.param("SELECT nothing, $1 FROM core_shop__visits", [1], id="with a value"),
    ],
)
def test_an_error_of_binding_shows_its_place(instance, sql, parameters):
    with instance.cursor() as cursor, pytest.raises(duckdb.BinderException, match="LINE 1: SELECT nothing"):
        described(cursor, sql, parameters)


def test_describing_runs_nothing(instance):
    with instance.cursor() as cursor:
        columns = described(cursor, "SELECT CAST('it ran' AS INTEGER) AS a, 1::HUGEINT AS b, [1.5] AS c", None)
    assert columns == [("a", "INTEGER"), ("b", "HUGEINT"), ("c", "DECIMAL(2,1)[]")]

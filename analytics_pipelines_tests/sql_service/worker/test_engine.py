"""Instances: what they show, that they are locked before they are looked at, and that one's caller leaves nothing."""

from pathlib import Path

import duckdb
import pytest

from analytics_pipelines.foundation.generation.description import read_generation
from analytics_pipelines.sql_service.allowance import Rights
from analytics_pipelines.sql_service.worker.engine import Engine, EngineLimits

LIMITS = EngineLimits(memory_bytes=2**27, threads=1, most_spilled_bytes=2**26)


@pytest.fixture
def checked():
    return []


@pytest.fixture
def engine(generation, tmp_path, checked):
    spill = tmp_path / "spill"
    spill.mkdir()
    return Engine(read_generation(generation), generation, spill, LIMITS, check=checked.append)


def unlooked(instance):
    """An instance that is not served from needs no look."""


def value(instance, sql):
    with instance.cursor() as cursor:
        return cursor.execute(sql).fetchone()[0]


def test_each_kind_of_rights_has_an_instance_made_once_and_looked_at(engine, checked):
    analyst, admin = engine.instance(Rights.ANALYST), engine.instance(Rights.ADMIN)
    assert engine.instance(Rights.ANALYST) is analyst
    assert checked == [analyst, admin]
    count = "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'main' AND table_name LIKE '%visits' AND table_catalog = 'memory'"
    assert (value(analyst, count), value(admin, count)) == (6, 8)


def test_an_instance_is_bound_and_locked(engine):
    instance = engine.instance(Rights.ANALYST)
    settings = ("threads", "enable_external_access", "lock_configuration", "TimeZone", "python_enable_replacements")
    assert [value(instance, "SELECT current_setting('" + name + "')") for name in settings] == [
        1,
        False,
        True,
        "UTC",
        False,
    ]
    assert value(instance, "SELECT current_setting('max_temp_directory_size')") == "64.0 MiB"
    with pytest.raises(duckdb.Error), instance.cursor() as cursor:
        cursor.execute("SET threads = 2")


def test_an_instance_that_fails_its_look_is_not_kept(generation, tmp_path):
    def refuse(instance):
        raise ValueError("looked")

    engine = Engine(read_generation(generation), generation, tmp_path, LIMITS, check=refuse)
    for _ in range(2):
        with pytest.raises(ValueError, match="looked"):
            engine.instance(Rights.ADMIN)


def test_what_one_leaves_the_next_does_not_find(engine):
    instance = engine.instance(Rights.ANALYST)
    with instance.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE mine AS SELECT 1 AS a")
        cursor.execute("CREATE TEMP MACRO double_of(x) AS 2 * x")
        cursor.execute("PREPARE kept AS SELECT 1")
        cursor.execute("SET VARIABLE secret = 'a'")
    with instance.cursor() as cursor:
        for sql in ("SELECT * FROM mine", "SELECT double_of(1)", "EXECUTE kept"):
            with pytest.raises(duckdb.Error):
                cursor.execute(sql)
    assert value(instance, "SELECT getvariable('secret')") is None


def test_extensions_are_loaded_before_the_lock(generation, tmp_path):
    engine = Engine(
        read_generation(generation),
        generation,
        tmp_path,
        LIMITS,
        check=unlooked,
        extensions=[Path("none.duckdb_extension")],
    )
    with pytest.raises(duckdb.Error, match="none"):
        engine.instance(Rights.ANALYST)

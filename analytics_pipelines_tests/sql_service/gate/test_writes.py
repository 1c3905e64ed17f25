import pytest

from analytics_pipelines.sql_service.errors import DuckDBQueryError, QueryRefused
from analytics_pipelines.sql_service.gate.writes import write_of

COMPOSED = {
    "create table x as select 1": 'CREATE TEMP TABLE temp."x" AS\nQUERY',
    'create or replace temp table "a b" as from t': 'CREATE OR REPLACE TEMP TABLE temp."a b" AS\nQUERY',
    "CREATE TEMPORARY TABLE IF NOT EXISTS x (a INT)": 'CREATE TEMP TABLE IF NOT EXISTS temp."x" ("a" INT)',
    "create table x(a int not null, b decimal(10,2)[] null)": 'CREATE TEMP TABLE temp."x" ("a" int NOT NULL, "b" decimal ( 10 , 2 ) [ ])',
    "create table x(a enum('b c'), d struct(\"e f\" int))": 'CREATE TEMP TABLE temp."x" ("a" enum ( \'b c\' ), "d" struct ( "e f" int ))',
    "insert into x values (1)": 'INSERT INTO temp."x"\nQUERY',
    'insert into x (a, "b c") select 1, 2': 'INSERT INTO temp."x" ("a", "b c")\nQUERY',
    "insert into x (select 1)": 'INSERT INTO temp."x"\nQUERY',
    "insert into x (with a as (select 1) from a)": 'INSERT INTO temp."x"\nQUERY',
    "drop table x": 'DROP TABLE temp."x"',
    'drop table if exists "X"': 'DROP TABLE IF EXISTS temp."X"',
}
NO_WRITES = {
    "create view": "create view v as select 1",
    "create in a schema": "create table s.x (a int)",
    "create without columns": "create table x",
    "create with none": "create table x ()",
    "create twice the same": "create table x (a int, A int)",
    "create with more behind": "create table x (a int) with y",
    "create left open": "create table x (a int",
    "create a path": 'create table "x.csv" as select 1',
    "insert or replace": "insert or replace into x values (1)",
    "insert into a schema": "insert into temp.x values (1)",
    "insert with a number": "insert into x (1) select 1",
    "insert left open": "insert into x (a select 1",
    "drop view": "drop view v",
    "drop two": "drop table x, y",
    "drop cascade": "drop table x cascade",
    "drop nothing": "drop table",
}


@pytest.mark.parametrize(("text", "expected"), COMPOSED.items(), ids=COMPOSED.keys())
def test_a_write_is_composed_anew(text, expected):
    write = write_of(text)
    assert write.composed("QUERY") == expected


@pytest.mark.parametrize("text", NO_WRITES.values(), ids=NO_WRITES.keys())
def test_any_other_write_is_refused(text):
    with pytest.raises(DuckDBQueryError):
        write_of(text)


@pytest.mark.parametrize("text", ["select 1", "with a as (select 1) from a", "update x set a = 1", "", "created"])
def test_what_begins_otherwise_is_no_write(text):
    assert write_of(text) is None


def test_the_query_of_a_write_keeps_its_place():
    assert write_of("create table x as\n from t").query == " " * 17 + "\n from t"


def test_what_is_published_is_not_reached_by_a_schema():
    with pytest.raises(QueryRefused, match="tables of its own alone"):
        write_of("drop table web_events.main.t")

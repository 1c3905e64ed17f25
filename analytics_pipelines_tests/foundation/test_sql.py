from datetime import date

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.foundation.sql import (
    Sql,
    chained,
    columns_of,
    date_literal,
    from_file,
    joined,
    literal,
    literals,
    name,
    names,
)

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


def answer(query: Sql) -> object:
    with duckdb.connect() as connection:
        return connection.execute(query.text).fetchone()[0]


@given(value=TEXT)
def test_any_literal_comes_back_as_itself(value):
    assert answer(Sql("SELECT {value}").fill(value=literal(value))) == value


@given(identifier=TEXT.filter(bool))
def test_any_name_names_exactly_its_column(identifier):
    with duckdb.connect() as connection:
        query = Sql("SELECT 1 AS {name}").fill(name=name(identifier))
        assert connection.execute(query.text).description[0][0] == identifier


@given(values=st.lists(TEXT, min_size=1))
def test_a_list_of_literals_comes_back_as_itself(values):
    assert answer(Sql("SELECT {values}").fill(values=literals(values))) == values


def test_parts_are_put_in_once_and_never_read_as_templates():
    filled = Sql("SELECT {first}, {second}").fill(first=literal("{second}"), second=literal("x"))
    assert filled.text == "SELECT '{second}', 'x'"


def test_a_missing_part_is_an_error():
    with pytest.raises(KeyError, match="table"):
        Sql("SELECT * FROM {table}").fill()


def test_names_are_joined_with_commas():
    assert str(names(["a", 'b"c'])) == '"a", "b""c"'
    assert joined([Sql("a"), Sql("b")], " OR ").text == "a OR b"


@pytest.mark.parametrize("quote", [name, literal])
def test_nul_is_refused(quote):
    with pytest.raises(ValueError, match="NUL"):
        quote("a\0b")


def test_steps_stand_before_what_reads_them():
    steps = {"first": Sql("SELECT 1 AS a"), "second": Sql("SELECT a + 1 AS b FROM first")}
    found = chained(steps, Sql("SELECT b FROM second"))
    assert found.text == (
        'WITH "first" AS (\nSELECT 1 AS a\n),\n"second" AS (\nSELECT a + 1 AS b FROM first\n)\nSELECT b FROM second'
    )


def test_an_empty_name_is_refused():
    with pytest.raises(ValueError, match="not empty"):
        name("")


def test_a_file_is_read_from_the_package_that_asks():
    assert from_file("analytics_pipelines.product_export", "core_items").text.strip()
    with pytest.raises(FileNotFoundError):
        from_file("analytics_pipelines.product_export", "no_such_question")


def test_a_day_and_columns_are_put_into_the_text():
    query = Sql('SELECT {columns} FROM (SELECT {day} AS "a", 2 AS "b") AS t')
    filled = query.fill(columns=columns_of("t", ["b", "a"]), day=date_literal(date(2026, 11, 21)))
    assert duckdb.execute(filled.text).fetchone() == (2, date(2026, 11, 21))

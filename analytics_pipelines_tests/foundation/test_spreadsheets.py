"""No text that we hand out begins what a spreadsheet runs, in Python and in DuckDB by the same rule."""

import csv
import io
import unicodedata
from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.spreadsheets import SAFE_TEXT, csv_lines, safe_cell
from analytics_pipelines.foundation.sql import Sql, name

RUNNING = [
    pytest.param("=1+1", id="equals"),
    pytest.param("+1", id="plus"),
    pytest.param("-2+3+cmd|' /C calc'!A0", id="minus"),
    pytest.param("@SUM(1)", id="at"),
    pytest.param("\t=1", id="a tab"),
    pytest.param("\tx", id="a tab before anything"),
    pytest.param("\r=1", id="a return"),
    pytest.param("\nx", id="a line feed"),
    pytest.param("  =1", id="after blanks"),
    pytest.param("\u00a0\u3000=1", id="after wide blanks"),
    pytest.param("\ufeff=1", id="after a byte order mark"),
    pytest.param("\u200b\u202e=1", id="after what is not seen"),
    pytest.param("\x00=1", id="after a NUL"),
    pytest.param("\uff1d1", id="full-width equals"),
    pytest.param("\uff0b1", id="full-width plus"),
    pytest.param("\uff0d1", id="full-width minus"),
    pytest.param("\uff20A", id="full-width at"),
    pytest.param("\u22121", id="the mathematical minus"),
    pytest.param("=", id="alone"),
]
HARMLESS = ["", " ", "a=1", "1-2", "mail@example.com", "'=1", "x\t=1", '"=1"', "Größe", "\u2013dash", "(1)", "#", "0"]


@pytest.mark.parametrize("text", RUNNING)
def test_what_would_run_gets_an_apostrophe(text):
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", HARMLESS)
def test_what_would_not_run_stays(text):
    assert safe_cell(text) == text


@pytest.mark.parametrize("value", [-5, -1.5, None, True, date(2026, 1, 1)])
def test_what_is_no_text_stays_what_it_is(value):
    assert safe_cell(value) is value


def test_every_blank_and_invisible_character_is_seen_through():
    kinds = {"Cc", "Zs", "Zl", "Zp"}
    unseen = [chr(code) for code in range(0x10000) if unicodedata.category(chr(code)) in kinds]
    formats = [chr(code) for code in (0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x2060, 0x2070), 0xFEFF)]
    assert [text for text in unseen + formats if safe_cell(text + "=1") == text + "=1"] == []


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect(config={"threads": 1}) as found:
        yield found


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" \t\n\r=+-@\u3000\uff1d"))))
def test_duckdb_and_python_agree(connection, texts):
    query = Sql("SELECT {safe} FROM (SELECT unnest($texts::VARCHAR[]) AS cell)").fill(
        safe=SAFE_TEXT.fill(column=name("cell"))
    )
    found = connection.execute(query.text, {"texts": texts}).fetchall()
    assert [cell for (cell,) in found] == [safe_cell(text) for text in texts]


def test_duckdb_keeps_a_null_and_takes_the_names_of_columns(connection):
    query = Sql("SELECT {safe} FROM (SELECT NULL::VARCHAR AS {cell})").fill(
        safe=SAFE_TEXT.fill(column=name('a "b" {c}')), cell=name('a "b" {c}')
    )
    assert connection.execute(query.text).fetchall() == [(None,)]


def test_lines_have_safe_heads_and_cells_and_read_back():
    rows = [["=1", -5, None, 'a";=1'], ["two\nlines", -0.5, date(2026, 1, 1), "x,y"]]
    lines = list(csv_lines(["=head", "n", "day", "text"], rows))
    assert lines[0] == '"\'=head","n","day","text"\r\n'
    assert lines[1] == '"\'=1",-5,"","a"";=1"\r\n'
    read = list(csv.reader(io.StringIO("".join(lines), newline="")))
    assert read[2] == ["two\nlines", "-0.5", "2026-01-01", "x,y"]


def test_lines_are_made_one_by_one():
    rows = iter([["a"], ["b"]])
    lines = csv_lines(["h"], rows)
    assert (next(lines), next(lines)) == ('"h"\r\n', '"a"\r\n')
    assert next(rows) == ["b"]

import pytest

from analytics_pipelines.sql_service.gate.statements import first_word, refused_statement

WORDS = [
    ("select 1", "SELECT"),
    (" /* a */ -- b\n (( Copy", "COPY"),
    ("/* * ** */pivot", "PIVOT"),
    (";;explain x", "EXPLAIN"),
    ("", ""),
    ("123", ""),
]


@pytest.mark.parametrize(("sql", "word"), WORDS, ids=[word or "none" for _, word in WORDS[:-1]] + ["number"])
def test_the_first_word_is_found_behind_comments(sql, word):
    assert first_word(sql) == word


@pytest.mark.parametrize(
    ("sql", "hint"),
    [
        ("EXPLAIN SELECT 1", "/explain"),
        ("COPY t TO 'x'", "/exports"),
        ("CREATE TABLE t (a INT)", "/batch"),
        ("PIVOT t ON a", "IN (value"),
        ("SHOW TABLES", "PIVOT"),
        ("ATTACH 'x'", "One query may run"),
        ("SELECT 1; SET x = 1", "/batch"),
        ("", "/batch"),
    ],
    ids=["explain", "copy", "create", "pivot", "show", "attach", "several", "nothing"],
)
def test_a_statement_is_refused_with_what_there_is_in_its_place(sql, hint):
    assert hint in str(refused_statement(sql))

import pytest

from analytics_pipelines.sql_service.errors import DuckDBQueryError
from analytics_pipelines.sql_service.gate.heads import Head


def test_keywords_are_read_in_order_or_not_at_all():
    head = Head("create /* x */ or -- y\n replace table")
    assert head.takes("CREATE")
    assert not head.takes("OR", "TABLE")
    assert head.takes("OR", "REPLACE")
    assert head.takes("TABLE")
    assert head.is_at_end


@pytest.mark.parametrize(("text", "name"), [("a1$ b", "a1$"), ('"a ""b""" c', 'a "b"'), ("über", "über")])
def test_a_name_is_plain_or_quoted(text, name):
    assert Head(text).name("a name") == name


@pytest.mark.parametrize("text", ["1a", "'a'", "", '""', "("])
def test_what_is_no_name_is_told(text):
    with pytest.raises(DuckDBQueryError, match="Expected a name before"):
        Head(text).name("a name")


def test_what_is_left_keeps_its_place():
    head = Head("insert into\nt select 1")
    assert head.takes("INSERT", "INTO")
    assert head.name("a table") == "t"
    assert head.rest == " " * 11 + "\n" + "  select 1"


def test_pieces_are_words_texts_numbers_and_signs():
    head = Head("decimal(10, 2) enum('it''s' , \"x\")")
    pieces = []
    while not head.is_at_end:
        pieces.append(head.piece())
    assert pieces == ["decimal", "(", "10", ",", "2", ")", "enum", "(", "'it''s'", ",", '"x"', ")"]
    assert head.piece() == ""


def test_a_sign_is_looked_at_before_it_is_read():
    head = Head(" ( a")
    assert head.looks_at("(")
    assert head.takes_sign("(")
    assert not head.takes_sign("(")

from dataclasses import replace

import psycopg
import pytest

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.product_export.source.failures import RightMissing, SourceRefused
from analytics_pipelines.product_export.verify import source_rows
from analytics_pipelines.product_export.verify.source_rows import asked, is_in_utf8, pieces, scan


def with_pages(plan, pages):
    (leaf,) = plan.source.leaves
    return replace(plan, source=replace(plan.source, leaves=(replace(leaf, pages=pages),)))


def test_pieces_hold_every_row_once_though_more_pages_came(events, monkeypatch):
    monkeypatch.setattr(source_rows, "PAGES", 7)
    known = with_pages(events.plan, 22)
    found = [
        asked(events.snapshot.connection, scan(known, Sql("count(*)"), piece))[0][0]
        for piece in pieces(known, None, 100)
    ]
    assert len(found) == 4
    assert all(found)
    assert sum(found) == 5000


@pytest.mark.parametrize("pages", [0, 1, source_rows.PAGES])
def test_a_small_table_is_one_piece(events, pages):
    assert list(pieces(with_pages(events.plan, pages), None, 100)) == [None]


def test_a_view_is_one_piece(events):
    view = replace(events.plan, source=replace(events.plan.source, leaves=()))
    assert list(pieces(view, None, 50)) == [None]


def test_rows_that_an_index_may_find_are_one_piece_unless_the_source_rests(events):
    large = with_pages(events.plan, 10 * source_rows.PAGES)
    assert list(pieces(large, Sql("id = 7"), 100)) == [None]
    assert len(list(pieces(large, None, 100))) == 10
    assert len(list(pieces(large, Sql("id = 7"), 50))) == 320


def test_the_source_rests_as_long_as_it_was_read(events, monkeypatch):
    rests = []
    monkeypatch.setattr("time.sleep", rests.append)
    asked(events.snapshot.connection, Sql("SELECT pg_sleep(0.02)"), duty_pct=25)
    assert rests[0] >= 0.06


def test_the_databases_encoding_is_known(events):
    assert is_in_utf8(events.snapshot.connection)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        pytest.param("SELECT no_such_column FROM events", SourceRefused, id="a wrong filter"),
        pytest.param("SELECT * FROM pg_authid", RightMissing, id="no right"),
    ],
)
def test_errors_are_typed(source, query, error, tmp_path):
    with psycopg.connect(source) as connection, pytest.raises(error):
        asked(connection, Sql(query))

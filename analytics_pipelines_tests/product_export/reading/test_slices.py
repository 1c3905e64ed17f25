"""Cuts of a table into ranges of pages: every page once, in order, and the same again."""

import pytest

from analytics_pipelines.product_export.reading.slices import (
    MOST_BYTES,
    PAGE_BYTES,
    PAGE_LINES,
    Slice,
    pages_of_slice,
    slices_of,
)
from analytics_pipelines.product_export.source.described import Kind, Leaf, SourceTable


def table(*pages, rows=-1, size_bytes=0):
    leaves = tuple(Leaf(schema="s", table=f"t{number}", oid=number, pages=each) for number, each in enumerate(pages))
    return SourceTable(
        schema="s", table="t", oid=1, kind=Kind.TABLE, columns=(), key=(), leaves=leaves,
        estimated_rows=rows, size_bytes=size_bytes,
    )  # fmt: skip


@pytest.mark.parametrize("pages", [0, 1, 255, 256, 257, 1000, 5000])
def test_every_page_is_in_exactly_one_slice_and_the_last_is_open(pages):
    (leaf,) = table(pages).leaves
    found = Slice(leaf).cut(256 * PAGE_LINES)
    assert [each.first for each in found] == [page * PAGE_LINES for page in range(0, max(pages, 1), 256)]
    assert [each.end for each in found[:-1]] == [each.first for each in found[1:]]
    assert found[-1].end is None


def test_a_slice_with_an_end_keeps_it_when_it_is_cut():
    (leaf,) = table(1000).leaves
    found = [(each.first, each.end) for each in Slice(leaf, 512, 700).cut(100)]
    assert found == [(512, 612), (612, 700)]


def test_leaves_follow_one_another():
    found = slices_of(table(10, 0, 20_000, size_bytes=0))
    assert [each.leaf.table for each in found[:2]] == ["t0", "t1"]
    assert {each.leaf.table for each in found[2:]} == {"t2"}
    assert len(found) > 3


def test_what_has_no_heap_is_read_in_one_piece():
    assert slices_of(table()) == (Slice(),)
    assert Slice().cut(1) == [Slice()]


@pytest.mark.parametrize(
    ("pages", "rows", "size_bytes", "expected"),
    [
        pytest.param(74_000, 2_000_000, 0, 4096, id="27 rows a page: by rows"),
        pytest.param(10_000, 2_000_000, 0, 512, id="200 rows a page: by rows"),
        pytest.param(10_000, -1, 0, 4096, id="never analysed: by bytes"),
        pytest.param(1000, 1000, 1000 * PAGE_BYTES * 100, 32, id="much outside the heap"),
        pytest.param(10, 10, 2**40, 1, id="never less than a page"),
    ],
)
def test_a_slice_is_as_large_as_a_row_group_and_bounded_in_bytes(pages, rows, size_bytes, expected):
    found = pages_of_slice(table(pages, rows=rows, size_bytes=size_bytes))
    assert found == expected
    assert found == 1 or found * max(size_bytes / pages, PAGE_BYTES) <= MOST_BYTES


def test_new_statistics_of_the_same_rows_change_no_cut():
    found = {pages_of_slice(table(74_000, rows=rows)) for rows in range(1_950_000, 2_050_000, 10_000)}
    assert len(found) == 1

"""Whole uploads: hostile ones, typed ones that come back as they were, and what is left on disk."""

import csv
import gzip
import io
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analytics_pipelines.datasets.uploads.errors import BrokenAnswer
from analytics_pipelines.datasets.uploads.upload import read_upload, uploaded_data
from analytics_pipelines.foundation.errors import AnalyticsError, DiskFull
from analytics_pipelines_tests.datasets.uploads.conftest import LIMITS, Read
from analytics_pipelines_tests.datasets.uploads.hostile import FILENAMES, READ, REFUSED, SIMPLE, Refused

TYPES = ("integer", "number", "boolean", "date", "timestamp", "moment", "text")


def test_there_are_sixty_hostile_uploads_of_different_names() -> None:
    names = [case.name for case in REFUSED] + list(READ)
    assert len(set(names)) == len(names) >= 60


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_what_can_not_be_read_is_refused_by_name_and_leaves_nothing(case: Refused, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(case.content)
    with pytest.raises(AnalyticsError) as told:
        read_upload(str(source), str(tmp_path / "target"), "data.csv", replace(LIMITS, **case.limits))
    assert type(told.value) is case.error
    assert case.says in told.value.detail
    assert str(tmp_path) not in str(told.value)
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("name", READ)
def test_what_looks_odd_is_read_for_what_it_is(name: str, read: Read) -> None:
    content, expected = READ[name]
    back = read(content)
    assert {column: back.values(column) for column in back.table.column_names} == expected
    assert [each.name for each in back.data.columns] == list(expected)
    assert back.data.row_count == back.table.num_rows


@pytest.mark.parametrize("filename", FILENAMES)
def test_a_filename_is_told_and_names_no_file(filename: str, read: Read, tmp_path: Path) -> None:
    assert read(SIMPLE, filename).data.filename == filename
    assert {file.name for file in tmp_path.iterdir()} == {"source", "target"}


def test_what_was_left_out_or_renamed_is_said(read: Read) -> None:
    data = read('a,a,"b\nc"\n1,2,3\n4,5\n"6"x,7,8\n\n9,"x\ny",10\n1,2,3,4\n1,2,3\n1,2,3\n').data
    assert [(each.line, each.reason) for each in data.rejected] == [
        (4, "has 2 values where the header has 3"),
        (5, "has text behind a closing quote"),
        (9, "has 4 values where the header has 3"),
    ]
    assert data.rejected_count == 3
    assert [(each.position, each.header, each.name) for each in data.renamed] == [(2, "a", "a_2"), (3, "b\nc", "b c")]
    assert (data.row_count, data.column_count, data.delimiter, data.has_header) == (4, 3, ",", True)


def test_all_rejected_rows_are_counted_and_the_first_told(read: Read) -> None:
    data = read("a,b\n" + "1,2\n" * 300 + "3\n" * 299).data
    assert (data.rejected_count, len(data.rejected), data.rejected[0].line) == (299, 100, 302)


def test_the_same_upload_gives_the_same_bytes_packed_or_not(read: Read) -> None:
    content = "a,b,c\n" + "".join(f"{number},{number / 7},x{number % 5}\n" for number in range(2000))
    plain, packed = read(content).data, read(gzip.compress(content.encode())).data
    assert plain.sha256 == read(content).data.sha256 == packed.sha256
    assert (plain.has_gzip, packed.has_gzip) == (False, True)
    assert plain.unpacked_bytes == packed.unpacked_bytes == len(content)


def test_only_the_owner_may_read_what_was_made(read: Read, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        data = read(SIMPLE).data
    finally:
        os.umask(old)
    assert (tmp_path / "target").stat().st_mode & 0o777 == 0o600
    assert data.parquet_bytes == (tmp_path / "target").stat().st_size


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(SIMPLE)
    target.write_bytes(b"kept")
    with pytest.raises(FileExistsError):
        read_upload(str(source), str(target), "data.csv", LIMITS)
    assert target.read_bytes() == b"kept"


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pyarrow.parquet.write_table", full)
    (tmp_path / "source").write_bytes(SIMPLE)
    with pytest.raises(DiskFull):
        read_upload(str(tmp_path / "source"), str(tmp_path / "target"), "data.csv", LIMITS)
    assert [file.name for file in tmp_path.iterdir()] == ["source"]


@pytest.mark.parametrize("raw", [b"", b"{}", b"[1]", b"\xff", b'{"filename": 1}'])
def test_an_answer_of_another_shape_is_not_believed(raw: bytes) -> None:
    with pytest.raises(BrokenAnswer):
        uploaded_data(raw)


def test_one_wrong_field_of_an_answer_is_enough(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(SIMPLE)
    told = orjson.loads(read_upload(str(tmp_path / "source"), str(tmp_path / "target"), "data.csv", LIMITS))
    assert uploaded_data(orjson.dumps(told)).row_count == 2
    with pytest.raises(BrokenAnswer):
        uploaded_data(orjson.dumps(told | {"row_count": "2"}))


ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1000, 1, 3), datetime(9998, 12, 30))  # noqa: DTZ001 - naive ones, as files have them
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(allow_nan=False).filter(lambda number: number == 0 or abs(number) >= 1e-307),
    "boolean": st.booleans(),
    "date": st.dates(),
    "timestamp": MOMENTS,
    "moment": st.datetimes(datetime(1000, 1, 3), datetime(9998, 12, 30), timezones=ZONES),  # noqa: DTZ001 - zones are drawn
    "text": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"), min_size=1),
}
ROWS = st.lists(st.tuples(*(st.none() | VALUES[each] for each in TYPES)), max_size=12)
FIXED: tuple[Any, ...] = (
    7,
    0.5,
    True,
    date(2026, 2, 28),
    datetime(2026, 2, 28, 1, 2, 3),  # noqa: DTZ001 - a naive one
    datetime(2026, 2, 28, 1, 2, 3, tzinfo=UTC),
    "some text",
)
"""One row makes every kind sure, whatever the others lack."""


def as_csv(rows: Sequence[Sequence[Any]], delimiter: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(TYPES)
    writer.writerows(["" if value is None else str(value) for value in row] for row in rows)
    return text.getvalue()


def check_rows_come_back(read: Read, rows: list[tuple[Any, ...]], delimiter: str) -> None:
    kept = [FIXED, *rows]
    back = read(as_csv(kept, delimiter))
    assert [each.kind.value for each in back.data.columns] == [*TYPES[:5], "timestamp", "text"]
    assert back.data.rejected_count == 0
    columns = [back.values(name) for name in TYPES]
    assert list(zip(*columns, strict=True)) == kept


@given(ROWS, st.sampled_from(",;\t|"))
@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_that_were_written_come_back_with_their_kinds(read: Read, rows: list[Any], delimiter: str) -> None:
    check_rows_come_back(read, rows, delimiter)


@pytest.mark.long
@given(ROWS, st.sampled_from(",;\t|"))
@hypothesis_settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_many_rows_that_were_written_come_back(read: Read, rows: list[Any], delimiter: str) -> None:
    check_rows_come_back(read, rows, delimiter)


CONTENT = st.lists(
    st.sampled_from([b"a", b",", b'"', b"\n", b"\r", b";", b"1", b"\xc3\xa9", b"\xe9", b"2026-01-01", b" "])
)


def check_any_bytes(content: bytes, folder: Path) -> None:
    source, target = folder / "source", folder / "target"
    source.write_bytes(content)
    target.unlink(missing_ok=True)
    try:
        data = uploaded_data(read_upload(str(source), str(target), "data.csv", LIMITS))
    except AnalyticsError:
        assert not target.exists()
    else:
        assert data.row_count + data.rejected_count <= content.count(b"\n") + content.count(b"\r") + 1


@given(st.one_of(st.binary(max_size=200), CONTENT.map(b"".join)))
@hypothesis_settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused_by_name(tmp_path: Path, content: bytes) -> None:
    check_any_bytes(content, tmp_path)


@pytest.mark.long
@given(st.one_of(st.binary(max_size=2000), CONTENT.map(b"".join)))
@hypothesis_settings(max_examples=4000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_many_bytes_are_read_or_refused_by_name(tmp_path: Path, content: bytes) -> None:
    check_any_bytes(content, tmp_path)


@pytest.mark.long
def test_ten_megabytes_are_read_in_about_a_second(read: Read) -> None:
    row = "{0},{1},name {0},2026-01-{2:02},{3},2026-01-01 00:00:{4:02},true,{5}\n"
    rows = (row.format(n, n % 7, n % 28 + 1, n / 7, n % 60, n % 3) for n in range(150_000))
    content = "id,group,name,day,amount,at,ok,rank\n" + "".join(rows)
    started = time.process_time()
    assert read(content).data.row_count == 150_000
    assert time.process_time() - started < 3

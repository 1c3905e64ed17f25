import gzip
import io
from pathlib import Path

import pytest

from analytics_pipelines.web_events.event import MOST_EVENT_BYTES
from analytics_pipelines.web_events.log_file import UnreadableLog, numbered_lines, opened_log

LONG = b"x" * (3 * MOST_EVENT_BYTES + 5)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"a\nb\r\nc", [(1, b"a"), (2, b"b"), (3, b"c")], id="any line end, or none"),
        pytest.param(b"a\n \n\nb\n", [(1, b"a"), (4, b"b")], id="blank lines are counted and left out"),
        pytest.param(
            b"a\n" + LONG + b"\nb\n", [(1, b"a"), (2, LONG[: MOST_EVENT_BYTES + 1]), (3, b"b")], id="a line too long"
        ),
        pytest.param(LONG, [(1, LONG[: MOST_EVENT_BYTES + 1])], id="no line end at all"),
        pytest.param(b"", [], id="nothing"),
    ],
)
def test_lines_are_numbered_and_bounded(content: bytes, expected: list[tuple[int, bytes]]) -> None:
    assert list(numbered_lines(io.BytesIO(content))) == expected


def test_gzip_is_known_by_its_first_bytes_and_not_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    file.write_bytes(gzip.compress(b"a\n"))
    with opened_log(file) as stream:
        assert list(numbered_lines(stream)) == [(1, b"a")]


def test_an_archive_that_breaks_off_is_told_while_reading(tmp_path: Path) -> None:
    file = tmp_path / "access.log.gz"
    file.write_bytes(gzip.compress(b"a\n" * 100)[:-9])
    with pytest.raises(UnreadableLog, match="broken"), opened_log(file) as stream:
        list(numbered_lines(stream))

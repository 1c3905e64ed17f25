import gzip
import re
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events import import_log as module
from analytics_pipelines.web_events import log_batch
from analytics_pipelines.web_events.import_log import BadSiteId, NotALog, RejectedLine, import_log
from analytics_pipelines.web_events.log_file import NoSuchLog, UnreadableLog
from analytics_pipelines.web_events.log_tables import INTAKE_COUNT
from analytics_pipelines.web_events.queries import counts, event_days
from analytics_pipelines_tests.web_events.stored import failed_events, stored_events, stored_keys

LINE = b'192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "Firefox"\n'
OTHER = LINE.replace(b"GET / ", b"GET /b.css ").replace(b"17/May", b"18/May")
NEXT_YEAR = LINE.replace(b"2015", b"2016")
REAL_LOG = Path(__file__).parents[3] / "shared" / "data" / "apache_logs" / "apache_logs"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    found = tmp_path / "access.log"
    found.write_bytes(LINE + b"broken\n" + OTHER + b"\n" + LINE)
    return found


def test_every_line_is_an_event_or_kept_with_its_number(database: Database, log: Path) -> None:
    told: list[int] = []
    report = import_log(database, log, "shop", progress=told.append)
    assert (report.lines, report.stored, report.duplicates, told) == (4, 3, 0, [4])
    assert report.rejected == (RejectedLine(2, "not in Combined or Common format"),)
    assert report.days == {date(2015, 5, 17): 2, date(2015, 5, 18): 1}
    (failed,) = failed_events(database)
    assert (failed["line_number"], failed["payload"], failed["site_id"]) == (2, b"broken", "shop")
    assert len(stored_keys(database)) == 3


def test_an_imported_event_has_the_time_of_its_line_as_receipt(database: Database, log: Path) -> None:
    import_log(database, log, "shop")
    asset, *pages = sorted(stored_events(database), key=lambda event: event["event_type"], reverse=True)
    assert [event["event_type"] for event in pages] == ["pageview", "pageview"]
    assert pages[0]["received_at"] == pages[0]["event_at"] == datetime(2015, 5, 17, 10, 5, 3, tzinfo=UTC)
    assert pages[0]["visitor_id"] == asset["visitor_id"]
    assert (asset["event_type"], asset["url"], asset["client_address"]) == ("request", "/b.css", "192.0.2.0/24")
    assert (asset["source"], asset["user_agent"], asset["flags"]) == ("log", "Firefox", ["visitor_derived"])
    payload = {"method": "GET", "status": 200, "bytes": 5, "protocol": "HTTP/1.1"}
    assert asset["payload"] == payload | {"interactive": False}
    assert pages[0]["payload"] == payload


def test_a_second_import_adds_nothing_and_a_longer_log_only_what_is_new(database: Database, log: Path) -> None:
    import_log(database, log, "shop")
    before = stored_events(database)
    again = import_log(database, log, "shop")
    assert (again.stored, again.duplicates, again.malformed) == (0, 3, 1)
    assert stored_events(database) == before
    log.write_bytes(log.read_bytes() + LINE + b"broken\n")
    longer = import_log(database, log, "shop")
    assert (longer.stored, longer.duplicates) == (1, 3)
    assert [failed["line_number"] for failed in failed_events(database)] == [2, 7]
    assert import_log(database, log, "other").stored == 4


def test_batches_change_nothing(database: Database, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_LINES", 1)
    report = import_log(database, log, "shop")
    assert (report.lines, report.stored, len(report.rejected)) == (4, 3, 1)
    assert len(stored_events(database)) == 3


def test_a_compressed_log_is_the_same_log(database: Database, log: Path, tmp_path: Path) -> None:
    import_log(database, log, "shop")
    packed = tmp_path / "access.log.gz"
    packed.write_bytes(gzip.compress(log.read_bytes()))
    assert import_log(database, packed, "shop").duplicates == 3


def test_days_that_lie_far_apart_get_partitions(database: Database, log: Path) -> None:
    log.write_bytes(NEXT_YEAR + LINE)
    import_log(database, log, "shop")
    assert [(each.received_date, each.events) for each in event_days(database)] == [
        (date(2015, 5, 17), 1),
        (date(2016, 5, 17), 1),
    ]
    assert [each.received_date for each in event_days(database, date(2016, 1, 1))] == [date(2016, 5, 17)]
    assert [each.received_date for each in event_days(database, None, date(2015, 5, 17))] == [date(2015, 5, 17)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\n\n", id="blank lines"),
        pytest.param(b"a\nb\n", id="words"),
        pytest.param(bytes(range(256)) * 400, id="binary"),
        pytest.param(gzip.compress(b"a\nb\n"), id="compressed words"),
    ],
)
def test_of_a_file_that_is_no_log_nothing_is_stored(database: Database, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(NotALog):
        import_log(database, file, "shop")
    assert not failed_events(database)


def test_a_broken_archive_says_so(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "cut.gz"
    file.write_bytes(gzip.compress(LINE * 100)[:-12])
    with pytest.raises(UnreadableLog, match="broken"):
        import_log(database, file, "shop")


def test_a_missing_file_and_a_folder_are_told(database: Database, tmp_path: Path) -> None:
    with pytest.raises(NoSuchLog):
        import_log(database, tmp_path / "none.log", "shop")
    with pytest.raises(UnreadableLog):
        import_log(database, tmp_path, "shop")


@pytest.mark.parametrize("site", ["", "x" * 101, "a\x00b", "a\nb", "..", "a/b"])
def test_a_site_has_an_id_that_fits_into_a_path(database: Database, log: Path, site: str) -> None:
    with pytest.raises(BadSiteId):
        import_log(database, log, site)


def counters(database: Database) -> dict[date, tuple[int, int, int, int]]:
    with database.reading() as connection:
        rows = connection.execute(sa.select(INTAKE_COUNT).order_by(INTAKE_COUNT.c.received_date)).all()
    assert {(row.site_id, row.source) for row in rows} <= {("shop", "log")}
    return {row.received_date: (row.received, row.stored, row.duplicate, row.rejected) for row in rows}


def test_every_import_is_counted_and_balances(database: Database, log: Path) -> None:
    import_log(database, log, "shop")
    today = now().date()
    assert counters(database) == {
        date(2015, 5, 17): (2, 2, 0, 0),
        date(2015, 5, 18): (1, 1, 0, 0),
        today: (1, 0, 0, 1),
    }
    log.write_bytes(log.read_bytes() + LINE)
    import_log(database, log, "shop")
    assert counters(database) == {
        date(2015, 5, 17): (5, 3, 2, 0),
        date(2015, 5, 18): (2, 1, 1, 0),
        today: (2, 0, 1, 1),
    }


def test_a_batch_that_fails_leaves_no_event_and_no_count(
    database: Database, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the power went out")

    monkeypatch.setattr(log_batch, "_count", fail)
    with pytest.raises(RuntimeError):
        import_log(database, log, "shop")
    assert (stored_events(database), stored_keys(database), failed_events(database)) == ([], [], [])
    monkeypatch.undo()
    assert import_log(database, log, "shop").stored == 3


def test_only_the_first_complaints_are_told(database: Database, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TOLD", 3)
    monkeypatch.setattr(module, "BATCH_LINES", 2)
    log.write_bytes(LINE + b"broken\n" * 7)
    report = import_log(database, log, "shop")
    assert report.malformed == 7
    assert [each.line for each in report.rejected] == [2, 3, 4]
    assert len(failed_events(database)) == 7


def test_the_real_log_comes_in_whole_and_once(database: Database) -> None:
    if not REAL_LOG.exists():
        pytest.skip("the sample log is not on this machine")
    report = import_log(database, REAL_LOG, "semicomplete")
    assert (report.lines, report.stored, report.duplicates) == (10_000, 9_999, 0)
    assert [reject.line for reject in report.rejected] == [8899]
    plain = Counter(re.findall(r"\[(\d\d)/May/2015", REAL_LOG.read_text(errors="replace")))
    plain["20"] -= 1
    assert {each.received_date.day: each.events for each in event_days(database)} == {
        int(day): hits for day, hits in plain.items()
    }
    again = import_log(database, REAL_LOG, "semicomplete")
    assert (again.stored, again.duplicates) == (0, 9_999)
    assert (counts(database).stored, counts(database).failed) == (9_999, 1)

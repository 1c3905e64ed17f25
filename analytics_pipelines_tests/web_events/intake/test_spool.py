import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from analytics_pipelines.web_events.intake import spool as spool_module
from analytics_pipelines.web_events.intake.entries import entry_of, item_of
from analytics_pipelines.web_events.intake.spool import Spool, SpoolBroken, SpoolFull
from analytics_pipelines_tests.web_events.intake.items import AT, receipt, refusal

ROOT = Path(__file__).parents[3]
MIB = 2**20


@pytest.fixture
def spool(tmp_path):
    found = Spool(tmp_path / "home" / "spool", MIB)
    yield found
    found.close()


def entries(*ids: str):
    return [entry_of(receipt(each)) for each in ids]


def ids_of(spool: Spool, after: int = 0, most: int = 1000) -> list[tuple[int, str]]:
    return [(each.number, item_of(each.entry).event_id) for each in spool.after(after, most)]


def test_nothing_is_made_before_the_first_use(spool):
    assert not spool.exists
    assert not spool.file.parent.exists()
    spool.append(entries("a"))
    assert spool.exists


def test_only_its_user_may_look_into_it(spool):
    spool.append(entries("a"))
    files = list(spool.file.parent.glob("spool.sqlite*"))
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(spool.file.parent.stat().st_mode) == 0o700


def test_entries_come_back_in_order_and_a_number_is_never_given_twice(spool):
    spool.append(entries("a", "b"))
    spool.append(entries("c"))
    assert ids_of(spool) == [(1, "a"), (2, "b"), (3, "c")]
    assert ids_of(spool, after=1, most=1) == [(2, "b")]
    spool.forget(3)
    spool.close()
    spool.append(entries("d"))
    assert ids_of(spool) == [(4, "d")]


def test_large_entries_are_read_in_smaller_portions_of_one_at_least(spool, monkeypatch):
    monkeypatch.setattr(spool_module, "MOST_READ_BYTES", 1)
    spool.append(entries("a", "b"))
    assert ids_of(spool) == [(1, "a")]


def test_the_total_follows_what_comes_and_goes(spool):
    assert (spool.total().events, spool.total().bytes, spool.total().oldest_at) == (0, 0, None)
    spool.append(entries("a", "b", "c"))
    one = len(entries("a")[0].body)
    assert (spool.total().events, spool.total().bytes, spool.total().oldest_at) == (3, 3 * one, AT)
    spool.forget(2)
    spool.forget(2)
    assert (spool.total().events, spool.total().bytes) == (1, one)


def test_entries_are_counted_by_day_and_site(spool):
    spool.append([*entries("a", "b"), entry_of(receipt("c", site_id="t")), entry_of(refusal("f", site_id=None))])
    assert spool.counts_after(1) == {("2026-03-05", ""): 1, ("2026-03-05", "s"): 1, ("2026-03-05", "t"): 1}


def test_each_file_has_an_id_of_its_own_that_it_keeps(spool, tmp_path):
    first = spool.spool_id
    spool.close()
    assert spool.spool_id == first
    assert Spool(tmp_path / "other", MIB).spool_id != first


def test_what_is_remembered_is_recalled_by_others_until_it_is_forgotten(spool):
    assert spool.recall("salts") is None
    spool.remember("salts", {"2026-03-05": "a"})
    spool.remember("salts", {"2026-03-06": "b"})
    spool.remember("sites", {})
    other = Spool(spool.file.parent, MIB)
    assert (other.recall("salts"), other.recall("sites")) == ({"2026-03-06": "b"}, {})
    other.remember("salts", None)
    assert spool.recall("salts") is None
    other.close()


def test_past_the_limit_nothing_is_kept_and_draining_makes_room(tmp_path):
    size = len(entries("a")[0].body)
    spool = Spool(tmp_path, 2 * size)
    spool.append(entries("a"))
    with pytest.raises(SpoolFull, match="full"):
        spool.append(entries("b", "c"))
    assert ids_of(spool) == [(1, "a")]
    spool.append(entries("d"))
    spool.forget(2)
    spool.append(entries("b", "c"))
    assert spool.total().events == 2


def test_room_is_left_on_the_disk_for_draining(spool, monkeypatch):
    spool.append(entries("a"))
    monkeypatch.setattr(spool_module, "FREE_BYTES", 2**62)
    with pytest.raises(SpoolFull, match="disk"):
        spool.append(entries("b"))
    spool.forget(1)
    assert spool.total().events == 0


def test_workers_that_open_it_at_once_share_one_file_and_lose_nothing(tmp_path):
    def write(number: int) -> None:
        own = Spool(tmp_path, MIB)
        for each in range(10):
            own.append(entries(f"{number}-{each}"))
        own.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = ids_of(Spool(tmp_path, MIB))
    assert [number for number, _ in found] == list(range(1, 51))
    for number in range(5):
        assert [each for _, each in found if each[0] == str(number)] == [f"{number}-{each}" for each in range(10)]


LOOK = """
import sys
from pathlib import Path
from analytics_pipelines.web_events.intake.spool import Spool
spool = Spool(Path(sys.argv[1]), 2**30)
print(*(each.entry.body.decode() for each in spool.after(0, 1000)), sep="\\n")
spool.close()
"""


def seen_by_another_process(spool: Spool) -> list[str]:
    look = [sys.executable, "-c", LOOK, str(spool.file.parent)]
    lines = subprocess.run(look, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [json.loads(line)["event_id"] for line in lines]


def test_one_that_is_opened_twice_in_a_process_keeps_its_locks(spool):
    """Else another process that closes it takes itself for the last one and removes what is still written to."""
    spool.append(entries("a"))
    second = Spool(spool.file.parent, MIB)
    assert second.total().events == 1
    second.close()
    assert seen_by_another_process(spool) == ["a"]
    spool.append(entries("b"))
    assert seen_by_another_process(spool) == ["a", "b"]
    spool.append(entries("c"))
    assert ids_of(spool) == [(1, "a"), (2, "b"), (3, "c")]
    assert seen_by_another_process(spool) == ["a", "b", "c"]


def test_a_drained_spool_holds_no_byte_of_what_it_held_and_gives_back_the_disk(spool):
    for _ in range(20):
        spool.append(entries(*["secret-visit"] * 100))
    spool.forget(2000)
    files = [file.read_bytes() for file in spool.file.parent.glob("spool.sqlite*")]
    assert not any(b"secret-visit" in content for content in files)
    assert sum(map(len, files)) < 100_000


class Failing(sqlite3.Connection):
    """Fails at one statement, as a disk that reports an error does."""

    at = "COMMIT"
    code = sqlite3.SQLITE_IOERR_FSYNC

    def execute(self, statement, *given):
        if statement == self.at:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = self.code
            raise error
        return super().execute(statement, *given)


@pytest.mark.parametrize(
    ("code", "expected"), [(sqlite3.SQLITE_IOERR_FSYNC, SpoolBroken), (sqlite3.SQLITE_FULL, SpoolFull)]
)
def test_a_handle_that_met_an_error_is_never_used_again(spool, monkeypatch, code, expected):
    spool.append(entries("a"))
    spool._connection.close()
    failing = sqlite3.connect(spool.file, isolation_level=None, check_same_thread=False, factory=Failing)
    monkeypatch.setattr(Failing, "code", code)
    spool._connection = failing
    with pytest.raises(expected):
        spool.append(entries("b"))
    assert spool._connection is None
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        failing.execute("SELECT 1")
    spool.append(entries("c"))
    assert [each for _, each in ids_of(spool)] == ["a", "c"]


def test_a_file_that_is_no_spool_is_an_error_each_time(tmp_path):
    (tmp_path / "spool.sqlite").write_bytes(b"no database at all" * 100)
    spool = Spool(tmp_path, MIB)
    for _ in range(2):
        with pytest.raises(SpoolBroken):
            spool.append(entries("a"))


def test_a_folder_that_can_not_be_made_is_an_error_of_the_spool(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SpoolBroken):
        Spool(tmp_path / "file" / "spool", MIB).append(entries("a"))


ENDLESS = """
import sys
from pathlib import Path
from analytics_pipelines.web_events.intake.entries import entry_of
from analytics_pipelines.web_events.intake.spool import Spool
from analytics_pipelines_tests.web_events.intake.items import receipt
spool = Spool(Path(sys.argv[1]), 2**30)
for batch in range(100_000):
    spool.append([entry_of(receipt(f"{batch}-{each}")) for each in range(7)])
    sys.stdout.write(f"{batch}\\n")
    sys.stdout.flush()
"""


def test_after_a_kill_batches_are_whole_and_nothing_acknowledged_is_missing(tmp_path):
    command = [sys.executable, "-c", ENDLESS, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        acknowledged = [int(writer.stdout.readline()) for _ in range(100)]
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += [int(line) for line in writer.stdout if line.endswith("\n")]
    spool = Spool(tmp_path, 2**30)
    found = [each for _, each in ids_of(spool, most=10**6)]
    batches = {int(each.partition("-")[0]) for each in found}
    assert batches >= set(acknowledged)
    assert found == [f"{batch}-{each}" for batch in sorted(batches) for each in range(7)]
    assert spool.total().events == len(found)

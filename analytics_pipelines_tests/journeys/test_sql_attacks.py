"""Hostile SQL against the whole service: nothing is read or written outside, nobody else waits for it."""

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.generation import GenerationFolders
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.sql_service.places import Places
from analytics_pipelines.web_events.tables import CORE_EVENTS, SESSIONS
from analytics_pipelines_tests.conftest import TEMPLATE, settings_in
from analytics_pipelines_tests.sql_service.attacks import BOUNDED, REFUSED, WRITES
from analytics_pipelines_tests.sql_service.running import PREFIX, Running, running
from analytics_pipelines_tests.sql_service.traced import OPENING, STRACE, caged_calls, calls_in, traced
from analytics_pipelines_tests.waiting import wait_until
from benchmarks.sql_events import store_events

LEAST_ATTACKS = 150
WORD = "a canary sings here"
TIMEOUT_S = 0.2
LATEST_S = TIMEOUT_S + 1.0
"""A worker that does not stop at its deadline is killed a second later."""
SLACK_S = 4.0
"""For machines on which everything else runs too; none where only this runs (`make test-long`)."""
MISTAKE = {400, 413, 422}
BOUNDED_ENDS = {200, 413, 422, 503, 504}


@dataclass(frozen=True)
class Canary:
    """A folder that everybody may read and write, with a file in it."""

    folder: Path

    @property
    def secret(self) -> str:
        return str(self.folder / "secret")

    @property
    def target(self) -> str:
        return str(self.folder / "target")

    def must_live(self) -> None:
        assert [each.name for each in self.folder.iterdir()] == ["secret"]
        assert Path(self.secret).read_text(encoding="utf-8") == WORD


@pytest.fixture
def canary() -> Iterator[Canary]:
    """Open to the user that workers run as: nothing but the cage keeps it from them."""
    folder = Path(tempfile.mkdtemp(prefix="canary-"))
    found = Canary(folder)
    Path(found.secret).write_text(WORD, encoding="utf-8")
    Path(found.secret).chmod(0o666)
    folder.chmod(0o777)
    yield found
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def service(tmp_path_factory, postgres_server) -> Iterator[Running]:
    """A service whose breaker stays closed, with visits and events published."""
    urls = postgres_server.create("sql_attacks", TEMPLATE)
    settings = settings_in(
        tmp_path_factory.mktemp("sql") / "home",
        database_url=urls.app,
        database_owner_url=urls.owner,
        sql_breaker_failures=9999,
        sql_cache_max_bytes=0,
    )
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    store_events(lake, days=1, rows_a_day=1000)
    build_generation(settings, lake, [CORE_EVENTS, SESSIONS], hot=())
    lake.duck.close()
    with closing(Database(urls.app, name="test", settings=settings)) as database, running(settings, database) as found:
        yield found
    postgres_server.drop("sql_attacks")


def must_answer(service: Running, slack_s: float) -> None:
    """Another query is answered within a second."""
    began = time.monotonic()
    assert service.answer("SELECT 1")["data"] == [[1]]
    assert time.monotonic() - began <= 1.0 + slack_s


def attack_all(service: Running, canary: Canary, slack_s: float) -> None:
    """Every attack, as an admin, with a look at the canary and a query of somebody else after each."""
    for attack in REFUSED:
        response = service.query(attack.aimed(canary.secret, canary.target))
        assert response.status_code in MISTAKE, (attack.id, response.text)
        must_have_told_nothing(response)
        must_answer(service, slack_s)
    for name, sql in WRITES.items():
        aimed = sql.replace("{secret}", canary.secret).replace("{target}", canary.target)
        queries = ["CREATE TABLE own (a INT)", aimed]
        response = service.admin.post(PREFIX + "/batch", json={"queries": queries})
        assert response.status_code in MISTAKE, (name, response.text)
        must_have_told_nothing(response)
        must_answer(service, slack_s)
    canary.must_live()


def bomb_all(service: Running, canary: Canary, slack_s: float, every: int = 1) -> None:
    """Every bomb, or each so-manieth: it ends within its limit and the kill's grace, and others are answered."""
    for attack in BOUNDED[::every]:
        began = time.monotonic()
        response = service.query(attack.aimed(canary.secret, canary.target), timeout_s=TIMEOUT_S)
        assert time.monotonic() - began <= LATEST_S + slack_s, attack.id
        assert response.status_code in BOUNDED_ENDS, (attack.id, response.text[:1000])
        must_have_told_nothing(response)
        must_answer(service, slack_s)
    canary.must_live()


def must_have_told_nothing(response: httpx.Response) -> None:
    """Nothing of the canary, and no path of the machine but what the statement itself named."""
    assert WORD not in response.text
    assert "/proc/self" not in response.text or "/proc/self" in response.request.content.decode()


def test_there_are_attacks_enough():
    assert len(REFUSED) + len(BOUNDED) + len(WRITES) >= LEAST_ATTACKS


def test_every_attack_over_http_is_refused_and_reaches_no_file(service, canary):
    attack_all(service, canary, SLACK_S)


@pytest.mark.parametrize(
    "every", [pytest.param(4, id="one in four"), pytest.param(1, id="all", marks=pytest.mark.long)]
)
def test_every_bomb_over_http_ends_within_its_limit_and_others_are_answered(service, canary, every):
    bomb_all(service, canary, SLACK_S, every)


NOTED = """\
10 openat(AT_FDCWD, "/etc/hosts", O_RDONLY) = 3</etc/hosts>
10 landlock_restrict_self(7, 0) = 0
10 clone3({flags=CLONE_VM|CLONE_THREAD}, 88 <unfinished ...>
11 openat(AT_FDCWD, "/etc/passwd", O_RDONLY <unfinished ...>
10 <... clone3 resumed>) = 11
11 <... openat resumed>) = 4</etc/passwd>
10 openat(AT_FDCWD, "/etc/shadow", O_RDONLY) = -1 EACCES (Permission denied)
12 openat(AT_FDCWD, "/etc/group", O_RDONLY) = 5</etc/group>
"""


def test_a_file_that_a_caged_process_or_its_thread_opens_is_noticed(tmp_path):
    log = tmp_path / "calls"
    log.write_text(NOTED, encoding="utf-8")
    assert [call.file for call in caged_calls(calls_in(log)) if call.name in OPENING] == ["/etc/passwd"]


@pytest.mark.long
@pytest.mark.skipif(STRACE is None, reason="there is no strace here")
def test_under_strace_no_worker_opens_a_file_outside_its_area(service, canary, tmp_path):
    log = tmp_path / "calls"
    with traced(service.zygote.pid, log):
        for worker in service.workers():
            worker.kill()
        wait_until(service.is_healthy, seconds=60)
        attack_all(service, canary, SLACK_S)
        bomb_all(service, canary, SLACK_S)
    calls = caged_calls(calls_in(log))
    folders = GenerationFolders.of(service.settings.home)
    areas = (str(folders.folder(folders.current_id() or "")), str(Places.of(service.settings.home).spill))
    opened = {call.file for call in calls if call.name in OPENING}
    assert any(file.startswith(areas[0]) for file in opened)
    assert {file for file in opened if not is_allowed(file, areas)} == set()
    assert [call for call in calls if call.name in {"socket", "connect", "execve", "execveat", "link", "linkat"}] == []


def is_allowed(file: str, areas: tuple[str, ...]) -> bool:
    """Below the generation or a worker's own folder, or what DuckDB asks about memory and cores."""
    return file.startswith((*areas, "/sys/fs/cgroup/")) or bool(re.fullmatch(r"/proc/\d+/cgroup", file))

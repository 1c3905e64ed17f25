import random
import signal
import time

import pytest

from analytics_pipelines.web_events.intake.drain import spool_state
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.faults.collect_load import under_load
from analytics_pipelines_tests.faults.collecting import collecting, start_again
from analytics_pipelines_tests.faults.small_disks import small_disk

pytestmark = pytest.mark.fault
MIB = 2**20
SEEDS = [pytest.param(seed, marks=[pytest.mark.long] if seed >= 1 else [], id=f"moment {seed}") for seed in range(20)]
JUMPING = "analytics_pipelines_tests.faults.jumping_clock:create_app"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """One home for all kills: what an earlier one left behind is part of the trial."""
    folder = tmp_path_factory.mktemp("collect kills")
    with collecting(settings_in(folder / "home"), folder) as found:
        yield found


def some_time(seed: int) -> None:
    time.sleep(random.Random(seed).uniform(0.3, 1.5))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_api_loses_nothing_that_it_acknowledged(seed, home):
    with under_load(home.port, f"api-{seed}", seed) as load:
        some_time(seed)
        home.kill_api()
        home.start_api()
        some_time(seed + 1)
    assert load.broken > 0
    assert set(load.statuses) <= {200, 422}
    home.must_have_kept(load)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_postgresql_costs_no_event_and_no_error(seed, home):
    with under_load(home.port, f"postgres-{seed}", seed) as load:
        some_time(seed)
        home.kill_postgres()
        some_time(seed + 1)
        start_again(home.server)
        some_time(seed + 2)
    assert load.broken == 0
    assert set(load.statuses) <= {200, 422}
    home.must_have_kept(load)


@pytest.mark.parametrize("seconds", [pytest.param(3, id="3 s"), pytest.param(30, id="30 s", marks=pytest.mark.long)])
def test_while_postgresql_is_stopped_events_wait_in_the_spool(seconds, home):
    with under_load(home.port, f"stopped-{seconds}", seconds) as load:
        some_time(seconds)
        home.server.stop()
        time.sleep(seconds)
        state = spool_state(home.settings)
        assert state.pending > 0
        assert state.away_since is not None
        home.server.start()
        some_time(seconds)
    assert load.broken == 0
    assert set(load.statuses) <= {200, 422}
    home.must_have_kept(load)
    assert spool_state(home.settings).away_since is None


@pytest.mark.long
def test_when_everything_is_killed_at_once_nothing_acknowledged_is_lost(home):
    with under_load(home.port, "both", 1) as load:
        some_time(1)
        home.kill_postgres()
        some_time(2)
        home.kill_api()
        home.start_api()
        some_time(3)
        start_again(home.server)
        some_time(4)
    home.must_have_kept(load)


@pytest.mark.long
def test_an_api_that_is_asked_to_end_under_load_ends_well(home):
    with under_load(home.port, "term", 1) as load:
        some_time(1)
        assert home.end_api() in {0, -signal.SIGTERM}
        home.start_api()
        some_time(2)
    assert set(load.statuses) <= {200, 422}
    home.must_have_kept(load)


@pytest.mark.long
def test_two_workers_share_the_log_and_the_spool(tmp_path):
    with collecting(settings_in(tmp_path / "home"), tmp_path, workers=2) as home:
        with under_load(home.port, "two", 1) as load:
            some_time(1)
            home.kill_postgres()
            some_time(2)
            start_again(home.server)
            some_time(3)
        assert load.broken == 0
        assert set(load.statuses) <= {200, 422}
        home.must_have_kept(load)


@pytest.mark.long
def test_a_full_disk_under_the_spool_is_told_and_never_a_success(tmp_path):
    (tmp_path / "home").mkdir()
    with (
        small_disk(tmp_path / "home" / "spool", 6 * MIB),
        collecting(settings_in(tmp_path / "home"), tmp_path) as home,
    ):
        with under_load(home.port, "full", 1) as load:
            some_time(1)
            home.kill_postgres()
            deadline = time.monotonic() + 60
            while load.statuses[503] < 100:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            start_again(home.server)
            some_time(2)
        assert load.broken == 0
        assert set(load.statuses) <= {200, 422, 503}
        home.must_have_kept(load)


@pytest.mark.long
def test_a_clock_that_jumps_back_loses_nothing(tmp_path):
    with collecting(settings_in(tmp_path / "home"), tmp_path, app=JUMPING) as home:
        with under_load(home.port, "clock", 1) as load:
            time.sleep(4)
        assert load.broken == 0
        assert set(load.statuses) <= {200, 422}
        home.must_have_kept(load)
        assert len(home.days) == 2

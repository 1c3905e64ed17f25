import asyncio

import pytest

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.web_events.intake.drain import spool_state
from analytics_pipelines.web_events.intake.opening import open_intake
from analytics_pipelines.web_events.intake.receipts import Outcome
from analytics_pipelines.web_events.intake.spool import Spool, SpoolFull
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.web_events.intake.items import AT, held, must_balance, receipt, refusal, until
from analytics_pipelines_tests.web_events.intake.test_lanes import Door
from analytics_pipelines_tests.web_events.stored import failed_events


def opened(settings, door):
    return open_intake(settings, door, clock=lambda: AT)


def test_events_are_stored_while_the_server_answers(settings, database_urls, database):
    async def work():
        async with opened(settings, Door(database_urls.app)) as intake:
            return await intake.take([receipt("a"), refusal("f")])

    assert [taken.outcome for taken in asyncio.run(work())] == [Outcome.STORED, Outcome.REJECTED]
    assert not Spool.of(settings).exists
    must_balance(database)


def test_events_wait_on_the_disk_while_the_server_is_away_and_move_by_themselves(settings, database_urls, database):
    door = Door(None)

    async def work():
        async with opened(settings, door) as intake:
            taken = await intake.take([receipt("a"), refusal("f"), receipt("b", title="\ud800")])
            assert [each.outcome.value for each in taken] == ["accepted", "rejected", "accepted"]
            state = spool_state(settings)
            assert (state.pending, state.oldest_at, state.away_since) == (3, AT, AT)
            door.url = database_urls.app
            await until(lambda: spool_state(settings).pending == 0)
            assert spool_state(settings).away_since is None
            assert (await intake.take([receipt("a")]))[0].outcome is Outcome.DUPLICATE

    asyncio.run(work())
    assert held(database)[1] == {("s", "a")}
    must_balance(database)


def test_drained_events_of_sites_that_are_none_become_refusals(tmp_path, database_urls, database):
    settings = settings_in(tmp_path / "home", collect_auto_register_sites=False)
    door = Door(None)

    async def work():
        async with opened(settings, door) as intake:
            await intake.take([receipt("a")])
            door.url = database_urls.app
            await until(lambda: spool_state(settings).pending == 0)

    asyncio.run(work())
    assert [row["reason"] for row in failed_events(database)] == ["unknown_site"]
    must_balance(database)


def test_what_an_application_leaves_in_the_spool_the_next_one_stores(settings, database_urls, database):
    async def work(door, *items):
        async with opened(settings, door) as intake:
            if items:
                await intake.take(items)
            else:
                await until(lambda: spool_state(settings).pending == 0)

    asyncio.run(work(Door(None), receipt("a"), receipt("b")))
    assert spool_state(settings).pending == 2
    asyncio.run(work(Door(database_urls.app)))
    assert held(database)[1] == {("s", "a"), ("s", "b")}
    must_balance(database)


def test_at_the_end_everything_taken_is_on_the_disk(settings):
    async def work():
        async with opened(settings, Door(None)) as intake:
            tasks = [asyncio.ensure_future(intake.take([receipt(str(n))])) for n in range(20)]
            await asyncio.sleep(0)
        return [task.result()[0].outcome for task in tasks]

    assert asyncio.run(work()) == [Outcome.ACCEPTED] * 20
    assert spool_state(settings).pending == 20


def test_a_full_spool_is_an_error_and_never_a_success(tmp_path):
    settings = settings_in(tmp_path / "home", spool_max_bytes=1)

    async def work():
        async with opened(settings, Door(None)) as intake:
            with pytest.raises(SpoolFull):
                await intake.take([receipt("a")])

    asyncio.run(work())
    assert issubclass(SpoolFull, Unavailable)
    assert spool_state(settings).pending == 0

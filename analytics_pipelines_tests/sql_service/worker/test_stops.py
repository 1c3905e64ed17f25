"""Which came first: the answer's first byte or the wish to begin again; and what an interruption turns errors into."""

import pytest

from analytics_pipelines.sql_service.messages import StopReason
from analytics_pipelines.sql_service.worker.stops import Running, Stopped


@pytest.fixture
def running():
    return Running("q1")


def test_one_that_has_begun_makes_no_room(running):
    running.begin()
    running.stop(StopReason.LATER)
    running.check()
    running.stop(StopReason.TIMEOUT)
    with pytest.raises(Stopped):
        running.check()


def test_one_that_is_to_make_room_does_not_begin(running):
    running.stop(StopReason.LATER)
    with pytest.raises(Stopped) as raised:
        running.begin()
    assert raised.value.reason is StopReason.LATER
    assert not running.has_begun


@pytest.mark.parametrize(
    ("reasons", "kept"),
    [
        pytest.param((StopReason.LATER, StopReason.CANCELLED), StopReason.CANCELLED, id="an end outweighs a delay"),
        pytest.param((StopReason.CANCELLED, StopReason.LATER), StopReason.CANCELLED, id="and is not taken back"),
        pytest.param((StopReason.TIMEOUT, StopReason.CANCELLED), StopReason.TIMEOUT, id="of two ends the first"),
    ],
)
def test_of_two_reasons_one_holds(running, reasons, kept):
    for reason in reasons:
        running.stop(reason)
    with pytest.raises(Stopped) as raised:
        running.check()
    assert raised.value.reason is kept


def test_what_is_at_work_is_interrupted_and_nothing_else(running):
    calls = []
    running.interrupt()
    with running.stopping(lambda: calls.append(1)):
        running.interrupt()
        assert calls == []
        running.stop(StopReason.CANCELLED)
        running.interrupt()
    running.interrupt()
    assert calls == [1, 1]


def test_what_the_engine_says_of_an_interruption_is_not_told(running):
    with pytest.raises(Stopped), running.stopping(list):  # noqa: PT012 - one after the other
        running.stop(StopReason.CANCELLED)
        raise ValueError("interrupted")


def test_other_errors_pass(running):
    with pytest.raises(ValueError, match="mine"), running.stopping(list):
        raise ValueError("mine")


def test_nothing_starts_once_it_is_to_end(running):
    running.stop(StopReason.TIMEOUT)
    with pytest.raises(Stopped), running.stopping(list):
        pytest.fail("it ran")

"""Run requests: a state can only move on, and whoever asks again changes nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.operations.requests import (
    OPEN,
    State,
    UnknownRequest,
    Wish,
    advance,
    by_id,
    counts,
    create,
    newest,
    unfinished,
)

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
WISH = Wish(("core_web__events",), date(2026, 11, 1), date(2026, 11, 20))
ORDER = list(State)


def asked(database: Database, after_s: int = 0) -> str:
    return create(database, WISH, requested_by="anna", now=NOW + timedelta(seconds=after_s)).id


def test_a_new_request_is_kept_as_it_was_made(database: Database) -> None:
    made = create(database, WISH, requested_by="anna", now=NOW)
    assert by_id(database, made.id) == made
    assert (made.wish, made.state, made.run_id, made.error) == (WISH, State.NEW, None, None)
    assert (made.requested_by, made.requested_at, made.updated_at) == ("anna", NOW, NOW)


@pytest.mark.parametrize("given", ["", "nope", "0b9e3c1e-0000-0000-0000-000000000000", "'; DROP TABLE x --"])
def test_an_unknown_id_is_said_to_be_unknown(database: Database, given: str) -> None:
    with pytest.raises(UnknownRequest):
        by_id(database, given)


def test_the_list_shows_the_newest_first(database: Database) -> None:
    ids = [asked(database, after_s=second) for second in (2, 0, 1)]
    assert [request.id for request in newest(database, 2)] == [ids[0], ids[2]]
    assert [request.id for request in unfinished(database)] == [ids[1], ids[2], ids[0]]


@pytest.mark.parametrize("old", ORDER)
@pytest.mark.parametrize("new", ORDER[1:])
def test_a_state_is_only_left_for_a_later_one(database: Database, old: State, new: State) -> None:
    request_id = asked(database)
    if old is not State.NEW:
        assert advance(database, request_id, old, now=NOW, run_id="r1")
    may = old in OPEN and ORDER.index(new) > ORDER.index(old)
    later = NOW + timedelta(seconds=1)
    assert advance(database, request_id, new, now=later, run_id=None, error="e") is may
    found = by_id(database, request_id)
    assert (found.state, found.error, found.updated_at) == ((new, "e", later) if may else (old, None, NOW))
    assert found.run_id == (None if old is State.NEW else "r1")


def test_a_closed_request_is_not_unfinished(database: Database) -> None:
    request_id = asked(database)
    advance(database, request_id, State.SUCCEEDED, now=NOW, run_id="r1")
    assert unfinished(database) == []


def test_an_unknown_request_is_not_moved(database: Database) -> None:
    assert not advance(database, "nope", State.QUEUED, now=NOW, run_id="r1")


def test_every_state_is_counted(database: Database) -> None:
    asked(database)
    advance(database, asked(database), State.FAILED, now=NOW, run_id=None)
    assert counts(database) == dict.fromkeys(State, 0) | {State.NEW: 1, State.FAILED: 1}

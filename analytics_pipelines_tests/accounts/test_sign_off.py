"""Logging out ends one token or all, and leaves no rows behind."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from analytics_pipelines.accounts.access_tokens import LEEWAY
from analytics_pipelines.accounts.sign_off import log_out, revoke_all, sweep_revoked
from analytics_pipelines.accounts.tables import REVOKED_TOKENS, USERS
from analytics_pipelines.foundation.postgres.acting import Duty, acting_for, on_duty

LATER = datetime(2999, 1, 1, tzinfo=UTC)


def revoked(database):
    with database.reading() as connection:
        on_duty(connection, Duty.SWEEP)
        return sorted(connection.execute(sa.select(REVOKED_TOKENS.c.jti)).scalars())


def test_a_token_is_logged_out_once_however_often(database, ada):
    for _ in range(2):
        log_out(database, ada.id, "a", LATER)
    assert revoked(database) == ["a"]


def test_ids_are_kept_until_their_tokens_have_ended_for_the_slowest_clock(database, ada, bob):
    now = datetime.now(UTC)
    log_out(database, bob.id, "ended", now - LEEWAY - timedelta(seconds=1))
    log_out(database, bob.id, "in its last seconds", now - LEEWAY + timedelta(seconds=60))
    log_out(database, ada.id, "good", LATER)
    assert revoked(database) == ["good", "in its last seconds"]
    assert sweep_revoked(database) == 0


def test_all_tokens_of_a_user_end_by_the_version(database, ada, bob):
    revoke_all(database, ada.id)
    versions = {}
    for user in (ada, bob):
        with database.reading() as connection:
            acting_for(connection, user.id)
            versions[user.username] = connection.execute(sa.select(USERS.c.token_version)).scalar_one()
    assert versions == {"ada": 2, "bob": 1}

"""Row-level security: who connects as the API's role sees only the rows of whom it acts for, whatever the code asks."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from analytics_pipelines.accounts.sign_off import log_out
from analytics_pipelines.accounts.tables import REVOKED_TOKENS, USERS
from analytics_pipelines.accounts.users import Role, named
from analytics_pipelines.foundation.postgres.acting import Duty, acting_for, on_duty
from analytics_pipelines_tests.accounts.conftest import made

LATER = datetime(2999, 1, 1, tzinfo=UTC)
ROLE = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
OWNED = "SELECT count(*) FROM pg_class WHERE relnamespace = 'accounts'::regnamespace AND pg_has_role(relowner, 'USAGE')"
GUARDED = """
SELECT relname FROM pg_class
WHERE relnamespace = 'accounts'::regnamespace AND relkind = 'r' AND relrowsecurity AND relforcerowsecurity
"""


@pytest.fixture(autouse=True)
def everybody(database, ada, bob):
    for user in (ada, bob):
        log_out(database, user.id, "token of " + user.username, LATER)


def names(connection):
    return sorted(connection.execute(sa.select(USERS.c.username)).scalars())


def tokens(connection):
    return sorted(connection.execute(sa.select(REVOKED_TOKENS.c.jti)).scalars())


def test_the_role_of_the_api_neither_owns_the_tables_nor_passes_by_their_policies(database):
    with database.reading() as connection:
        assert connection.execute(sa.text(ROLE)).scalar_one() is False
        assert connection.execute(sa.text(OWNED)).scalar_one() == 0
        assert set(connection.execute(sa.text(GUARDED)).scalars()) >= {"users", "revoked_tokens"}


def test_nobody_in_particular_sees_nothing(database):
    with database.reading() as connection:
        assert (names(connection), tokens(connection)) == ([], [])


def test_a_forgotten_condition_shows_only_ones_own(database, ada):
    with database.reading() as connection:
        acting_for(connection, ada.id)
        assert (names(connection), tokens(connection)) == (["ada"], ["token of ada"])


def test_a_forgotten_condition_changes_only_ones_own(database, ada):
    with database.writing() as connection:
        acting_for(connection, ada.id)
        assert connection.execute(sa.update(USERS).values(full_name="everybody")).rowcount == 1
        assert connection.execute(sa.delete(REVOKED_TOKENS)).rowcount == 1
        assert connection.execute(sa.delete(USERS)).rowcount == 1
    with database.reading() as connection:
        on_duty(connection, Duty.MANAGE_USERS)
        assert names(connection) == ["bob"]


def test_for_whom_it_acted_is_forgotten_with_the_transaction(database, ada):
    for _ in range(20):
        with database.reading() as connection:
            acting_for(connection, ada.id)
        with database.reading() as connection:
            assert names(connection) == []


@pytest.mark.parametrize("user_id", ["", "%", "' OR true --"])
def test_an_id_that_is_none_shows_nothing(database, user_id):
    with database.reading() as connection:
        acting_for(connection, user_id)
        assert (names(connection), tokens(connection)) == ([], [])


@pytest.mark.parametrize(
    ("duty", "users", "revoked"),
    [
        pytest.param(Duty.SIGN_IN, ["ada", "bob"], [], id="who signs somebody in sees the users"),
        pytest.param(Duty.MANAGE_USERS, ["ada", "bob"], [], id="who manages users too"),
        pytest.param(Duty.SWEEP, [], ["token of ada", "token of bob"], id="who sweeps sees revoked tokens"),
        pytest.param(Duty.AUDIT, [], [], id="who audits sees neither"),
    ],
)
def test_a_duty_shows_what_it_needs(database, duty, users, revoked):
    with database.reading() as connection:
        on_duty(connection, duty)
        assert (names(connection), tokens(connection)) == (users, revoked)


def test_who_signs_in_or_sweeps_can_neither_change_users_nor_make_tokens_good_again(database):
    for duty in (Duty.SIGN_IN, Duty.SWEEP, Duty.AUDIT):
        with database.writing() as connection:
            on_duty(connection, duty)
            assert connection.execute(sa.update(USERS).values(role="admin")).rowcount == 0
            assert connection.execute(sa.delete(USERS)).rowcount == 0
            assert connection.execute(sa.delete(REVOKED_TOKENS)).rowcount == 0


def test_what_registers_people_can_not_make_an_admin(database, ada):
    row = {
        "id": "x",
        "email": "x@example.com",
        "username": "x",
        "hashed_password": "",
        "is_active": True,
        "created_at": ada.created_at,
        "role": Role.ADMIN.value,
        "token_version": 1,
        "password_changed_at": ada.created_at,
    }
    with database.writing() as connection:
        on_duty(connection, Duty.SIGN_IN)
        with pytest.raises(ProgrammingError, match="row-level security"):
            connection.execute(sa.insert(USERS).values(row))


def test_a_token_can_not_be_revoked_in_the_name_of_another(database, ada, bob):
    row = {"jti": "j", "user_id": bob.id, "expires_at": LATER}
    with database.writing() as connection:
        acting_for(connection, ada.id)
        with pytest.raises(ProgrammingError, match="row-level security"):
            connection.execute(sa.insert(REVOKED_TOKENS).values(row))


def test_the_owner_of_the_tables_is_held_by_the_policies_too(owner_database):
    with owner_database.writing() as connection:
        on_duty(connection, Duty.MANAGE_USERS)
        at = datetime.now(UTC) - timedelta(days=1)
        connection.execute(
            sa.insert(USERS).values(
                id="x",
                email="x@example.com",
                username="x",
                hashed_password="",
                is_active=True,
                created_at=at,
                role="viewer",
                token_version=1,
                password_changed_at=at,
            )
        )
    with owner_database.reading() as connection:
        assert names(connection) == []


@pytest.mark.parametrize("identifier", ["ada", "ada@example.com"])
def test_who_logs_in_is_found_by_an_index_though_policies_stand_before_it(database, identifier):
    with database.reading() as connection:
        on_duty(connection, Duty.SIGN_IN)
        connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
        found = sa.select(USERS.c.id).where(named(identifier)).compile(connection)
        plan = connection.exec_driver_sql("EXPLAIN " + str(found), found.params).scalars().all()
    assert plan[0].startswith("Index Scan")


def test_deleting_a_user_takes_the_tokens_along(database, ada):
    with database.writing() as connection:
        acting_for(connection, ada.id)
        connection.execute(sa.delete(USERS))
    with database.reading() as connection:
        on_duty(connection, Duty.SWEEP)
        assert tokens(connection) == ["token of bob"]


def test_a_made_user_is_seen_by_the_next_transaction_alone_that_may(database):
    carol = made(database, "carol")
    with database.reading() as connection:
        acting_for(connection, carol.id)
        assert names(connection) == ["carol"]

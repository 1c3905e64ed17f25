"""The second wall: what PostgreSQL itself shows the role of the API, also where a query says nothing of the user."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_pipelines.datasets.kept.analyses import record
from analytics_pipelines.datasets.kept.running import start_running
from analytics_pipelines.datasets.kept.transactions import reading_for, writing_for
from analytics_pipelines.datasets.tables import ANALYSES, DATASETS, PLAN_AUDIT, RUNNING_PLANS
from analytics_pipelines.foundation.postgres.acting import Duty, acting_for
from analytics_pipelines.foundation.postgres.failures import RightMissing
from analytics_pipelines_tests.datasets.kept.examples import NOW, executed, kept
from analytics_pipelines_tests.datasets.kept.interleaving import STEPS, Play

TABLES = [DATASETS, ANALYSES, PLAN_AUDIT, RUNNING_PLANS]
WHO = {"id": "x", "user_id": "y", "subject": "z"}
SOMETHING = {
    "datasets": {"id": "x", "user_id": "y", "session_id": "z", "filename": "f", "file_path": "p", "row_count": 1}
    | {"column_count": 1, "columns": [], "column_types": {}, "uploaded_at": NOW, "expires_at": NOW + timedelta(1)}
    | {"profile": {}, "sha256": "s", "parquet_bytes": 1},
    "analyses": WHO | {"execution_time_ms": 1, "success": True, "executed_at": NOW},
    "plan_audit": WHO | {"username": "u", "outcome": "failed", "duration_ms": 1, "recorded_at": NOW},
    "running_plans": WHO | {"plan_hash": "h", "started_at": NOW},
}
UNGUARDED = {table.name: "ALTER TABLE accounts." + table.name + " NO FORCE ROW LEVEL SECURITY" for table in TABLES}


@pytest.fixture
def filled(database, anna, berta) -> dict[str, str]:
    """For both users a dataset, an analysis of it and one of a table, and a plan that runs: the datasets' ids."""
    found = {}
    for user_id in (anna, berta):
        mine = kept(database, user_id, days_ago=1)
        record(database, executed(user_id, mine))
        record(database, executed(user_id))
        start_running(database, user_id, subject=mine.session_id, plan_hash="ef" * 32, at=NOW)
        found[user_id] = mine.id
    return found


def owners(connection: sa.Connection, table: sa.Table) -> list[str]:
    """Whose rows a query sees that says nothing of users."""
    return sorted(connection.execute(sa.select(table.c.user_id)).scalars())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_who_acts_for_nobody_sees_nothing(filled, database, owner_database, table):
    for each in (database, owner_database):
        with each.reading() as connection:
            assert owners(connection, table) == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_forgotten_condition_shows_ones_own_rows_alone(filled, database, anna, table):
    with reading_for(database, anna) as connection:
        assert set(owners(connection, table)) == {anna}
    with reading_for(database, "") as connection:
        assert owners(connection, table) == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_it_is_the_policies_that_hide_the_rows(filled, owner_database, anna, berta, table):
    with owner_database.engine.connect() as connection, connection.begin() as transaction:
        acting_for(connection, anna)
        connection.execute(sa.text(UNGUARDED[table.name]))
        assert {anna, berta} <= set(owners(connection, table))
        transaction.rollback()


@pytest.mark.parametrize("table", [DATASETS, ANALYSES, RUNNING_PLANS], ids=lambda table: table.name)
def test_a_forgotten_condition_changes_ones_own_rows_alone(filled, database, anna, berta, table):
    with writing_for(database, anna) as connection:
        mine = len(owners(connection, table))
        assert connection.execute(sa.delete(table)).rowcount == mine
    with reading_for(database, berta) as connection:
        assert len(owners(connection, table)) == mine


@pytest.mark.parametrize("table", [DATASETS, ANALYSES, RUNNING_PLANS], ids=lambda table: table.name)
def test_no_row_is_made_or_handed_over_to_another(filled, database, anna, berta, table):
    with pytest.raises(RightMissing), writing_for(database, anna) as connection:
        connection.execute(sa.update(table).values(user_id=berta))


def test_no_analysis_hangs_on_the_dataset_of_another(filled, database, anna, berta):
    refused = pytest.raises(sa.exc.IntegrityError, match="analyses_dataset_id_user_id_fkey")
    with refused, writing_for(database, anna) as connection:
        connection.execute(sa.update(ANALYSES).values(dataset_id=filled[berta]))


def test_for_whom_one_acts_ends_with_the_transaction(filled, database, anna):
    with reading_for(database, anna) as connection:
        backend = connection.execute(sa.select(sa.func.pg_backend_pid())).scalar()
    with database.reading() as connection:
        assert connection.execute(sa.select(sa.func.pg_backend_pid())).scalar() == backend
        assert owners(connection, DATASETS) == []


@pytest.mark.parametrize("duty", Duty)
def test_a_duty_sees_what_it_needs_and_no_more(filled, database, anna, berta, duty):
    seen = {Duty.SWEEP: [DATASETS, ANALYSES, RUNNING_PLANS], Duty.AUDIT: [PLAN_AUDIT]}.get(duty, [])
    with reading_for(database, duty) as connection:
        for table in TABLES:
            found = owners(connection, table)
            assert {anna, berta} <= set(found) if table in seen else found == [], table.name
        if ANALYSES in seen:
            assert connection.execute(sa.select(ANALYSES).where(ANALYSES.c.dataset_id.is_not(None))).all() == []


def test_the_sweep_deletes_no_dataset_before_its_time_and_no_analysis_of_one(filled, database, anna):
    kept(database, anna, days_ago=31)
    with writing_for(database, Duty.SWEEP) as connection:
        assert connection.execute(sa.delete(DATASETS)).rowcount == 1
        assert connection.execute(sa.delete(ANALYSES)).rowcount >= 2
    with reading_for(database, anna) as connection:
        assert len(owners(connection, DATASETS)) == len(owners(connection, ANALYSES)) == 1


@pytest.mark.parametrize("duty", Duty)
def test_no_duty_adds_or_changes_a_row(filled, database, duty):
    refused = pytest.raises(sa.exc.DBAPIError, match=r"row-level security|only ever added")
    for table in TABLES:
        is_seen = duty is Duty.SWEEP and table in {ANALYSES, RUNNING_PLANS}
        with writing_for(database, duty) as connection:
            with refused if is_seen or table is PLAN_AUDIT else nullcontext(), connection.begin_nested():
                changed = connection.execute(sa.update(table).values(user_id=table.c.user_id))
                assert changed.rowcount == 0
            with pytest.raises(sa.exc.DBAPIError, match="row-level security"), connection.begin_nested():
                connection.execute(sa.insert(table).values(SOMETHING[table.name]))


@pytest.fixture
def play(database, folders) -> Play:
    return Play(database, folders)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(st.lists(STEPS, min_size=4, max_size=14))
def test_however_two_users_calls_interleave_neither_sees_the_others(play, steps):
    play.through(steps)


@pytest.mark.long
def test_however_two_users_calls_interleave_neither_sees_the_others_at_length(play):
    @settings(max_examples=150, deadline=None, database=None)
    @given(st.lists(STEPS, min_size=4, max_size=40))
    def holds(steps: list[tuple[str, int, int]]) -> None:
        play.through(steps)

    holds()

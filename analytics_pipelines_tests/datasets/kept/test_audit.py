"""The audit: entries are added, read by who may, and never change, whoever asks for it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from analytics_pipelines.datasets.kept.analyses import record
from analytics_pipelines.datasets.kept.audit import Asked, audit_of, audit_of_all
from analytics_pipelines.datasets.kept.transactions import writing_for
from analytics_pipelines.datasets.tables import PLAN_AUDIT
from analytics_pipelines.foundation.postgres.failures import RightMissing
from analytics_pipelines_tests.datasets.kept.examples import NOW, executed, kept, removed_user

TRUNCATE = sa.text("TRUNCATE accounts.plan_audit")
CHANGES = [
    pytest.param(sa.update(PLAN_AUDIT).values(outcome="succeeded"), id="update"),
    pytest.param(sa.update(PLAN_AUDIT).where(sa.false()).values(outcome="failed"), id="update of nothing"),
    pytest.param(sa.delete(PLAN_AUDIT), id="delete"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_no_entry_is_changed_or_deleted_by_its_user_or_by_the_owner_of_the_table(
    database, owner_database, anna, change
):
    record(database, executed(anna))
    before = audit_of_all(database)
    assert before
    for each in (database, owner_database):
        with pytest.raises(sa.exc.DBAPIError, match="only ever added"), writing_for(each, anna) as connection:
            connection.execute(change)
    assert audit_of_all(database) == before


def test_the_audit_can_not_be_emptied(database, owner_database, anna):
    record(database, executed(anna))
    with pytest.raises(sa.exc.DBAPIError, match="only ever added"), writing_for(owner_database, anna) as connection:
        connection.execute(TRUNCATE)
    assert len(audit_of(database, anna)) == 1


def test_nobody_adds_an_entry_in_the_name_of_another(database, anna, berta):
    record(database, executed(anna))
    row = audit_of(database, anna)[0]
    forged = {"id": "x", "user_id": berta, "username": "berta", "subject": "s", "outcome": "failed", "duration_ms": 1}
    with pytest.raises(RightMissing), writing_for(database, anna) as connection:
        connection.execute(sa.insert(PLAN_AUDIT).values(forged | {"recorded_at": row.recorded_at}))


def test_the_audit_survives_datasets_and_users(database, anna, berta):
    ids = [record(database, executed(user_id, kept(database, user_id))) for user_id in (anna, berta)]
    removed_user(database, anna)
    assert {each.id for each in audit_of_all(database)} >= set(ids)
    assert [each.username for each in audit_of(database, anna)] == ["anna"]


def test_one_sees_ones_own_entries_and_auditors_see_all(database, anna, berta):
    mine, theirs = record(database, executed(anna)), record(database, executed(berta, username="berta"))
    assert [each.id for each in audit_of(database, anna)] == [mine]
    assert {each.id for each in audit_of_all(database)} >= {mine, theirs}


def test_entries_are_asked_for_by_time_newest_first(database, anna):
    times = [NOW + timedelta(minutes=minute) for minute in range(4)]
    ids = [record(database, executed(anna, executed_at=at)) for at in times]

    def asked(**given: object) -> list[int]:
        return [ids.index(each.id) for each in audit_of(database, anna, Asked(**given))]

    assert asked() == [3, 2, 1, 0]
    assert asked(since=times[1]) == [3, 2, 1]
    assert asked(until=times[1]) == [0]
    assert asked(since=times[1], until=times[3], limit=1) == [2]

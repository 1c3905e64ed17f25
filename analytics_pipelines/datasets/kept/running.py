"""Plans that run now, so that any worker of the API can ask for the end of one that another runs."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from analytics_pipelines.datasets.folders import is_id, new_id
from analytics_pipelines.datasets.kept.storable import MOST_NAME_CHARACTERS, storable_text
from analytics_pipelines.datasets.kept.transactions import reading_for, writing_for
from analytics_pipelines.datasets.tables import RUNNING_PLANS
from analytics_pipelines.foundation.errors import NotFound
from analytics_pipelines.foundation.postgres.database import Database

COLUMNS = RUNNING_PLANS.c


class NoSuchRun(NotFound):
    """No plan of this caller's runs under that id; it may have ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningPlan:
    """A plan that runs, and since when."""

    id: str
    subject: str
    plan_hash: str
    started_at: datetime
    cancel_asked_at: datetime | None


def start_running(database: Database, user_id: str, *, subject: str, plan_hash: str, at: datetime) -> str:
    """The id under which the plan can be cancelled until `end_running`; raises `Unavailable`."""
    row = {"id": new_id(), "user_id": user_id, "subject": storable_text(subject, MOST_NAME_CHARACTERS)}
    with writing_for(database, user_id) as connection:
        connection.execute(sa.insert(RUNNING_PLANS).values(row | {"plan_hash": plan_hash, "started_at": at}))
    return row["id"]


def ask_to_cancel(database: Database, user_id: str, run_id: str, *, at: datetime) -> None:
    """Ask whoever runs the plan to stop it, once or again; raises `NoSuchRun`."""
    asked_at = sa.func.coalesce(COLUMNS.cancel_asked_at, at)
    ask = sa.update(RUNNING_PLANS).where(COLUMNS.user_id == user_id, COLUMNS.id == run_id)
    with writing_for(database, user_id) as connection:
        if not is_id(run_id) or not connection.execute(ask.values(cancel_asked_at=asked_at)).rowcount:
            raise NoSuchRun("No such plan is running.", remedy="It may have ended; the history tells what came of it.")


def is_cancelled(database: Database, user_id: str, run_id: str) -> bool:
    """Whether the plan is to stop: somebody asked for it, or its user is gone."""
    still = sa.select(sa.true()).where(
        COLUMNS.user_id == user_id, COLUMNS.id == run_id, COLUMNS.cancel_asked_at.is_(None)
    )
    with reading_for(database, user_id) as connection:
        return connection.execute(still).scalar() is None


def end_running(database: Database, user_id: str, run_id: str) -> None:
    """Say that the plan runs no more, whatever came of it."""
    ended = sa.delete(RUNNING_PLANS).where(COLUMNS.user_id == user_id, COLUMNS.id == run_id)
    with writing_for(database, user_id) as connection:
        connection.execute(ended)


def running_of(database: Database, user_id: str) -> list[RunningPlan]:
    """The user's plans that run now, oldest first."""
    shown = COLUMNS.id, COLUMNS.subject, COLUMNS.plan_hash, COLUMNS.started_at, COLUMNS.cancel_asked_at
    own = sa.select(*shown).where(COLUMNS.user_id == user_id).order_by(COLUMNS.started_at, COLUMNS.id)
    with reading_for(database, user_id) as connection:
        return [RunningPlan(**row) for row in connection.execute(own).mappings()]

"""Users, datasets and executions as tests need them."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from analytics_pipelines.accounts.tables import USERS
from analytics_pipelines.datasets.evidence import ColumnEvidence, ColumnKind
from analytics_pipelines.datasets.folders import Folders, new_id
from analytics_pipelines.datasets.kept.analyses import Execution
from analytics_pipelines.datasets.kept.audit import Outcome
from analytics_pipelines.datasets.kept.datasets import DatasetInFull, NewDataset, add_dataset
from analytics_pipelines.foundation.postgres.acting import Duty, on_duty
from analytics_pipelines.foundation.postgres.database import Database

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PRICE = ColumnEvidence(
    name="price, in €", kind=ColumnKind.NUMBER, type="DOUBLE", nulls=1, distinct=3, least=1.5, most=9.25, mean=4.0
)
REGION = ColumnEvidence(
    name='re"gion', kind=ColumnKind.TEXT, type="VARCHAR", nulls=0, distinct=2, examples=("north", "=south")
)
PLAN = {"operation": "mean", "target_column": "price", "group_by": ["region"]}


def made_user(database: Database) -> str:
    """The id of a new user."""
    user_id = new_id()
    name = "user-" + user_id
    row = {
        "id": user_id,
        "email": name + "@example.com",
        "username": name,
        "hashed_password": "none",
        "is_active": True,
        "created_at": NOW,
        "role": "analyst",
        "token_version": 1,
        "password_changed_at": NOW,
    }
    with database.writing() as connection:
        on_duty(connection, Duty.MANAGE_USERS)
        connection.execute(sa.insert(USERS).values(row))
    return user_id


def removed_user(database: Database, user_id: str) -> None:
    """Delete the user as its own room does, without a thought for this one."""
    with database.writing() as connection:
        on_duty(connection, Duty.MANAGE_USERS)
        assert connection.execute(sa.delete(USERS).where(USERS.c.id == user_id)).rowcount == 1


def described(**given: object) -> NewDataset:
    """What reading a small upload tells."""
    told = {"id": new_id(), "filename": "sales.csv", "row_count": 4, "evidence": (PRICE, REGION), "sha256": "ab" * 32}
    return NewDataset(**(told | {"parquet_bytes": 100} | given))


def kept(database: Database, user_id: str, *, days_ago: float = 0, keep_days: int = 30, **given) -> DatasetInFull:
    """A dataset that was uploaded some time ago, by its row alone."""
    then = datetime.now(UTC) - timedelta(days=days_ago)
    return add_dataset(database, user_id, described(**given), keep_days=keep_days, clock=lambda: then)


def put_files(folders: Folders, dataset: DatasetInFull, content: bytes = b"rows") -> None:
    """The dataset's file, which its row says is there."""
    with folders.staging() as folder:
        (folder / "made").write_bytes(content)
        folders.publish(dataset.place, data=folder / "made")


def executed(user_id: str, dataset: DatasetInFull | None = None, **given: object) -> Execution:
    """A plan that was run over the dataset, or over a table of the lake."""
    told = {
        "user_id": user_id,
        "username": "anna",
        "subject": dataset.session_id if dataset else "out_web__daily_metrics",
        "session_id": dataset.session_id if dataset else None,
        "dataset_id": dataset.id if dataset else None,
        "plan": PLAN,
        "plan_hash": "cd" * 32,
        "operation": "mean",
        "outcome": Outcome.SUCCEEDED,
        "executed_at": NOW,
        "execution_time_ms": 12.5,
        "result": {"rows": [["north", 4.25]]},
        "row_count": 4,
        "filtered_row_count": 3,
    }
    return Execution(**(told | given))

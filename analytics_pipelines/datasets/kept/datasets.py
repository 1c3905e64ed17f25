"""Datasets of users: added once their files are in place, found by their session, gone for all others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from analytics_pipelines.datasets.evidence import ColumnEvidence
from analytics_pipelines.datasets.folders import Folders, Place, is_id, new_id
from analytics_pipelines.datasets.kept.evidence_json import evidence_from_json, evidence_to_json
from analytics_pipelines.datasets.kept.storable import MOST_NAME_CHARACTERS, storable_json, storable_text
from analytics_pipelines.datasets.kept.transactions import reading_for, writing_for
from analytics_pipelines.datasets.tables import DATASETS
from analytics_pipelines.foundation.clock import Clock, now
from analytics_pipelines.foundation.errors import AnalyticsError, NotFound
from analytics_pipelines.foundation.postgres.database import Database

MOST_LISTED = 1000
COLUMNS = DATASETS.c
LISTED = tuple(column for column in COLUMNS if column.name not in {"file_path", "profile"})
log = structlog.get_logger(__name__)


class NoSuchDataset(NotFound):
    """No dataset has this session, or not for this caller, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDataset:
    """What reading an upload told, of files that lie in the dataset's folder already."""

    id: str
    filename: str
    row_count: int
    evidence: tuple[ColumnEvidence, ...]
    sha256: str
    parquet_bytes: int
    has_original: bool = False
    reading: Mapping[str, Any] = field(default_factory=dict)
    """How the file was read: encoding, delimiter, lines that were left out…"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A dataset as lists show it; a column's kind stands under its name."""

    id: str
    user_id: str
    session_id: str
    filename: str
    row_count: int
    column_count: int
    columns: list[str]
    column_types: dict[str, str]
    uploaded_at: datetime
    expires_at: datetime
    sha256: str
    """Of its Parquet file."""
    parquet_bytes: int
    has_original: bool

    @property
    def place(self) -> Place:
        """Where its files lie."""
        return Place(self.user_id, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetInFull(Dataset):
    """A dataset with the evidence for its columns."""

    evidence: tuple[ColumnEvidence, ...]
    reading: Mapping[str, Any]


def add_dataset(
    database: Database, user_id: str, new: NewDataset, *, keep_days: int, clock: Clock = now
) -> DatasetInFull:
    """The dataset, from now on the user's, under a session of its own until it expires.

    Raises `Unavailable`; then the row may be missing, and the sweep removes the files.
    """
    row = _row(user_id, new, clock(), timedelta(days=keep_days))
    with writing_for(database, user_id) as connection:
        added = connection.execute(sa.insert(DATASETS).values(row).returning(*LISTED, COLUMNS.profile))
        return _in_full(added.mappings().one())


def datasets_of(
    database: Database, user_id: str, *, limit: int = MOST_LISTED, offset: int = 0, clock: Clock = now
) -> list[Dataset]:
    """The user's datasets that have not expired, newest first."""
    order = COLUMNS.uploaded_at.desc(), COLUMNS.id
    own = sa.select(*LISTED).where(COLUMNS.user_id == user_id, COLUMNS.expires_at > clock())
    with reading_for(database, user_id) as connection:
        rows = connection.execute(own.order_by(*order).limit(limit).offset(offset)).mappings()
        return [Dataset(**row) for row in rows]


def dataset(database: Database, user_id: str, session_id: str, *, clock: Clock = now) -> DatasetInFull:
    """The user's dataset of that session.

    Raises `NoSuchDataset` alike for what never was, is another's, or has expired.
    """
    with reading_for(database, user_id) as connection:
        return _in_full(found_dataset(connection, user_id, session_id, clock(), *LISTED, COLUMNS.profile))


def delete_dataset(database: Database, folders: Folders, user_id: str, session_id: str) -> None:
    """Remove the dataset, its analyses and its files; the audit stays. Raises `NoSuchDataset`, `Unavailable`.

    Files that can not be removed now are left to the sweep.
    """
    own = sa.and_(COLUMNS.user_id == user_id, COLUMNS.session_id == _checked(session_id))
    with writing_for(database, user_id) as connection:
        deleted = connection.execute(sa.delete(DATASETS).where(own).returning(COLUMNS.id)).scalar_one_or_none()
    if deleted is None:
        raise no_such_dataset()
    try:
        folders.remove(Place(user_id, deleted))
    except (OSError, AnalyticsError) as error:
        log.warning("files of a deleted dataset are left to the sweep", dataset=deleted, error=str(error))


def found_dataset(
    connection: sa.Connection, user_id: str, session_id: str, at: datetime, *columns: "sa.Column[Any]"
) -> sa.RowMapping:
    """These columns of the dataset, for those who look within a transaction of theirs; raises `NoSuchDataset`."""
    own = COLUMNS.user_id == user_id, COLUMNS.session_id == _checked(session_id), COLUMNS.expires_at > at
    found = connection.execute(sa.select(*columns).where(*own)).mappings().one_or_none()
    if found is None:
        raise no_such_dataset()
    return found


def no_such_dataset() -> NoSuchDataset:
    """The one answer to whoever asks for what is not there, or not theirs."""
    return NoSuchDataset("There is no such dataset.", remedy="GET /api/analytics/datasets lists yours.")


def _checked(session_id: str) -> str:
    """What is spelt otherwise is no session, and may hold what PostgreSQL takes in no value."""
    if not is_id(session_id):
        raise no_such_dataset()
    return session_id


def _row(user_id: str, new: NewDataset, at: datetime, life: timedelta) -> dict[str, object]:
    names = [each.name for each in new.evidence]
    return {
        "id": new.id,
        "user_id": user_id,
        "session_id": new_id(),
        "filename": storable_text(new.filename, MOST_NAME_CHARACTERS),
        "file_path": Place(user_id, new.id).path,
        "row_count": new.row_count,
        "column_count": len(names),
        "columns": names,
        "column_types": {each.name: each.kind.value for each in new.evidence},
        "uploaded_at": at,
        "expires_at": at + life,
        "profile": {
            "columns": [evidence_to_json(each) for each in new.evidence],
            "reading": storable_json(new.reading) or {},
        },
        "sha256": new.sha256,
        "parquet_bytes": new.parquet_bytes,
        "has_original": new.has_original,
    }


def _in_full(row: sa.RowMapping) -> DatasetInFull:
    known: dict[str, Any] = dict(row)
    profile = known.pop("profile")
    evidence = tuple(evidence_from_json(each) for each in profile["columns"])
    return DatasetInFull(**known, evidence=evidence, reading=profile["reading"])

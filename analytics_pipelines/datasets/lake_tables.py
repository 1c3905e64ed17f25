"""The lake's published tables as subjects of plans."""

from analytics_pipelines.datasets.evidence import kind_of
from analytics_pipelines.datasets.subject import Reading, Subject, SubjectColumn, SubjectKind
from analytics_pipelines.foundation.errors import NotFound
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.generation.description import TableFiles


class NoSuchTable(NotFound):
    """No table of that name is published."""


def published_subjects(lease: Lease) -> list[Subject]:
    """Every table that the lease serves, by name; those that only speed answers up are left out."""
    return [_subject(lease, each) for each in lease.generation.tables]


def subject_of_table(lease: Lease, table: str) -> Subject:
    """The table's rows as of the lease; raises `NoSuchTable`."""
    found = next((each for each in lease.generation.tables if each.name == table), None)
    if found is None:
        raise NoSuchTable("No table of that name is published.", remedy="GET /api/analytics/tables lists them.")
    return _subject(lease, found)


def reading_of_table(lease: Lease, table: str) -> Reading:
    """How another process reads them, for as long as the lease is held."""
    query, attached = lease.from_outside(table)
    return Reading(query=query.text, attached=attached, reads=(str(lease.folder),))


def _subject(lease: Lease, table: TableFiles) -> Subject:
    return Subject(
        name=table.name,
        kind=SubjectKind.TABLE,
        columns=tuple(_column(each.name, each.type, table.personal) for each in table.columns),
        row_count=table.rows,
        fingerprint=lease.id + ":" + table.name,
        generation=lease.id,
    )


def _column(name: str, kind: str, personal: tuple[str, ...] | None) -> SubjectColumn:
    """Where a generation does not say which columns tell of persons, each might."""
    is_personal = personal is None or name in personal
    return SubjectColumn(name=name, type=kind, kind=kind_of(kind), is_personal=is_personal)

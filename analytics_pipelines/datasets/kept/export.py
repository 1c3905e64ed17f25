"""Audit and history as files: JSON lines for programs, CSV for spreadsheets, which can not run as a formula."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import UTC, datetime

from analytics_pipelines.datasets.kept.analyses import Analysis
from analytics_pipelines.datasets.kept.audit import AuditEntry
from analytics_pipelines.foundation.spreadsheets import csv_lines

Record = Analysis | AuditEntry
PICTURES = frozenset({"chart_data", "chart_spec"})
"""No part of a table; each is told by what it was drawn from."""


def names_of(kind: type[Record]) -> list[str]:
    """The columns of an export, in order."""
    return [field.name for field in fields(kind) if field.name not in PICTURES]


def json_lines(kind: type[Record], records: Iterable[Record]) -> Iterator[str]:
    """An object a line; times in ISO 8601, in UTC."""
    names = names_of(kind)
    for record in records:
        yield _json({name: _plain(getattr(record, name)) for name in names}) + "\n"


def csv_of(kind: type[Record], records: Iterable[Record]) -> Iterator[str]:
    """The lines of a CSV file with a header; plans and results as JSON in their cell."""
    names = names_of(kind)
    return csv_lines(names, ([_cell(getattr(record, name)) for name in names] for record in records))


def _cell(value: object) -> object:
    plain = _plain(value)
    return _json(plain) if isinstance(plain, dict | list | bool) else plain


def _plain(value: object) -> object:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

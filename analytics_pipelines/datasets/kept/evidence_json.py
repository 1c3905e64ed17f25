"""Evidence for columns as JSON in the database, and back."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from analytics_pipelines.datasets.evidence import ColumnEvidence, ColumnKind
from analytics_pipelines.datasets.kept.storable import storable_json

FIELDS = frozenset(field.name for field in fields(ColumnEvidence))
LISTS = ("examples", "collinear_with")


def evidence_to_json(evidence: ColumnEvidence) -> Mapping[str, Any]:
    """One object by the names of the fields."""
    return {name: _extreme(value) for name, value in asdict(evidence).items()}


def evidence_from_json(kept: Mapping[str, Any]) -> ColumnEvidence:
    """The evidence that was kept; what another version of the program added to it is left out."""
    known = {name: value for name, value in kept.items() if name in FIELDS}
    lists = {name: tuple(known.get(name) or ()) for name in LISTS}
    return ColumnEvidence(**(known | lists | {"kind": ColumnKind(known["kind"])}))


def _extreme(value: Any) -> Any:
    """Integers above 64 bits, which a column of integers may hold, as they are; infinities as null."""
    return value if isinstance(value, int) else storable_json(value)

"""A batch as PostgreSQL is given it: each key once, the rest as repeats; and its outcomes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from psycopg.types.json import Jsonb

from analytics_pipelines.web_events.intake.receipts import Outcome, Receipt, Refusal, Taken

Item = Receipt | Refusal
Key = tuple[str, str]

STORED, DUPLICATE, REJECTED = Taken(Outcome.STORED), Taken(Outcome.DUPLICATE), Taken(Outcome.REJECTED)


@dataclass(slots=True)
class Batch:
    """Items in order; of several with one key the first counts."""

    items: Sequence[Item]
    receipts: dict[Key, Receipt] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    repeats: list[Item] = field(default_factory=list)

    def __post_init__(self) -> None:
        for item in self.items:
            if isinstance(item, Receipt):
                first: Item = self.receipts.setdefault((item.site_id, item.event_id), item)
            else:
                first = self.refusals.setdefault(item.failed_id, item)
            if first is not item:
                self.repeats.append(item)

    def parameters(self, writer: str) -> dict[str, object]:
        """Values of `store_batch.sql`; raises `TypeError` for a text that is no Unicode."""
        return {
            "receipts": _json(list(self.receipts.values())),
            "refusals": _json(list(self.refusals.values())),
            "repeats": _json(self.repeats),
            "writer": writer,
        }

    def taken(self, known: Collection[Key]) -> list[Taken]:
        """The outcome of each item, where PostgreSQL had the keys `known` already."""
        if not (known or self.repeats or self.refusals):
            return [STORED] * len(self.items)
        return [self._outcome(item, known) for item in self.items]

    def _outcome(self, item: Item, known: Collection[Key]) -> Taken:
        if isinstance(item, Refusal):
            return REJECTED
        key = item.site_id, item.event_id
        return DUPLICATE if key in known or self.receipts[key] is not item else STORED


def encoded(value: object) -> bytes:
    """Receipts and refusals as JSON; raises `TypeError` for a text that is no Unicode."""
    return orjson.dumps(value, default=_bytea)


def _bytea(value: object) -> str:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    raise TypeError(type(value).__name__ + " is not expected here")


def _json(values: list[Any]) -> Jsonb:
    return Jsonb(encoded(values), dumps=bytes)

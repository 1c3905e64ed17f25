"""What the process that computes is told, and what it tells back."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from analytics_pipelines.datasets.subject import Reading, Subject
from analytics_pipelines.foundation.errors import LimitExceeded

MOST_ANSWER_BYTES = 2**24
"""Twice what 10,000 groups of 20 measures take; the API holds several copies of it."""


class AnswerTooLarge(LimitExceeded):
    """The plan's answer is larger than one may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A checked plan, the rows that it is about, and the memory that the engine may take of the process's."""

    plan: bytes
    """In its one form, as JSON."""
    subject: Subject
    reading: Reading
    engine_memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What a plan gave. The same plan over the same rows gives the same of everything here."""

    result: dict[str, Any]
    filtered_row_count: int
    nulls_dropped: dict[str, int]
    """By column: rows that pass the filters and have no value there."""
    warnings: tuple[str, ...] = ()
    chart_spec: dict[str, Any] | None = None
    """Vega-Lite; None where no chart was asked for."""

    def to_json(self) -> bytes:
        """As the process sends it; what is not finite becomes null. Raises `AnswerTooLarge`."""
        content = orjson.dumps(self, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
        if len(content) > MOST_ANSWER_BYTES:
            raise AnswerTooLarge(
                "The answer is too large.",
                limit=f"{MOST_ANSWER_BYTES:,} bytes",
                remedy="Ask for fewer groups or measures, or give them shorter names.",
            )
        return content


def computed_of(content: bytes) -> Computed:
    """What `to_json` wrote."""
    told: dict[str, Any] = orjson.loads(content)
    return Computed(**{**told, "warnings": tuple(told["warnings"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where numbers come from: enough to compute them again."""

    subject: str
    fingerprint: str
    generation: str | None
    plan_hash: str
    row_count: int | None
    libraries: dict[str, str] = field(default_factory=dict)

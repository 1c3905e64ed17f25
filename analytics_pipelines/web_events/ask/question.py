"""A question that was understood: its words are known, its filters are a tree, its days are fixed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from analytics_pipelines.web_events.ask.vocabulary import EVENT_DIMENSIONS, TIME_DIMENSIONS, VISIT_DIMENSIONS


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition: the dimension's value is, contains or matches one of the clauses, or none of them."""

    operator: str
    dimension: str
    clauses: tuple[str, ...]
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """All of the parts hold."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of the parts holds."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Negated:
    """The part does not hold."""

    part: "Filter"


Filter: TypeAlias = Leaf | Every | Some | Negated


@dataclass(frozen=True, slots=True)
class Order:
    """A metric or dimension that the rows are sorted by."""

    by: str
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Span:
    """Local days from `first` to `last`, both whole; with instants only what lies between them, both included."""

    timezone: str
    first: date
    last: date
    from_at: datetime | None = None
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of one site; of the filters all hold."""

    metrics: tuple[str, ...]
    dimensions: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    order_by: tuple[Order, ...] = ()
    limit: int = 10_000
    offset: int = 0
    has_bots: bool = False

    @property
    def event_dimensions(self) -> list[str]:
        """Those dimensions that single events hold."""
        return [each for each in self.dimensions if each in EVENT_DIMENSIONS]

    @property
    def time_dimension(self) -> str | None:
        """The first dimension of time."""
        return next((each for each in self.dimensions if each in TIME_DIMENSIONS), None)

    @property
    def filters_events(self) -> bool:
        """Whether a filter looks at what single events hold."""
        return any(leaf.dimension in EVENT_DIMENSIONS for leaf in leaves(self.filters))

    @property
    def looks_at_visits(self) -> bool:
        """Whether an event's visit must be known to filter or group the event."""
        used = {*self.dimensions, *(leaf.dimension for leaf in leaves(self.filters))}
        return bool(used & VISIT_DIMENSIONS.keys())


def leaves(filters: tuple[Filter, ...]) -> list[Leaf]:
    """All conditions of the trees."""
    found: list[Leaf] = []
    for each in filters:
        match each:
            case Leaf():
                found.append(each)
            case Negated(part):
                found += leaves((part,))
            case Every(parts) | Some(parts):
                found += leaves(parts)
    return found

"""Orders of entries: by any fields, then by share and position, so that no two rows tie; unknown values come last."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics_pipelines.foundation.bound import Bound, every, some
from analytics_pipelines.foundation.errors import LimitExceeded
from analytics_pipelines.foundation.sql import Sql, joined
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen
from analytics_pipelines.storage_snapshots.ask.fields import PYTHON, Field, expression
from analytics_pipelines.storage_snapshots.ask.filters import field_named
from analytics_pipelines.storage_snapshots.ask.pages import Key

MOST_SORTED = 5


class SortTooLong(LimitExceeded):
    """The rows are to be sorted by too many fields."""


@dataclass(frozen=True, slots=True)
class Sort:
    """A field to sort by."""

    by: str
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """Expressions of the order in force, the last two being share and position."""

    expressions: tuple[Sql, ...]
    are_descending: tuple[bool, ...]
    kinds: tuple[type, ...]

    @property
    def sql(self) -> Sql:
        """What stands behind ORDER BY."""
        one = {True: Sql("{key} DESC NULLS LAST"), False: Sql("{key} ASC NULLS LAST")}
        pairs = zip(self.expressions, self.are_descending, strict=True)
        return joined(one[is_descending].fill(key=key) for key, is_descending in pairs)

    def after(self, last: Key, bound: Bound) -> Sql:
        """Whether a row comes after the one of that key."""
        ways: list[Sql] = []
        equal: list[Sql] = []
        for key, is_descending, value in zip(self.expressions, self.are_descending, last, strict=True):
            stands = bound.bind(value)
            if value is not None:
                later = Sql("{key} < {value} OR {key} IS NULL" if is_descending else "{key} > {value} OR {key} IS NULL")
                ways.append(every([*equal, later.fill(key=key, value=stands)]))
            equal.append(Sql("{key} IS NOT DISTINCT FROM {value}").fill(key=key, value=stands))
        return some(ways)


def order_of(sorts: Sequence[Sort], these: Chosen, bound: Bound, where: str) -> Order:
    """The order; raises `UnknownField`, `SortTooLong`."""
    if len(sorts) > MOST_SORTED:
        raise SortTooLong("At " + where + ": too many fields.", limit=str(MOST_SORTED))
    fields = [field_named(each.by, where + "/" + str(at) + "/by") for at, each in enumerate(sorts)]
    return Order(
        expressions=(*(expression(each, these, bound) for each in fields), Sql("share"), Sql("pre")),
        are_descending=(*(each.is_descending for each in sorts), False, False),
        kinds=(*(_kind(each) for each in fields), str, int),
    )


def _kind(field: Field) -> type[Any]:
    return PYTHON[field.kind]

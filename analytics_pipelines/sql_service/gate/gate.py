"""The gate: a text in, a statement that may run out, or an error that says what is refused and what to do."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.sql_service.errors import DuckDBQueryError, QueryRefused
from analytics_pipelines.sql_service.gate.checked import Checked, NamedTable, Reading
from analytics_pipelines.sql_service.gate.names import clipped, near, small, spelt, unknown_table
from analytics_pipelines.sql_service.gate.parse import Parser, place_of
from analytics_pipelines.sql_service.gate.shape import check_shape, trimmed
from analytics_pipelines.sql_service.gate.walk import Walk
from analytics_pipelines.sql_service.gate.writes import Write, write_of

MOST_KEPT = 256
MOST_KEPT_CHARACTERS = 8_000
TYPED = Sql("SELECT CAST(NULL AS {type})")
NOBODYS: frozenset[str] = frozenset()

__all__ = ["Checked", "Gate"]


class Gate:
    """Reads statements; to be used by one thread.

    Texts that were let through are remembered by what they name, so that asking again costs microseconds.
    """

    def __init__(self) -> None:
        self._parser = Parser()
        self._remembered = lru_cache(MOST_KEPT)(self._read)

    def select(self, sql: str, shown: Mapping[str, Sequence[str]]) -> Checked:
        """The one query of a text, over the tables of `shown` alone.

        Raises `QueryRefused` of what may not run, and `DuckDBQueryError` of what is no SQL or names no table there is.
        """
        check_shape(sql)
        return self._select(trimmed(sql), shown, NOBODYS)

    def batch_statement(self, sql: str, shown: Mapping[str, Sequence[str]], own: AbstractSet[str]) -> Checked:
        """One statement of a batch: a query, or a write to a table of its own; `own` are those it has made so far.

        Of a write the statement is composed anew. Raises as `select` does.
        """
        check_shape(sql)
        text = trimmed(sql)
        write = write_of(text)
        mine = frozenset(map(small, own))
        if write is None:
            return self._select(text, shown, mine)
        _check_target(write, shown, mine)
        for type_text, _ in write.types:
            self._check_type(type_text)
        if not write.query:
            return Checked(write.composed(""), write.does, small(write.target), frozenset(), is_repeatable=False)
        query = self._select(write.query, shown, mine)
        composed = write.composed(query.sql.strip())
        return Checked(composed, write.does, small(write.target), query.tables, is_repeatable=False)

    def _select(self, sql: str, shown: Mapping[str, Sequence[str]], own: AbstractSet[str]) -> Checked:
        reading = self._remembered(sql) if len(sql) <= MOST_KEPT_CHARACTERS else self._read(sql)
        return Checked(sql, "select", "", _tables(sql, reading.tables, shown, own), reading.is_repeatable)

    def _read(self, sql: str) -> Reading:
        return Walk(sql).reading(self._parser.tree(sql))

    def _check_type(self, text: str) -> None:
        """Raises unless the text is one type and nothing else: as part of a query it has to stay one cast."""
        sql = TYPED.fill(type=Sql(text)).text
        try:
            tree = self._parser.tree(sql)
        except DuckDBQueryError:
            raise DuckDBQueryError(f'"{clipped(text)}" is no type.') from None
        node = tree.get("node") or {}
        selected = node.get("select_list") or [{}]
        is_alone = set(node) <= {"type", "cte_map", "select_list", "from_table", "aggregate_handling"}
        is_cast = selected[0].get("class") == "CAST" and (selected[0].get("child") or {}).get("class") == "CONSTANT"
        is_bare = (node.get("from_table") or {}).get("type") == "EMPTY" and not selected[0].get("alias")
        if len(selected) != 1 or not (is_alone and is_cast and is_bare):
            raise DuckDBQueryError(f'"{clipped(text)}" is no type.')
        Walk(sql).reading(tree)


def _tables(
    sql: str, named: Iterable[NamedTable], shown: Mapping[str, Sequence[str]], own: AbstractSet[str]
) -> frozenset[str]:
    found: set[str] = set()
    for table in named:
        if small(table.name) in own:
            continue
        name = spelt(shown, table.name)
        if name is None:
            raise unknown_table(table.name, place_of(sql, table.offset_bytes), [*shown, *own])
        found.add(name)
    return frozenset(found)


def _check_target(write: Write, shown: Mapping[str, Sequence[str]], own: AbstractSet[str]) -> None:
    """Published tables are never written, nor hidden behind one of the same name."""
    if spelt(shown, write.target) is not None:
        raise QueryRefused(
            f'"{write.target}" is a published table, and those are only read.',
            remedy="Choose another name for a table of your own.",
        )
    if write.does != "create" and small(write.target) not in own and not write.is_lenient:
        raise DuckDBQueryError(
            f'The batch has made no table "{clipped(write.target)}".', remedy=near(write.target, own).rstrip() or None
        )

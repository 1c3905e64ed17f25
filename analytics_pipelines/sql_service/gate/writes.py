"""Statements by which a batch writes to tables of its own: read strictly here, and composed anew.

    CREATE [OR REPLACE] [TEMP] TABLE [IF NOT EXISTS] t [AS query | (column type [NOT NULL], …)]
    INSERT INTO t [(column, …)] query
    DROP TABLE [IF EXISTS] t

The parser gives trees of queries alone, so what stands before the query is read word by word. Nothing of it is run
as it was written: names are quoted anew, and each table is a temporary one of the batch's connection.
"""

from collections.abc import Callable
from dataclasses import dataclass

from analytics_pipelines.foundation.sql import Sql, joined, name, names
from analytics_pipelines.sql_service.errors import DuckDBQueryError, QueryRefused
from analytics_pipelines.sql_service.gate.checked import Doing
from analytics_pipelines.sql_service.gate.heads import Head
from analytics_pipelines.sql_service.gate.names import check_given, small

CREATE_AS = Sql("CREATE {replacing}TEMP TABLE {lenient}temp.{table} AS\n{query}")
CREATE_COLUMNS = Sql("CREATE {replacing}TEMP TABLE {lenient}temp.{table} ({columns})")
COLUMN = Sql("{column} {type}{bound}")
INSERT = Sql("INSERT INTO temp.{table}{columns}\n{query}")
DROP = Sql("DROP TABLE {lenient}temp.{table}")
MOST_COLUMNS = 1000
SCHEMA_HINT = "The tables of a batch are named without a catalog or schema."


@dataclass(frozen=True, slots=True)
class Write:
    """A write as it was read."""

    does: Doing
    target: str
    """As it was written."""
    query: str = ""
    """Of a table made of one, or of an insertion; not yet looked at."""
    columns: tuple[str, ...] = ()
    types: tuple[tuple[str, bool], ...] = ()
    """Of a table made of columns: each type's text, not yet looked at, and whether it takes no NULL."""
    is_replacing: bool = False
    is_lenient: bool = False
    """With IF EXISTS, or IF NOT EXISTS."""

    def composed(self, query: str) -> str:
        """The statement to run; `query` is the checked one."""
        parts = {"table": name(self.target), "query": Sql(query)}
        if self.does == "insert":
            columns = Sql(" ({columns})").fill(columns=names(self.columns)) if self.columns else Sql("")
            return INSERT.fill(columns=columns, **parts).text
        if self.does == "drop":
            return DROP.fill(lenient=Sql("IF EXISTS " if self.is_lenient else ""), **parts).text
        parts |= {
            "replacing": Sql("OR REPLACE " if self.is_replacing else ""),
            "lenient": Sql("IF NOT EXISTS " if self.is_lenient else ""),
        }
        if self.types:
            return CREATE_COLUMNS.fill(columns=self._columns(), **parts).text
        return CREATE_AS.fill(**parts).text

    def _columns(self) -> Sql:
        return joined(
            COLUMN.fill(column=name(column), type=Sql(text), bound=Sql(" NOT NULL" if is_needed else ""))
            for column, (text, is_needed) in zip(self.columns, self.types, strict=True)
        )


def write_of(text: str) -> Write | None:
    """The write that a text begins with, or None of a text that begins otherwise.

    Raises `DuckDBQueryError` of one that is none of the three, and `QueryRefused` of a name that it may not have.
    """
    head = Head(text)
    for words, reads in READERS.items():
        if head.takes(words):
            return reads(head)
    return None


def _created(head: Head) -> Write:
    is_replacing = head.takes("OR", "REPLACE")
    head.takes("TEMP") or head.takes("TEMPORARY")
    if not head.takes("TABLE"):
        raise QueryRefused("CREATE makes tables alone here.", remedy="CREATE [TEMP] TABLE t AS SELECT …")
    is_lenient = head.takes("IF", "NOT", "EXISTS")
    target = _target(head)
    check_given(target, "A table of a batch")
    if head.takes("AS"):
        return Write("create", target, query=head.rest, is_replacing=is_replacing, is_lenient=is_lenient)
    columns, types = _columns(head)
    if not head.is_at_end:
        raise head.unexpected("the end")
    return Write("create", target, "", columns, types, is_replacing, is_lenient)


def _inserted(head: Head) -> Write:
    if not head.takes("INTO"):
        raise head.unexpected("INTO")
    target = _target(head)
    columns: tuple[str, ...] = ()
    rest = head.rest
    if head.takes_sign("(") and not any(head.takes(word) for word in ("SELECT", "WITH", "FROM", "VALUES")):
        columns = _list(head)
        rest = head.rest
    return Write("insert", target, query=rest, columns=columns)


def _dropped(head: Head) -> Write:
    if not head.takes("TABLE"):
        raise QueryRefused("DROP takes tables of the batch alone.", remedy="DROP TABLE t")
    is_lenient = head.takes("IF", "EXISTS")
    target = _target(head)
    if not head.is_at_end:
        raise head.unexpected("the end")
    return Write("drop", target, is_lenient=is_lenient)


def _target(head: Head) -> str:
    target = head.name("the name of a table")
    if head.takes_sign("."):
        raise QueryRefused("A batch writes to tables of its own alone.", remedy=SCHEMA_HINT)
    return target


def _list(head: Head) -> tuple[str, ...]:
    columns = [head.name("a column")]
    while head.takes_sign(","):
        columns.append(head.name("a column"))
    if not head.takes_sign(")"):
        raise head.unexpected(")")
    return tuple(columns)


def _columns(head: Head) -> tuple[tuple[str, ...], tuple[tuple[str, bool], ...]]:
    if not head.takes_sign("("):
        raise head.unexpected("AS or (")
    columns: dict[str, tuple[str, bool]] = {}
    is_first = True
    while is_first or head.takes_sign(","):
        is_first = False
        column = head.name("a column")
        if small(column) in map(small, columns) or len(columns) >= MOST_COLUMNS:
            raise DuckDBQueryError(f"A table has {MOST_COLUMNS} columns at most, each of another name.")
        columns[column] = _type(head)
    if not head.takes_sign(")"):
        raise head.unexpected(")")
    return tuple(columns), tuple(columns.values())


def _type(head: Head) -> tuple[str, bool]:
    """The words of a type up to the comma or parenthesis behind it."""
    pieces: list[str] = []
    open_ones = 0
    while open_ones or not (head.looks_at(",") or head.looks_at(")")):
        if not open_ones and head.takes("NOT", "NULL"):
            return " ".join(pieces), True
        if not open_ones and head.takes("NULL"):
            return " ".join(pieces), False
        piece = head.piece()
        if not piece:
            raise head.unexpected(")")
        open_ones += (piece == "(") - (piece == ")")
        pieces.append(piece)
    return " ".join(pieces), False


READERS: dict[str, Callable[[Head], Write]] = {"CREATE": _created, "INSERT": _inserted, "DROP": _dropped}

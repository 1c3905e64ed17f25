"""The statement to run in a user's place: the same rows in the same order, in types that the format holds."""

from collections.abc import Iterable, Iterator

from analytics_pipelines.foundation.sql import Sql, joined, literal, name
from analytics_pipelines.sql_service.encode.exact_types import kept
from analytics_pipelines.sql_service.encode.text_forms import NESTED, csv_of, json_of, text_of
from analytics_pipelines.sql_service.encode.types import Columns, DuckType, type_of
from analytics_pipelines.sql_service.messages import Format

LIMITED_BELOW = 10_000
"""Rows; a larger LIMIT has DuckDB run the last part of the query in one thread, so the reader counts instead."""

# Line breaks around the statement: it may end with a comment.
SELECT = Sql("SELECT {columns} FROM (\n{query}\n) AS answer({names}){limit}")
LIMITED = Sql("SELECT * FROM (\n{query}\n){limit}")
LINE = Sql("concat({cells})")
NAMED = Sql("{value} AS {column}")

READ_FOR_JSON = frozenset(
    {
        *("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
        *("HUGEINT", "FLOAT", "DOUBLE", "VARCHAR", "ENUM", "UUID", "JSON"),
    }
)
"""What is written from DuckDB's own values; of a HUGEINT Arrow gets all bits."""


def prepared(sql: str, columns: Columns, target: Format, row_limit: int | None) -> str:
    """The SQL to run in place of `sql`, which holds one query without a semicolon behind it.

    It is `sql` itself where no column needs another type. For CSV it gives one text a row, a finished line. A
    `row_limit` below 10,000 lets DuckDB stop early; one row more is asked for, so that one sees whether there is more.
    """
    names = [Sql("c" + str(number)) for number in range(len(columns))]
    kinds = [type_of(text) for _, text in columns]
    selected = list(_selected(names, kinds, target))
    query, limit = Sql(sql), _limit(row_limit)
    if target is Format.CSV:
        return SELECT.fill(columns=_line(selected), query=query, names=joined(names), limit=limit).text
    titles = [title for title, _ in columns]
    is_table = target in {Format.ARROW, Format.PARQUET}
    unique = list(_unique(titles)) if is_table else titles
    if all(new is old for new, old in zip(selected, names, strict=True)) and unique == titles:
        return LIMITED.fill(query=query, limit=limit).text if limit.text else sql
    if is_table:
        selected = [NAMED.fill(value=each, column=name(title)) for each, title in zip(selected, unique, strict=True)]
    return SELECT.fill(columns=joined(selected), query=query, names=joined(names), limit=limit).text


def _selected(names: Iterable[Sql], kinds: Iterable[DuckType], target: Format) -> Iterator[Sql]:
    for value, kind in zip(names, kinds, strict=True):
        if target is Format.JSON:
            yield _for_json(value, kind)
        elif target is Format.CSV:
            yield csv_of(value, kind)
        else:
            yield kept(value, kind, target)


def _for_json(value: Sql, kind: DuckType) -> Sql:
    if kind.kind in READ_FOR_JSON:
        return value
    if kind.kind in NESTED:
        return json_of(value, kind)
    # The reader finishes these texts: what DuckDB need not plan is cheaper for small answers.
    return text_of(value, kind)


def _line(cells: list[Sql]) -> Sql:
    parts = [part for cell in cells for part in (literal(","), cell)][1:]
    return LINE.fill(cells=joined([*parts, Sql("chr(13)"), Sql("chr(10)")]))


def _limit(row_limit: int | None) -> Sql:
    is_small = row_limit is not None and row_limit < LIMITED_BELOW
    return Sql("\nLIMIT " + str(row_limit + 1)) if row_limit is not None and is_small else Sql("")


def _unique(titles: Iterable[str]) -> Iterator[str]:
    """The names, those that come again with a number behind them: readers of files take each name once.

    PIVOT makes names of values, so that one may be empty or hold a NUL, which SQL takes for none.
    """
    seen: set[str] = set()
    for written in titles:
        title = written.replace("\0", "")
        chosen, number = title, 0
        while chosen.casefold() in seen or not chosen:
            number += 1
            chosen = title + "_" + str(number)
        seen.add(chosen.casefold())
        yield chosen

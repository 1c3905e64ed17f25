"""The one builder of SQL text: names are quoted, literals escaped, values bound; no f-strings elsewhere.

Questions and transforms stand in `sql/<name>.sql` beside the code that asks them. Only what must be
composed (casts from a declaration, a list of files) is put together here.

    Sql("SELECT {columns} FROM {table}").fill(columns=names(["a", "b"]), table=name("t"))
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from string import Formatter

PLACEHOLDERS = Formatter()


@dataclass(frozen=True, slots=True)
class Sql:
    """Trusted SQL text: written by us, or made of quoted parts by the functions below."""

    text: str

    def fill(self, **parts: "Sql") -> "Sql":
        """The text with each `{name}` replaced by that part; raises `KeyError` for one that is missing."""
        pieces: list[str] = []
        for before, field, _, _ in PLACEHOLDERS.parse(self.text):
            pieces.append(before)
            if field is not None:
                pieces.append(parts[field].text)
        return Sql("".join(pieces))

    def __str__(self) -> str:
        return self.text


def name(identifier: str) -> Sql:
    """A quoted identifier of DuckDB or PostgreSQL."""
    if "\x00" in identifier or not identifier:
        raise ValueError("an identifier is not empty and holds no NUL")
    return Sql('"' + identifier.replace('"', '""') + '"')


def literal(value: str) -> Sql:
    """A quoted text literal, for the few statements that take no bound values (ATTACH, COPY … TO)."""
    if "\x00" in value:
        raise ValueError("a literal holds no NUL")
    return Sql("'" + value.replace("'", "''") + "'")


def date_literal(day: date) -> Sql:
    """A day where the statement's text must hold it, as in views."""
    return Sql("CAST({day} AS DATE)").fill(day=literal(day.isoformat()))


def joined(parts: Iterable[Sql], between: str = ", ") -> Sql:
    """The parts with `between` between them."""
    return Sql(between.join(part.text for part in parts))


def names(identifiers: Iterable[str]) -> Sql:
    """Quoted identifiers with commas between them."""
    return joined(name(identifier) for identifier in identifiers)


def columns_of(table: str, columns: Iterable[str]) -> Sql:
    """The columns, each by that table's name, with commas between them; `table` is a name of ours."""
    return joined(Sql("{table}.{column}").fill(table=Sql(table), column=name(column)) for column in columns)


def literals(values: Iterable[str]) -> Sql:
    """A DuckDB list of quoted texts."""
    return Sql("[{values}]").fill(values=joined(literal(value) for value in values))


def chained(steps: Mapping[str, Sql], last: Sql) -> Sql:
    """`last` with the steps before it as common table expressions; each may read those named before it."""
    step = Sql("{step} AS (\n{query}\n)")
    parts = joined((step.fill(step=name(each), query=query) for each, query in steps.items()), ",\n")
    return Sql("WITH {steps}\n{last}").fill(steps=parts, last=last)


@cache
def from_file(package: str, query: str) -> Sql:
    """The text of `sql/<query>.sql` in that package (`__package__` of the caller)."""
    return Sql(files(package).joinpath("sql", query + ".sql").read_text(encoding="utf-8"))

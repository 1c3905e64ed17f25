"""The file behind `EXPORT_TABLES_FILE`: its shape, and reading it."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.product_export.line_numbers import Where, line_in_toml, line_in_yaml, twice_in_yaml
from analytics_pipelines.product_export.wishes import Drift, Masking, Mode, Policy

TABLES = "tables"
NAME = r"[a-z][a-z0-9_]{0,50}"
IN_OTHER_WORDS = {
    "model_type": "should hold keys and values",
    "model_attributes_type": "should hold keys and values",
    "dict_type": "should hold keys and values",
    "tuple_type": "should be a list",
    "missing": "is missing",
}
DOCS = "docs/product-export.md has an example."


class BadExportFile(SetupError):
    """The file says something that can not be done, or can not be read."""


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _policy_alone(value: object) -> object:
    return {"policy": value} if isinstance(value, str) else value


def _number_as_text(value: object) -> object:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed), Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class MaskingEntry(_Part):
    """The policy of a column; in the file also its bare name."""

    policy: Policy
    characters: int | None = Field(None, ge=1)
    to: Annotated[Text | None, BeforeValidator(_number_as_text)] = None

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        for key, policy in (("characters", Policy.TRUNCATE), ("to", Policy.GENERALISE)):
            if (getattr(self, key) is not None) is not (self.policy is policy):
                raise ValueError(f"`{key}` belongs to the policy {policy.value}, which needs it")
        return self

    @property
    def masking(self) -> Masking:
        """As the export knows it."""
        return Masking(self.policy, self.characters, self.to)


class Defaults(_Part):
    """What holds for every table that does not say otherwise."""

    schema_: Text = Field("public", alias="schema")
    mode: Mode = Mode.FULL
    full_every_days: int = Field(7, ge=1)
    late_days: int = Field(2, ge=0, le=30)
    drift: Drift = Drift.EVOLVE
    refuse_unknown_types: bool = False
    whole_file: bool = False


class TableEntry(Defaults):
    """One table; `table` may hold the schema before a dot."""

    table: Text
    name: str | None = Field(None, pattern="^" + NAME + "$")
    columns: Texts | None = None
    excluded: Texts | None = None
    filter: Text | None = None
    key: Texts | None = None
    day_column: Text | None = None
    types: dict[Text, Text] = {}
    masking: dict[Text, Annotated[MaskingEntry, BeforeValidator(_policy_alone)]] = {}
    _own_keys: frozenset[str] = PrivateAttr(frozenset())

    @property
    def own_keys(self) -> frozenset[str]:
        """What the entry says itself."""
        return self._own_keys or frozenset(self.model_fields_set)

    @property
    def has_schema(self) -> bool:
        """Whether the schema is told apart from the table, which then may have dots in its name."""
        return "schema_" in self.own_keys

    def filled(self, defaults: Defaults) -> "TableEntry":
        """The entry with the defaults where it says nothing."""
        missing = defaults.model_fields_set - self.model_fields_set
        filled = self.model_copy(update={field: getattr(defaults, field) for field in missing})
        filled._own_keys = frozenset(self.model_fields_set)  # noqa: SLF001 - a copy of ourselves
        return filled


class ExportFile(_Part):
    """The whole file."""

    defaults: Defaults = Defaults()
    tables: tuple[TableEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """The file as it was read, which knows its lines."""

    content: ExportFile
    name: str
    line_of: Callable[[Where], int | None]

    @property
    def entries(self) -> tuple[TableEntry, ...]:
        """The tables, with the defaults where they say nothing."""
        return tuple(entry.filled(self.content.defaults) for entry in self.content.tables)

    def wrong(self, number: int, told: str, key: str) -> BadExportFile:
        """The complaint about a key of a table, by the table's number from 0."""
        where = (TABLES, number, key)
        return _bad(self.name, _placed(where, self.content.tables[number].table, self.line_of(where), told))


def read_export_file(file: Path) -> Written:
    """The file's content; raises `BadExportFile` that names each wrong table, key and line."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadExportFile(
            f"EXPORT_TABLES_FILE, {file.name}, can not be read: {error.strerror}.", remedy="Give the path of a file."
        ) from None
    except UnicodeDecodeError:
        raise _bad(file.name, "is not UTF-8") from None
    is_yaml = file.suffix.lower() in {".yaml", ".yml"}
    raw = _yaml(file.name, text) if is_yaml else _toml(file.name, text)
    line_of = _lines(text, line_in_yaml if is_yaml else line_in_toml)
    try:
        return Written(ExportFile.model_validate(raw or {}), file.name, line_of)
    except ValidationError as error:
        told = [_complaint(problem, raw, line_of) for problem in error.errors(include_url=False, include_input=False)]
        raise _bad(file.name, "; ".join(told)) from None


def _lines(text: str, find: Callable[[str, Where], int | None]) -> Callable[[Where], int | None]:
    return lambda where: find(text, where) if where else None


def _toml(name: str, text: str) -> Any:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _bad(name, str(error).rstrip(".")) from None


def _yaml(name: str, text: str) -> Any:
    try:
        if twice := twice_in_yaml(text):
            raise _bad(name, f"line {twice[1]}: {twice[0]} stands there twice")
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise _bad(name, line + (error.problem or "is no YAML")) from None
    except yaml.YAMLError:
        raise _bad(name, "is no YAML") from None


def _complaint(problem: Any, raw: Any, line_of: Callable[[Where], int | None]) -> str:
    where: Where = [step for step in problem["loc"] if step != "function-before"]
    message = IN_OTHER_WORDS.get(problem["type"], problem["msg"].removeprefix("Value error, "))
    if problem["type"] == "extra_forbidden":
        message = "there is no such key" + _guess(str(where[-1]), where)
    return _placed(where, _table_of(raw, where), line_of(where), message[:1].lower() + message[1:])


def _guess(key: str, where: Where) -> str:
    model: type[BaseModel] = ExportFile if len(where) == 1 else MaskingEntry if "masking" in where else TableEntry
    known = [field.alias or name for name, field in model.model_fields.items()]
    near = get_close_matches(key, known, n=1)
    return f"; {near[0]} is meant, perhaps" if near else "; there are " + ", ".join(sorted(known))


def _table_of(raw: Any, where: Where) -> str | None:
    """What the file calls the table that a complaint is about; None where it does not say."""
    try:
        return str(raw[where[0]][where[1]]["table"])
    except (KeyError, IndexError, TypeError):
        return None


def _placed(where: Where, table: str | None, line: int | None, told: str) -> str:
    is_table = len(where) > 1 and where[0] == TABLES
    of = (table or f"table {int(where[1]) + 1}") if is_table else ""
    key = ".".join(str(step) for step in where[2 if is_table else 0 :])
    return ", ".join(part for part in (f"line {line}" if line else "", of, key) if part) + ": " + told


def _bad(name: str, told: str) -> BadExportFile:
    return BadExportFile(f"EXPORT_TABLES_FILE, {name}: {told}.", remedy=DOCS)

"""The settings as people read them: `docs/settings.md`, `.env.example` and the rows of `analytics settings`.

Both files are generated; a house rule holds them equal to `Settings`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from analytics_pipelines.foundation.settings import Settings

PAGE = """\
# Settings

Read from the environment, then from `.env` in the working folder; an empty value counts as absent.
`analytics settings` prints the same table with the values in force. This page is generated from
`analytics_pipelines/foundation/settings.py`.

| name | default | unit | meaning |
|---|---|---|---|
"""
EXAMPLE = """\
# Copy to .env and uncomment what you change. Generated from analytics_pipelines/foundation/settings.py;
# docs/settings.md says the same as a table.
"""


@dataclass(frozen=True, slots=True)
class Described:
    """One setting; `field` is the attribute of `Settings`, `example` the default as an environment variable."""

    name: str
    field: str
    default: str
    unit: str
    meaning: str
    example: str


def described() -> list[Described]:
    """Every setting in the order of its declaration."""
    return [_described(field, info) for field, info in Settings.model_fields.items()]


def settings_page() -> str:
    """The text of `docs/settings.md`."""
    return PAGE + "".join(
        f"| `{each.name}` | {each.default} | {each.unit} | {each.meaning} |\n" for each in described()
    )


def env_example() -> str:
    """The text of `.env.example`; every line is a comment, so that copying it changes nothing."""
    return EXAMPLE + "".join("\n" + "\n".join(_example_lines(each)) + "\n" for each in described())


def _described(field: str, info: FieldInfo) -> Described:
    extra = info.json_schema_extra
    shown: dict[str, Any] = extra if isinstance(extra, dict) else {}
    example = _text(info.default)
    default = shown.get("shown") or (f"`{example}`" if example else "none")
    return Described(field.upper(), field, default, shown.get("unit", ""), info.description or "", example)


def _text(value: object) -> str:
    """The value as one writes it into the environment."""
    if value is None or isinstance(value, SecretStr):
        return ""
    written: Callable[[Any], str] = WRITTEN.get(type(value), str)
    return written(value)


def _example_lines(each: Described) -> Iterator[str]:
    yield "# " + each.meaning
    if each.default != f"`{each.example}`":
        yield "# Default: " + each.default
    yield f"# {each.name}={each.example}"


WRITTEN: dict[type, Callable[[Any], str]] = {
    bool: lambda value: str(value).lower(),
    float: lambda value: f"{value:g}",
    tuple: ",".join,
}

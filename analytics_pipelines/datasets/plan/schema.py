"""The language of plans for programs, as JSON Schema, and for people, as the tables of `docs/plan-language.md`."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from analytics_pipelines.datasets.plan.model import Filter, Measure, Plan, Top

Schema = dict[str, Any]
DIALECT = GenerateJsonSchema.schema_dialect
PARTS: tuple[type[BaseModel], ...] = (Plan, Filter, Measure, Top)
HEAD = "| field | value | meaning |\n|---|---|---|\n"
BOUNDS = {
    "minimum": "from {}",
    "exclusiveMinimum": "above {}",
    "maximum": "to {}",
    "exclusiveMaximum": "below {}",
}
WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true, false",
    "array": "list",
    "null": "null",
}


def plan_schema() -> Schema:
    """JSON Schema 2020-12 of plans: shapes and bounds; rules between fields are left to `parse_plan`.

    Every field that may be left out may be null.
    """
    schema = Plan.model_json_schema()
    for part in (schema, *schema["$defs"].values()):
        _tidy(part)
    return {"$schema": DIALECT, **schema}


def plan_schema_inlined() -> Schema:
    """The same without references, to stand within another document, such as that of OpenAPI."""
    schema = plan_schema()
    definitions = schema.pop("$defs")
    del schema["$schema"]
    inlined: Schema = _inlined(schema, definitions)
    return inlined


def fields_tables() -> str:
    """The fields of a plan and of its parts as tables in Markdown, each under its heading."""
    definitions = plan_schema()["$defs"]
    return "\n".join(_table(part, definitions) for part in PARTS)


def _tidy(part: Schema) -> None:
    """Leaves out what says nothing, and lets null stand for what may be absent."""
    part.pop("title", None)
    required = part.get("required", [])
    for name, field in part.get("properties", {}).items():
        field.pop("title", None)
        if "description" in field:
            field["description"] = " ".join(field["description"].split())
        if name not in required:
            part["properties"][name] = _or_null(field)


def _or_null(field: Schema) -> Schema:
    said: Schema = {name: field[name] for name in ("description", "default") if name in field}
    shape = {name: value for name, value in field.items() if name not in said}
    choices = shape.get("anyOf", [shape])
    return {**said, "anyOf": choices if {"type": "null"} in choices else [*choices, {"type": "null"}]}


def _inlined(part: Any, definitions: Mapping[str, Schema]) -> Any:
    """With the definition in place of each reference; what stands beside a reference is kept."""
    if isinstance(part, list):
        return [_inlined(each, definitions) for each in part]
    if not isinstance(part, dict):
        return part
    rest = {name: _inlined(value, definitions) for name, value in part.items() if name != "$ref"}
    return {**_inlined(_definition(part, definitions), definitions), **rest} if "$ref" in part else rest


def _definition(reference: Schema, definitions: Mapping[str, Schema]) -> Schema:
    return definitions[reference["$ref"].rpartition("/")[2]]


def _table(part: type[BaseModel], definitions: Mapping[str, Schema]) -> str:
    schema = plan_schema() if part is Plan else definitions[part.__name__]
    rows = "".join(
        f"| `{name}` | {_value(field, definitions)} | {field['description']} |\n"
        for name, field in schema["properties"].items()
    )
    return f"### {part.__name__}\n{schema['description']}\n\n{HEAD}{rows}"


def _value(field: Schema, definitions: Mapping[str, Schema]) -> str:
    choices = [_words(each, definitions) for each in field.get("anyOf", [field]) if each != {"type": "null"}]
    return ", ".join(dict.fromkeys(choices))


def _words(shape: Schema, definitions: Mapping[str, Schema]) -> str:
    if "$ref" in shape:
        choices = _definition(shape, definitions).get("enum")
        return ", ".join(f"`{each}`" for each in choices) if choices else shape["$ref"].rpartition("/")[2]
    bounds = " ".join(_bounds(shape))
    if shape.get("type") == "array":
        items = _value(shape["items"], definitions)
        return f"list of {items}, at most {shape['maxItems']}"
    return " ".join(part for part in (WORDS[shape["type"]], bounds) if part)


def _bounds(shape: Schema) -> Iterator[str]:
    for name, words in BOUNDS.items():
        if name in shape:
            yield words.format(f"{shape[name]:g}")

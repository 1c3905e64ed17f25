"""Metadata of lake tables as the Dagster UI draws it; no personal column ever gets into it."""

import base64
from collections.abc import Iterator
from datetime import date

import dagster as dg

from analytics_pipelines.foundation.lake import Lake, Manifest
from analytics_pipelines.foundation.tables import Column, Table

LEFT_ALONE = "left_alone"
"""On a materialization that a backfill needs though there was nothing to make; its value says so to people."""
PREVIEW_ROWS = 5
PREVIEW_CHARACTERS = 60
Metadata = dict[str, dg.MetadataValue]


def column_schema(table: Table) -> dg.TableSchema:
    """The declared columns with type, meaning, unit and constraints."""
    return dg.TableSchema(columns=[_column(table, column) for column in table.columns])


def table_metadata(table: Table) -> Metadata:
    """What is true of the table whatever its rows."""
    return {
        "dagster/table_name": dg.MetadataValue.text(table.name),
        "dagster/column_schema": dg.MetadataValue.table_schema(column_schema(table)),
        "key": dg.MetadataValue.text(", ".join(table.key)),
    }


def partition_metadata(lake: Lake, table: Table, manifest: Manifest) -> Metadata:
    """Rows, bytes, hash and place of one partition."""
    return {
        "dagster/table_name": dg.MetadataValue.text(table.name),
        "dagster/partition_row_count": dg.MetadataValue.int(manifest.rows),
        "dagster/uri": dg.MetadataValue.text(lake.file(table, manifest.day).as_uri()),
        "size_bytes": dg.MetadataValue.int(manifest.size_bytes),
        "sha256": dg.MetadataValue.text(manifest.sha256),
    }


def untouched_metadata(lake: Lake, table: Table, manifest: Manifest | None) -> Metadata:
    """What is true of a day for which there was nothing to make: what its partition holds, or that it has none."""
    if manifest is None:
        told = "There was nothing to make of this day, and it has no partition."
        return {LEFT_ALONE: dg.MetadataValue.text(told), "dagster/partition_row_count": dg.MetadataValue.int(0)}
    told = "There was nothing to make of this day; its partition is as it was."
    return {LEFT_ALONE: dg.MetadataValue.text(told), **partition_metadata(lake, table, manifest)}


def whole_metadata(lake: Lake, table: Table, newest: date) -> Metadata:
    """Rows and bytes of all partitions, the schema, and the first rows of the day `newest`.

    Of a table that follows others' columns no rows are shown, because nobody has said which of them are personal.
    """
    manifests = lake.manifests(table)
    shown = {} if table.is_evolving else {"preview": dg.MetadataValue.md(preview(lake, table, newest))}
    return shown | {
        "dagster/row_count": dg.MetadataValue.int(sum(each.rows for each in manifests)),
        "dagster/column_schema": dg.MetadataValue.table_schema(column_schema(table)),
        "total_bytes": dg.MetadataValue.int(sum(each.size_bytes for each in manifests)),
        "partitions": dg.MetadataValue.int(len(manifests)),
    }


def picture_metadata(png: bytes) -> Metadata:
    """A PNG that the UI shows in place."""
    return {"picture": dg.MetadataValue.md("![picture](data:image/png;base64," + base64.b64encode(png).decode() + ")")}


def preview(lake: Lake, table: Table, day: date) -> str:
    """The first rows of a day as a Markdown table, without personal columns."""
    shown = [column.name for column in table.columns if not column.is_personal]
    rows = lake.lazy(table, [day]).select(shown).head(PREVIEW_ROWS).collect().rows()
    lines = [shown, ["---"] * len(shown), *([_cell(value) for value in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = " ".join(str(value).split()).replace("|", "\\|")
    return text if len(text) <= PREVIEW_CHARACTERS else text[: PREVIEW_CHARACTERS - 1] + "…"


def _column(table: Table, column: Column) -> dg.TableColumn:
    unit = f" Unit: {column.unit}." if column.unit else ""
    return dg.TableColumn(
        name=column.name,
        type=column.type.value,
        description=column.meaning.rstrip(".") + "." + unit,
        constraints=dg.TableColumnConstraints(
            nullable=column.is_nullable, unique=table.key == (column.name,), other=list(_rules(table, column))
        ),
    )


def _rules(table: Table, column: Column) -> Iterator[str]:
    if column.name in table.key:
        yield "part of the key"
    if column.least is not None:
        yield f"at least {column.least}"
    if column.most is not None:
        yield f"at most {column.most}"
    if column.one_of:
        yield "one of " + ", ".join(column.one_of)
    if column.is_personal:
        yield "personal"

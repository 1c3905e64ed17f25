"""Previews read well in a Markdown table and hold nothing personal."""

from datetime import date

import pyarrow as pa
import pytest

from analytics_pipelines.dagster_kit.described import picture_metadata, preview, whole_metadata
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Table, Type

DAY = date(2026, 3, 1)
NOTES = Table(
    name="raw_test__notes",
    room="test",
    grain="one note",
    partition="UTC day",
    key=("number",),
    columns=(
        Column(name="number", type=Type.INT, meaning="Which."),
        Column(name="note", type=Type.TEXT, meaning="What.", is_nullable=True),
        Column(name="email", type=Type.TEXT, meaning="Whose.", is_personal=True),
    ),
)


def publish(lake: Lake, notes: list[str | None]) -> None:
    rows = pa.table({"number": range(len(notes)), "note": notes, "email": ["a@b.example"] * len(notes)})
    lake.replace(NOTES, DAY, Select(Sql("SELECT * FROM given"), {"given": ArrowRows(rows)}))


@pytest.mark.parametrize(
    ("note", "cell"),
    [
        pytest.param("plain", "plain", id="plain"),
        pytest.param(None, "", id="null"),
        pytest.param("a|b", "a\\|b", id="a bar"),
        pytest.param("two\n lines", "two lines", id="lines"),
        pytest.param("x" * 60, "x" * 60, id="as long as it may be"),
        pytest.param("x" * 61, "x" * 59 + "…", id="too long"),
    ],
)
def test_a_value_becomes_one_cell(lake: Lake, note, cell) -> None:
    publish(lake, [note])
    assert preview(lake, NOTES, DAY) == "| number | note |\n| --- | --- |\n| 0 | " + cell + " |"


def test_only_the_first_rows_are_shown(lake: Lake) -> None:
    publish(lake, ["n"] * 9)
    assert len(preview(lake, NOTES, DAY).splitlines()) == 2 + 5


def test_the_whole_table_is_counted_over_its_partitions(lake: Lake) -> None:
    publish(lake, ["n"] * 9)
    found = {name: value.value for name, value in whole_metadata(lake, NOTES, DAY).items()}
    assert (found["dagster/row_count"], found["partitions"]) == (9, 1)
    assert found["dagster/column_schema"].columns[0].constraints.unique
    assert found["dagster/column_schema"].columns[2].constraints.other == ["personal"]
    assert "a@b.example" not in str(found)


def test_a_picture_is_shown_in_place() -> None:
    assert picture_metadata(b"png")["picture"].value == "![picture](data:image/png;base64,cG5n)"

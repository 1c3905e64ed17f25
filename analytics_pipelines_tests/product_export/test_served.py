"""Exported tables as their manifests declare them."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analytics_pipelines.catalog.tables import TABLES, with_exported
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql, literal
from analytics_pipelines.foundation.tables import Column, Decimal, Table, Type
from analytics_pipelines.product_export.configuration import export_wishes
from analytics_pipelines.product_export.served import exported_names, exported_tables, raw_table
from analytics_pipelines.product_export.tables import RAW_USERS
from analytics_pipelines_tests.conftest import settings_in

DAY, NEXT_DAY = date(2026, 11, 20), date(2026, 11, 21)
FILE = """
[[tables]]
table = "shop.orders"
mode = "incremental"
masking.note = "hmac"
[[tables]]
table = "shop.logs"
"""
ROW = "SELECT DATE '2026-11-20' AS export_date, {values}"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "export.toml").write_text(FILE)
    return settings_in(tmp_path / "home", export_tables_file=tmp_path / "export.toml")


def export(
    lake: Lake, name: str, day: date, values: str, columns: Mapping[str, tuple[str, Any]], **source: Any
) -> None:
    """Publish a partition as the export does; `columns` has declared and lake types."""
    ours = [Column(name="export_date", type=Type.DATE, meaning="")]
    if source.get("mode") == "incremental":
        ours.append(Column(name="is_tombstone", type=Type.BOOL, meaning=""))
    theirs = [Column(name=each, type=kind, meaning="", is_nullable=True) for each, (_, kind) in columns.items()]
    table = Table(
        name=name, room="product_export", grain="", partition="", key=(), columns=(*ours, *theirs), is_evolving=True
    )
    described = [
        {"name": each, "declared": declared, "lake": kind.value, "note": "", "masking": ""}
        for each, (declared, kind) in columns.items()
    ]
    for each, more in source.pop("more", {}).items():
        next(one for one in described if one["name"] == each).update(more)
    query = Sql(ROW).fill(values=Sql(values))
    with lake.together() as run:
        with lake.duck.cursor() as cursor:
            copy = Sql("COPY ({query}) TO {file} (FORMAT parquet)").fill(
                query=query, file=literal(str(run.file(table, day)))
            )
            cursor.execute(copy.text)
        told = {"table": "shop." + name.removeprefix("raw_app__"), "columns": described, **source}
        run.publish([run.seal(table, day, rows=1, source=told)])


def export_orders(lake: Lake, day: date = DAY) -> None:
    columns: dict[str, tuple[str, Any]] = {
        "id": ("integer", Type.INT32),
        "total": ("numeric(9,2)", Decimal(9, 2)),
        "email": ("text", Type.TEXT),
        "email_sent": ("boolean", Type.BOOL),
    }
    values = "false AS is_tombstone, 1 AS id, 9.99::DECIMAL(9,2) AS total, 'a@b.example' AS email, true AS email_sent"
    export(lake, "raw_app__orders", day, values, columns, mode="incremental", key=["id"])


def test_nothing_is_served_before_the_first_export(settings: Settings, lake: Lake) -> None:
    assert exported_tables(settings, lake) == []
    assert with_exported(TABLES, settings, lake) == tuple(TABLES)


def test_names_are_known_before_the_first_export(settings: Settings) -> None:
    assert exported_names(settings) == ("raw_app__orders", "core_app__orders", "raw_app__logs")


def test_a_manifest_declares_its_table(settings: Settings, lake: Lake) -> None:
    export_orders(lake)
    raw, core = exported_tables(settings, lake)
    assert (raw.name, raw.key, raw.is_evolving, raw.grain) == (
        "raw_app__orders",
        ("id",),
        True,
        "one row of shop.orders",
    )
    assert [(each.name, each.type, each.is_nullable, each.is_personal) for each in raw.columns] == [
        ("export_date", Type.DATE, False, False),
        ("is_tombstone", Type.BOOL, False, False),
        ("id", Type.INT32, False, False),
        ("total", Decimal(9, 2), True, False),
        ("email", Type.TEXT, True, True),
        ("email_sent", Type.BOOL, True, False),
    ]
    assert [each.meaning for each in raw.columns][2:4] == ["integer at the source", "numeric(9,2) at the source"]
    assert core.name == "core_app__orders"
    assert core.column_names == ("export_date", "id", "total", "email", "email_sent")


def test_the_newest_day_declares_unless_another_is_asked_for(settings: Settings, lake: Lake) -> None:
    export_orders(lake)
    export(
        lake,
        "raw_app__orders",
        NEXT_DAY,
        "false AS is_tombstone, 1 AS id",
        {"id": ("bigint", Type.INT32)},
        mode="incremental",
    )
    (orders,) = [wish for wish in export_wishes(settings) if wish.name == "orders"]
    newest, older = raw_table(lake, orders), raw_table(lake, orders, DAY)
    assert newest is not None
    assert older is not None
    assert newest.column_names == ("export_date", "is_tombstone", "id")
    assert older.column_names[-1] == "email_sent"
    assert raw_table(lake, orders, date(2026, 1, 1)) is None


def test_a_column_means_what_its_comment_says_and_tells_its_note(settings: Settings, lake: Lake) -> None:
    more = {"id": {"comment": "Number of the log"}, "told": {"note": "text as PostgreSQL writes it", "masking": "hmac"}}
    columns: dict[str, tuple[str, Any]] = {"id": ("integer", Type.INT32), "told": ("inet", Type.TEXT)}
    export(lake, "raw_app__logs", DAY, "1 AS id, '10.0.0.1' AS told", columns, mode="full", more=more)
    (logs,) = exported_tables(settings, lake)
    assert [(each.meaning, each.is_personal) for each in logs.columns] == [
        ("UTC day of the partition", False),
        ("Number of the log", False),
        ("inet at the source, text as PostgreSQL writes it", True),
    ]


def test_more_columns_of_the_products_own_tables_are_served_too(settings: Settings, lake: Lake) -> None:
    export(
        lake, RAW_USERS.name, DAY, "1 AS id, 'x' AS nick", {"id": ("integer", Type.INT32), "nick": ("text", Type.TEXT)}
    )
    (users,) = [table for table in with_exported(TABLES, settings, lake) if table.name == RAW_USERS.name]
    assert users.column_names == ("export_date", "id", "nick")
    assert len(with_exported(TABLES, settings, lake)) == len(list(TABLES))
    assert RAW_USERS.name not in exported_names(settings)


def test_partitions_of_older_versions_leave_the_declaration_in_force(settings: Settings, lake: Lake) -> None:
    with lake.together() as run, lake.duck.cursor() as cursor:
        query = Sql(ROW).fill(values=Sql("1 AS id"))
        copy = Sql("COPY ({query}) TO {file} (FORMAT parquet)")
        table = Table(
            name=RAW_USERS.name,
            room="product_export",
            grain="",
            partition="",
            key=(),
            columns=(
                Column(name="export_date", type=Type.DATE, meaning=""),
                Column(name="id", type=Type.INT32, meaning=""),
            ),
            is_evolving=True,
        )
        cursor.execute(copy.fill(query=query, file=literal(str(run.file(table, DAY)))).text)
        run.publish([run.seal(table, DAY, rows=1)])
    assert exported_tables(settings, lake) == []

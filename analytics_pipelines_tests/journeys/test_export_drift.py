"""A table whose columns are added, dropped, renamed and retyped at random: every day stays readable as it was."""

import random
from collections.abc import Callable
from datetime import date, timedelta

import psycopg
import pytest

from analytics_pipelines.catalog.tables import TABLES, with_exported
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls, conninfo, parsed
from analytics_pipelines.foundation.sql import Sql, joined, name, names
from analytics_pipelines.product_export.run import ExportParts, export
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines_tests.conftest import settings_in

DAY = date(2026, 11, 1)
VALUES = {
    "smallint": "(-32768)",
    "integer": "2147483647",
    "bigint": "9007199254740993",
    "numeric(12,2)": "1234567890.05",
    "numeric(20,10)": "0.0000000001",
    "double precision": "0.1",
    "text": "'it''s text'",
    "boolean": "true",
    "date": "'2024-02-29'",
    "timestamp": "'2024-02-29 12:34:56.789'",
    "timestamptz": "'2024-02-29 12:34:56.789+02'",
}
"""Types with a value that a careless common type would change."""
INSERT = Sql("INSERT INTO shop.things ({names}) VALUES ({values})")
SELECT = Sql("SELECT {texts} FROM shop.things")
SAME = Sql("CAST({column} AS {type}) IS NOT DISTINCT FROM CAST($value AS {type})")


class Shop:
    """The changing table; keeps what it held on each day as PostgreSQL writes it."""

    def __init__(self, owner: str, chance: random.Random) -> None:
        self._owner = owner
        self._chance = chance
        # Few types, so that they meet in one column.
        self._kinds = chance.sample([*VALUES], 4)
        self._columns = 0
        self.days: dict[date, dict[str, str | None]] = {}

    def change(self) -> None:
        """One to three changes of its columns, then one row of values that fit."""
        steps: list[Callable[[dict[str, str]], str | None]] = [
            self._added,
            self._dropped,
            self._renamed,
            *[self._retyped] * 3,
        ]
        with psycopg.connect(self._owner, autocommit=True) as connection:
            connection.execute("DELETE FROM shop.things")
            for step in self._chance.choices(steps, k=self._chance.randint(2, 5)):
                if alter := step(self._types(connection)):
                    connection.execute(b"ALTER TABLE shop.things " + alter.encode())
            types = self._types(connection)
            values = [Sql("1"), *(Sql(self._chance.choice([VALUES[kind]] * 3 + ["NULL"])) for kind in types.values())]
            connection.execute(INSERT.fill(names=names(["id", *types]), values=joined(values)).text.encode())

    def remember(self, day: date) -> None:
        """Keep the row as text."""
        with psycopg.connect(self._owner, options="-c timezone=UTC") as connection:
            types = self._types(connection)
            texts = joined(Sql("{column}::text").fill(column=name(column)) for column in ["id", *types])
            row = connection.execute(SELECT.fill(texts=texts).text.encode()).fetchone()
            self.days[day] = dict(zip(types, (row or ())[1:], strict=True))

    def _types(self, connection: psycopg.Connection) -> dict[str, str]:
        query = """
            SELECT attname, replace(replace(format_type(atttypid, atttypmod), ' without time zone', ''),
                'timestamp with time zone', 'timestamptz')
            FROM pg_attribute WHERE attrelid = 'shop.things'::regclass AND attnum > 1 AND NOT attisdropped
        """
        return dict(connection.execute(query).fetchall())

    def _fresh(self) -> str:
        self._columns += 1
        return f"c{self._columns}"

    def _added(self, _types: dict[str, str]) -> str:
        return f"ADD COLUMN {self._fresh()} {self._chance.choice(self._kinds)}"

    def _dropped(self, types: dict[str, str]) -> str | None:
        return f"DROP COLUMN {self._chance.choice([*types])}" if types else None

    def _renamed(self, types: dict[str, str]) -> str | None:
        return f"RENAME COLUMN {self._chance.choice([*types])} TO {self._fresh()}" if types else None

    def _retyped(self, types: dict[str, str]) -> str | None:
        if not types:
            return None
        column, kind = self._chance.choice([*types]), self._chance.choice(self._kinds)
        return f"ALTER COLUMN {column} TYPE {kind} USING NULL::{kind}"


def held(lease: Lease, shop: Shop) -> list[tuple[date, str]]:
    """Days and columns of which the united table does not hold what the source held."""
    wrong = []
    (described,) = [table for table in lease.generation.tables if table.name == "raw_app__things"]
    for day, row in shop.days.items():
        of_day = dict(described.forms[next(each.form for each in described.partitions if each.day == day)])
        for column in {each.name for each in described.columns} - {"export_date", "id"}:
            # In the type that the day had: a common type that loses something can not give it back.
            same = SAME.fill(column=name(column), type=Sql(of_day.get(column, "VARCHAR")))
            query = Sql("SELECT {same} FROM raw_app__things WHERE export_date = $day").fill(same=same)
            if lease.tuples(query, value=row.get(column), day=day) != [(True,)]:
                wrong.append((day, column))
    missing = {column for row in shop.days.values() for column in row} - {column.name for column in described.columns}
    return wrong + [(DAY, column) for column in missing]


@pytest.mark.parametrize("seed", [7, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(8, 18))])
def test_every_day_of_a_drifting_table_stays_readable(
    seed: int, tmp_path, lake: Lake, database_urls: DatabaseUrls
) -> None:
    settings = settings_in(tmp_path / "home", export_tables="shop.things")
    owner, app = conninfo(database_urls.owner), name(str(parsed(database_urls.source).username)).text
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA shop; CREATE TABLE shop.things (id integer PRIMARY KEY)")
        connection.execute(f"GRANT USAGE ON SCHEMA shop TO {app}; GRANT SELECT ON shop.things TO {app}".encode())
    shop = Shop(owner, random.Random(seed))
    parts = ExportParts(settings, lake, conninfo(database_urls.source))
    for number in range(6):
        shop.change()
        day = DAY + timedelta(days=number)
        export(parts, ["things"], [day], today=day)
        shop.remember(day)
    built = build_generation(settings, lake, with_exported(TABLES, settings, lake), hot=())
    lease = Lease.open(built.folder, settings)
    try:
        assert held(lease, shop) == []
    finally:
        lease.close()

"""Small tables and generations for tests: two rooms, native and Parquet tables, rows that name their edition."""

from datetime import date

import pyarrow as pa

from analytics_pipelines.foundation.generation import GenerationFolders
from analytics_pipelines.foundation.hot import HotTable, Readable
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Table, Type
from analytics_pipelines.serving.build import Built, build_generation

DAY = date(2026, 11, 20)
NEXT_DAY = date(2026, 11, 21)
COLUMNS = (
    Column(name="sold_date", type=Type.DATE, meaning="Day of the sale"),
    Column(name="item", type=Type.TEXT, meaning="What was sold"),
    Column(name="edition", type=Type.INT, meaning="Which run wrote the row"),
)


def table_named(name: str, room: str, *, native: bool) -> Table:
    """A table of that room."""
    return Table(
        name=name,
        room=room,
        grain="one sale",
        partition="day of the sale",
        key=("item",),
        columns=COLUMNS,
        is_native=native,
    )


SALES = table_named("out_shop__sales", "shop", native=True)
RAW_SALES = table_named("raw_shop__sales", "shop", native=False)
VISITS = table_named("out_door__visits", "door", native=True)
TABLES = (SALES, RAW_SALES, VISITS)
LAST_SALES = Table(
    name="hot_shop__last_sales",
    room="shop",
    grain="one sale",
    partition="the newest day",
    key=("item",),
    columns=(
        Column(name="place", type=Type.INT, meaning="Place among the items"),
        Column(name="pair", type=Type.INT32, meaning="Every two places"),
        *COLUMNS,
    ),
)
ITEMS = Table(
    name="hot_shop__items", room="shop", grain="one item", partition="all days", key=("item",), columns=COLUMNS[1:]
)


def _last_sales(readable: Readable) -> Sql:
    newest = readable.scan(RAW_SALES, readable.days(RAW_SALES)[-1:])
    text = "SELECT CAST(NULL AS BIGINT) AS place, CAST(NULL AS INTEGER) AS pair, * FROM ({newest}) ORDER BY item DESC"
    return Sql(text).fill(newest=newest)


def _items(readable: Readable) -> Sql:
    query = Sql("SELECT item, max(edition) AS edition FROM ({sales} UNION ALL {last}) GROUP BY item")
    last = Sql("SELECT sold_date, item, edition FROM ({last})").fill(last=readable.scan(LAST_SALES))
    return query.fill(sales=readable.scan(SALES), last=last)


HOT = (
    HotTable(
        table=LAST_SALES,
        reads=(RAW_SALES,),
        make=_last_sales,
        numbered=(("place", 1), ("pair", 2)),
        indexed=("place",),
    ),
    HotTable(table=ITEMS, reads=(SALES,), make=_items, texts=(Sql("max(edition)"),)),
)
"""One of a Parquet table's newest day, one of a native table's all days and of the hot table before it."""


def write(lake: Lake, table: Table, day: date, edition: int, *, items: int = 3) -> None:
    """Replace one day by rows of that edition."""
    rows = pa.table(
        {
            "sold_date": [day] * items,
            "item": ["item " + str(number) for number in range(items)],
            "edition": [edition] * items,
        }
    )
    lake.replace(table, day, Select(Sql("SELECT * FROM given"), reads={"given": ArrowRows(rows)}))


def write_all(lake: Lake, edition: int) -> None:
    """Replace the day in every table."""
    for table in TABLES:
        write(lake, table, DAY, edition)


def publish(settings: Settings, lake: Lake, hot: tuple[HotTable, ...] = ()) -> Built:
    """The generation of what the lake holds now."""
    return build_generation(settings, lake, TABLES, hot=hot)


def publish_edition(settings: Settings, lake: Lake, edition: int) -> Built:
    """A generation of which every row says `edition`."""
    write_all(lake, edition)
    return publish(settings, lake)


def folders_of(settings: Settings) -> GenerationFolders:
    """Where the generations of these settings lie."""
    return GenerationFolders.of(settings.home)

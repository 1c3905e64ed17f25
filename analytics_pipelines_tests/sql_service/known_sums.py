"""Tables of which every answer is known: what a generation holds follows from the edition that it is of."""

from datetime import date

from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Table, Type
from analytics_pipelines.serving.build import build_generation

DAY = date(2026, 11, 20)
ROWS = 20_000
COLUMNS = (
    Column(name="number", type=Type.INT, meaning="From 0 on"),
    Column(name="value", type=Type.INT, meaning="The number times the edition"),
    Column(name="edition", type=Type.INT, meaning="Which publication wrote the row"),
    Column(name="person", type=Type.TEXT, meaning="A name that analysts do not see", is_personal=True),
)
MADE = Sql(
    "SELECT range AS number, range * $edition AS value, $edition AS edition, 'person ' || range AS person "
    "FROM range($rows)"
)


def table_named(name: str, *, native: bool) -> Table:
    """A table of those columns."""
    return Table(
        name=name,
        room="sums",
        grain="one number",
        partition="all in one",
        key=("number",),
        columns=COLUMNS,
        is_native=native,
    )


NUMBERS = table_named("core_sums__numbers", native=False)
COPIES = table_named("out_sums__copies", native=True)
"""The same rows in the room's DuckDB file: both are of one edition in every answer."""


def publish_edition(settings: Settings, lake: Lake, edition: int) -> str:
    """The id of a generation of that edition, which is in force when this returns."""
    select = Select(MADE, values={"edition": edition, "rows": ROWS})
    for table in (NUMBERS, COPIES):
        lake.replace(table, DAY, select)
    return build_generation(settings, lake, (NUMBERS, COPIES), hot=()).generation.id


def sum_to(number: int, edition: int) -> int:
    """The sum of the values of all numbers below this one."""
    return edition * number * (number - 1) // 2

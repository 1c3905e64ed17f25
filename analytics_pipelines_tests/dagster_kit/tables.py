"""Two small tables of no room, and the definitions made of them."""

from collections.abc import Callable, Sequence
from datetime import date

import dagster as dg

from analytics_pipelines.dagster_kit.lake_asset import Make, Making, Picture, Read, lake_asset
from analytics_pipelines.dagster_kit.partitions import daily
from analytics_pipelines.dagster_kit.world import WORLD, world_resource
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Table, Type

POINTS = Table(
    name="raw_test__points",
    room="test",
    grain="one point",
    partition="UTC day of the point",
    key=("point_date", "number"),
    columns=(
        Column(name="point_date", type=Type.DATE, meaning="Day."),
        Column(name="number", type=Type.INT, meaning="Which.", least=0, most=99),
        Column(name="size_bytes", type=Type.INT, meaning="How large.", unit="bytes", is_nullable=True),
        Column(name="colour", type=Type.TEXT, meaning="Painted how.", one_of=("red", "blue")),
        Column(name="owner", type=Type.TEXT, meaning="Whose | it is.", is_personal=True),
    ),
    version="7",
)
SUMS = Table(
    name="core_test__sums",
    room="test",
    grain="one day",
    partition="UTC day of the points",
    key=("point_date",),
    columns=(
        Column(name="point_date", type=Type.DATE, meaning="Day."),
        Column(name="points", type=Type.INT, meaning="How many points in the days around it.", least=0),
    ),
)
THREE_POINTS = Sql(
    "SELECT CAST($day AS DATE) AS point_date, i AS number, 10 * i AS size_bytes, 'red' AS colour, 'anna' AS owner "
    "FROM range(3) AS points(i)"
)
COUNTED = Sql("SELECT CAST($day AS DATE) AS point_date, count(*) AS points FROM points")


def three_points(making: Making) -> Select | None:
    """Three good points."""
    return Select(THREE_POINTS, values={"day": making.day})


def around(making: Making) -> Select | None:
    """The number of points of the day, the day before and the day after."""
    points = making.scan(POINTS)
    return Select(COUNTED, {"points": points}, {"day": making.day}) if points.files else None


def points_unless(poisoned: dict[date, Callable[[Making], Select | None]]) -> Make:
    """Three points, but what the poison says on its days."""

    def make(making: Making) -> Select | None:
        return poisoned.get(making.day, three_points)(making)

    return make


def definitions(settings: Settings, make: Make = three_points, picture: Picture | None = None) -> dg.Definitions:
    """Both tables and a job for them."""
    days = daily(settings)
    assets: Sequence[dg.AssetsDefinition] = [
        lake_asset(POINTS, days=days, make=make, picture=picture),
        lake_asset(SUMS, days=days, make=around, reads=[Read(POINTS, days_before=1, days_after=1)]),
    ]
    return dg.Definitions(
        assets=assets,
        jobs=[dg.define_asset_job("both", selection=dg.AssetSelection.all())],
        resources={WORLD: world_resource(settings)},
        executor=dg.in_process_executor,
    )

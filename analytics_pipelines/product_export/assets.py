"""Dagster door: the daily copies of users and items, and their cleaned twins."""

import dagster as dg

from analytics_pipelines.dagster_kit.lake_asset import Making, Read, lake_asset
from analytics_pipelines.foundation.clock import today
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.product_export.clean import core_items, core_users
from analytics_pipelines.product_export.extract import export_items, export_users
from analytics_pipelines.product_export.tables import CORE_ITEMS, CORE_USERS, RAW_ITEMS, RAW_USERS

FROM_POSTGRES = frozenset({"postgres", "parquet"})


def assets(days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """`raw_app__users`, `raw_app__items` and their `core_` twins over these days."""
    return [
        lake_asset(RAW_USERS, days=days, make=_raw_users, kinds=FROM_POSTGRES),
        lake_asset(RAW_ITEMS, days=days, make=_raw_items, kinds=FROM_POSTGRES),
        lake_asset(CORE_USERS, days=days, make=_core_users, reads=[Read(RAW_USERS)]),
        lake_asset(CORE_ITEMS, days=days, make=_core_items, reads=[Read(RAW_ITEMS), Read(CORE_USERS)]),
    ]


def _raw_users(making: Making) -> Select | None:
    return export_users(making.world.source_conninfo, making.day, today())


def _raw_items(making: Making) -> Select | None:
    return export_items(making.world.source_conninfo, making.day, today())


def _core_users(making: Making) -> Select | None:
    return core_users(making.scan(RAW_USERS))


def _core_items(making: Making) -> Select | None:
    return core_items(making.scan(RAW_ITEMS), making.scan(CORE_USERS))

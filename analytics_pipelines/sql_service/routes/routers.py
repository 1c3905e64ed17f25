"""The doors of the room."""

from fastapi import APIRouter

from analytics_pipelines.sql_service.routes import (
    batch,
    catalog,
    explain,
    exports,
    extensions,
    health,
    imports,
    queries,
    query,
    statistics,
)

ROUTERS: tuple[APIRouter, ...] = (
    query.router,
    batch.router,
    explain.router,
    queries.router,
    exports.router,
    imports.router,
    extensions.router,
    catalog.router,
    statistics.router,
    health.router,
)

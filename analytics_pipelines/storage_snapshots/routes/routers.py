"""The doors of the storage snapshots in the order in which their paths are tried.

`/api/snapshots/compare` comes before `/api/snapshots/{date}`, `/api/folders/timeline` before `/api/folders/{path}`.
"""

from fastapi import APIRouter

from analytics_pipelines.storage_snapshots.routes import (
    analytics,
    comparison,
    folders,
    history,
    search,
    snapshots,
    timeline,
    usage,
)

ROUTERS: tuple[APIRouter, ...] = (
    comparison.router,
    snapshots.router,
    timeline.router,
    folders.router,
    history.router,
    search.router,
    analytics.router,
    usage.router,
)

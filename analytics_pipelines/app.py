"""HTTP entrance: `uvicorn analytics_pipelines.app:create_app --factory`."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from importlib.metadata import version

from fastapi import APIRouter, FastAPI

from analytics_pipelines.accounts.tokens import verify_token
from analytics_pipelines.dashboard.routes import router as dashboard
from analytics_pipelines.foundation.cache import open_cache
from analytics_pipelines.foundation.clock import Clock, now
from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.garbage import seldom_searched
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.logs import configure
from analytics_pipelines.foundation.postgres.urls import database_urls
from analytics_pipelines.foundation.settings import Settings, load
from analytics_pipelines.http_kit.access_log import AccessLog
from analytics_pipelines.http_kit.cached import CACHE
from analytics_pipelines.http_kit.client_address import ClientAddresses
from analytics_pipelines.http_kit.conditional import GenerationHeaders
from analytics_pipelines.http_kit.database_door import FollowedDatabase
from analytics_pipelines.http_kit.head import HeadAsGet
from analytics_pipelines.http_kit.origins import Origins
from analytics_pipelines.http_kit.principals import Principal, Verifier
from analytics_pipelines.http_kit.problems import documented, install_problems
from analytics_pipelines.http_kit.requests import AccessLines, BodyLimit, RequestIds, SafeHeaders, UnexpectedErrors
from analytics_pipelines.http_kit.shortcuts import Shortcuts
from analytics_pipelines.http_kit.wiring import DatabaseDoor, Wiring, wire
from analytics_pipelines.operations.routes.cleanup import router as cleanup
from analytics_pipelines.operations.routes.health import router as health
from analytics_pipelines.operations.routes.runs import router as runs
from analytics_pipelines.operations.routes.status import router as pipeline_status
from analytics_pipelines.operations.routes.sync import router as sync
from analytics_pipelines.product_export.routes.routers import ROUTERS as PRODUCT_EXPORT
from analytics_pipelines.storage_snapshots.ask.readiness import make_ready
from analytics_pipelines.storage_snapshots.routes.routers import ROUTERS as STORAGE_SNAPSHOTS
from analytics_pipelines.web_events.intake.directory import open_directory
from analytics_pipelines.web_events.intake.opening import open_intake
from analytics_pipelines.web_events.routes.collect import collect_problem
from analytics_pipelines.web_events.routes.collect import router as web_events
from analytics_pipelines.web_events.routes.events import router as event_log
from analytics_pipelines.web_events.routes.parts import DIRECTORY, INTAKE
from analytics_pipelines.web_events.routes.query import router as web_figures
from analytics_pipelines.web_events.routes.receiving import allowed_somewhere
from analytics_pipelines.web_events.routes.segment import PATHS as SEGMENT_PATHS
from analytics_pipelines.web_events.routes.segment import router as segment
from analytics_pipelines.web_events.routes.segment import segment_problem
from analytics_pipelines.web_events.routes.sites import router as web_sites

PACKAGE = "analytics-pipelines"
SERVICE = "api"
COLLECT_PATHS = ("/collect",)
PUBLIC_PATHS = (*COLLECT_PATHS, *SEGMENT_PATHS)
ROUTERS: tuple[APIRouter, ...] = (
    dashboard,
    *STORAGE_SNAPSHOTS,
    *PRODUCT_EXPORT,
    web_events,
    segment,
    web_figures,
    web_sites,
    event_log,
    health,
    runs,
    sync,
    cleanup,
    pipeline_status,
)


def create_app(settings: Settings | None = None, *, clock: Clock = now) -> FastAPI:
    """The application with these settings, by default those of the environment; raises `SetupError`."""
    chosen = settings or load()
    configure(chosen, service=SERVICE)
    database = FollowedDatabase(chosen, name=SERVICE)
    generations = Generations(chosen, make_ready=make_ready)
    access_log = AccessLog(chosen.access_log_path) if chosen.access_log_path else None
    app = FastAPI(
        title="analytics_pipelines",
        version=version(PACKAGE),
        description="Self-hosted analytics: storage snapshots, product tables and web events over one Parquet lake.",
        lifespan=_lifespan(chosen, generations, database, access_log, clock),
        responses=documented(BadInput),
    )
    verifier = token_verifier(database, clock)
    wire(app, Wiring(settings=chosen, generations=generations, database=database, verifier=verifier, clock=clock))
    shapes = dict.fromkeys(COLLECT_PATHS, collect_problem) | dict.fromkeys(SEGMENT_PATHS, segment_problem)
    install_problems(app, shapes)
    for router in ROUTERS:
        app.include_router(router)
    _wrap(app, chosen, access_log)
    return app


def token_verifier(database: DatabaseDoor, clock: Callable[[], datetime]) -> Verifier:
    """Checks service tokens against the database."""

    def verify(token: str) -> Principal | None:
        holder = verify_token(database(), token, clock())
        return Principal(holder.name, holder.scopes, holder.subject) if holder else None

    return verify


def _wrap(app: FastAPI, settings: Settings, access_log: AccessLog | None) -> None:
    """Middlewares from the innermost outwards; every answer has an id and a line, the unexpected ones too."""
    app.add_middleware(HeadAsGet, except_paths=PUBLIC_PATHS)
    app.add_middleware(BodyLimit)
    app.add_middleware(GenerationHeaders)
    app.add_middleware(Shortcuts, routers=(web_events, segment))
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(Origins, allowed=settings.allowed_origins, public_paths=PUBLIC_PATHS, public=allowed_somewhere)
    app.add_middleware(SafeHeaders)
    level = settings.effective_log_level
    app.add_middleware(AccessLines, access_log=access_log, level=level, quiet_paths=PUBLIC_PATHS)
    app.add_middleware(RequestIds)
    if settings.trusted_proxies:
        app.add_middleware(ClientAddresses, trusted=settings.trusted_proxies)


def _lifespan(
    settings: Settings,
    generations: Generations,
    database: FollowedDatabase,
    access_log: AccessLog | None,
    clock: Clock,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        def url() -> str:
            return database_urls(settings).app

        async with (
            open_intake(settings, url, clock=clock) as intake,
            open_directory(settings, url, clock=clock) as directory,
        ):
            INTAKE.fill(app, intake)
            DIRECTORY.fill(app, directory)
            with generations, seldom_searched(), open_cache(settings) as cache:
                CACHE.fill(app, cache)
                yield
        database.close()
        if access_log is not None:
            access_log.close()

    return lifespan

"""HTTP entrance: `uvicorn analytics_pipelines.app:create_app --factory`."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, closing
from datetime import datetime
from importlib.metadata import version

from fastapi import APIRouter, FastAPI

from analytics_pipelines.accounts.caller import caller_of
from analytics_pipelines.accounts.routes.routers import ROUTERS as ACCOUNTS
from analytics_pipelines.dashboard.routes import router as dashboard
from analytics_pipelines.datasets.execution.platform import Platform
from analytics_pipelines.datasets.routes.parts import PLATFORM
from analytics_pipelines.datasets.routes.routers import ROUTERS as DATASETS
from analytics_pipelines.datasets.routes.routers import UPLOAD_PATH
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
from analytics_pipelines.http_kit.multipart import OVERHEAD_BYTES
from analytics_pipelines.http_kit.origins import Origins
from analytics_pipelines.http_kit.principals import Credential, Principal, Verifier
from analytics_pipelines.http_kit.problems import documented, install_problems
from analytics_pipelines.http_kit.rate_limits import LIMITER, RateLimitHeaders, open_limiter
from analytics_pipelines.http_kit.requests import AccessLines, BodyLimit, RequestIds, SafeHeaders, UnexpectedErrors
from analytics_pipelines.http_kit.security import tell_security
from analytics_pipelines.http_kit.shortcuts import Shortcuts
from analytics_pipelines.http_kit.wiring import DatabaseDoor, Wiring, wire
from analytics_pipelines.operations.routes.cleanup import router as cleanup
from analytics_pipelines.operations.routes.health import router as health
from analytics_pipelines.operations.routes.runs import router as runs
from analytics_pipelines.operations.routes.status import router as pipeline_status
from analytics_pipelines.operations.routes.sync import router as sync
from analytics_pipelines.product_export.routes.routers import ROUTERS as PRODUCT_EXPORT
from analytics_pipelines.sql_service.routes.imports import IMPORT_PATH, IMPORTER
from analytics_pipelines.sql_service.routes.parts import SERVICE as SQL_SLOT
from analytics_pipelines.sql_service.routes.routers import ROUTERS as SQL_SERVICE
from analytics_pipelines.sql_service.service import DuckDBService
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
LOG_IN_PATH = "/api/auth/login"
PUBLIC_PATHS = (*COLLECT_PATHS, *SEGMENT_PATHS)
# They are tried in this order; SQL is asked for most often of those without a way of their own.
ROUTERS: tuple[APIRouter, ...] = (
    *SQL_SERVICE,
    dashboard,
    *ACCOUNTS,
    *DATASETS,
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
        description="Self-hosted analytics: storage, product tables, web events and datasets over one Parquet lake.",
        lifespan=_lifespan(chosen, generations, database, access_log, clock),
        responses=documented(BadInput),
    )
    verifier = token_verifier(database, chosen, clock)
    wire(app, Wiring(settings=chosen, generations=generations, database=database, verifier=verifier, clock=clock))
    shapes = dict.fromkeys(COLLECT_PATHS, collect_problem) | dict.fromkeys(SEGMENT_PATHS, segment_problem)
    install_problems(app, shapes)
    for router in ROUTERS:
        app.include_router(router)
    tell_security(app, ROUTERS, LOG_IN_PATH)
    _wrap(app, chosen, access_log)
    return app


def token_verifier(database: DatabaseDoor, settings: Settings, clock: Callable[[], datetime]) -> Verifier:
    """Checks access tokens and service tokens against the database."""

    def verify(token: str) -> Principal | None:
        found = caller_of(database, settings, token, clock())
        if found is None:
            return None
        credential = Credential(found.claims.jti, found.claims.expires_at) if found.claims else None
        return Principal(found.name, found.scopes, found.subject, found.user_id, credential)

    return verify


def _wrap(app: FastAPI, settings: Settings, access_log: AccessLog | None) -> None:
    """Middlewares from the innermost outwards; every answer has an id and a line, the unexpected ones too."""
    app.add_middleware(HeadAsGet, except_paths=PUBLIC_PATHS)
    upload_bytes = settings.max_upload_size + 2 * OVERHEAD_BYTES
    app.add_middleware(BodyLimit, larger={UPLOAD_PATH: upload_bytes, IMPORT_PATH: upload_bytes})
    app.add_middleware(GenerationHeaders)
    app.add_middleware(Shortcuts, routers=(web_events, segment))
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(RateLimitHeaders)
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
            with ExitStack() as stack:
                stack.enter_context(generations)
                stack.enter_context(seldom_searched())
                _fill(app, settings, clock, stack)
                yield
        database.close()
        if access_log is not None:
            access_log.close()

    return lifespan


def _fill(app: FastAPI, settings: Settings, clock: Clock, stack: ExitStack) -> None:
    """Parts that only some rooms know, open until the stack ends."""
    CACHE.fill(app, stack.enter_context(open_cache(settings)))
    LIMITER.fill(app, stack.enter_context(closing(open_limiter(settings))))
    platform = stack.enter_context(closing(Platform.of(settings, clock=clock)))
    PLATFORM.fill(app, platform)
    IMPORTER.fill(app, platform)
    SQL_SLOT.fill(app, DuckDBService.of(settings))

"""HTTP entrance: `uvicorn analytics_pipelines.app:create_app --factory`."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from importlib.metadata import version

from fastapi import APIRouter, FastAPI

from analytics_pipelines.accounts.tokens import verify_token
from analytics_pipelines.dashboard.routes import router as dashboard
from analytics_pipelines.foundation.clock import Clock, now
from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.logs import configure
from analytics_pipelines.foundation.settings import Settings, load
from analytics_pipelines.http_kit.access_log import AccessLog
from analytics_pipelines.http_kit.conditional import GenerationHeaders
from analytics_pipelines.http_kit.database_door import FollowedDatabase
from analytics_pipelines.http_kit.origins import Origins
from analytics_pipelines.http_kit.principals import Principal, Verifier
from analytics_pipelines.http_kit.problems import documented, install_problems
from analytics_pipelines.http_kit.requests import AccessLines, BodyLimit, RequestIds, SafeHeaders, UnexpectedErrors
from analytics_pipelines.http_kit.wiring import DatabaseDoor, Wiring, wire
from analytics_pipelines.operations.routes import router as operations
from analytics_pipelines.product_export.routes import router as product_export
from analytics_pipelines.storage_snapshots.routes import router as storage_snapshots
from analytics_pipelines.web_events.routes import collect_problem
from analytics_pipelines.web_events.routes import router as web_events

PACKAGE = "analytics-pipelines"
SERVICE = "api"
PUBLIC_PATHS = ("/collect",)
ROUTERS: tuple[APIRouter, ...] = (dashboard, storage_snapshots, product_export, web_events, operations)


def create_app(settings: Settings | None = None, *, clock: Clock = now) -> FastAPI:
    """The application with these settings, by default those of the environment; raises `SetupError`."""
    chosen = settings or load()
    configure(chosen, service=SERVICE)
    database = FollowedDatabase(chosen, name=SERVICE)
    generations = Generations(chosen)
    access_log = AccessLog(chosen.access_log_path) if chosen.access_log_path else None
    app = FastAPI(
        title="analytics_pipelines",
        version=version(PACKAGE),
        description="Self-hosted analytics: storage snapshots, product tables and web events over one Parquet lake.",
        lifespan=_lifespan(generations, database, access_log),
        responses=documented(BadInput),
    )
    verifier = token_verifier(database, clock)
    wire(app, Wiring(settings=chosen, generations=generations, database=database, verifier=verifier, clock=clock))
    install_problems(app, dict.fromkeys(PUBLIC_PATHS, collect_problem))
    for router in ROUTERS:
        app.include_router(router)
    _wrap(app, chosen, access_log)
    return app


def token_verifier(database: DatabaseDoor, clock: Callable[[], datetime]) -> Verifier:
    """Checks service tokens against the database."""

    def verify(token: str) -> Principal | None:
        holder = verify_token(database(), token, clock())
        return Principal(holder.name, holder.scopes) if holder else None

    return verify


def _wrap(app: FastAPI, settings: Settings, access_log: AccessLog | None) -> None:
    """Middlewares from the innermost outwards; every answer has an id and a line, the unexpected ones too."""
    app.add_middleware(BodyLimit)
    app.add_middleware(GenerationHeaders)
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(Origins, allowed=settings.allowed_origins, public_paths=PUBLIC_PATHS)
    app.add_middleware(SafeHeaders)
    app.add_middleware(AccessLines, access_log=access_log)
    app.add_middleware(RequestIds)


def _lifespan(
    generations: Generations, database: FollowedDatabase, access_log: AccessLog | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with generations:
            yield
        database.close()
        if access_log is not None:
            access_log.close()

    return lifespan

"""HTTP door of the catalog: what there is to ask, from the generation in force."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from analytics_pipelines.foundation.generation import GenerationFolders, NothingPublished
from analytics_pipelines.http_kit.depends import DuckLease, SettingsNow
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.sql_service.catalog import CatalogTable, published
from analytics_pipelines.sql_service.routes.parts import PREFIX

router = APIRouter(prefix=PREFIX, tags=["sql"])


class Freshness(BaseModel):
    """How new what is served is."""

    generation: str
    published_at: datetime = Field(description="When the generation was put into force.")
    built_at: datetime


class CatalogAnswer(Freshness):
    """Every published table."""

    tables: list[CatalogTable]


@router.get("/catalog", dependencies=[requires(Scope.VIEWER)], responses=documented(NothingPublished))
def read_catalog(duck: DuckLease, settings: SettingsNow) -> CatalogAnswer:
    """Every table: grain, columns with types, units and meaning, days, rows, sizes; and how new all of it is."""
    return CatalogAnswer(
        generation=duck.id,
        published_at=GenerationFolders.of(settings.home).published_at(duck.id),
        built_at=duck.generation.built_at,
        tables=published(duck.generation),
    )

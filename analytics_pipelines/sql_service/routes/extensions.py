"""HTTP door of extensions: which there are, which are installed, which queries can use."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.http_kit.depends import SettingsNow
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.sql_service.extensions import extensions
from analytics_pipelines.sql_service.routes.parts import PREFIX

router = APIRouter(prefix=PREFIX, tags=["sql"])


class ExtensionAnswer(BaseModel):
    """An extension of DuckDB."""

    name: str
    description: str
    version: str = Field(description="Empty where it is not installed.")
    built_in: bool
    installed: bool
    enabled: bool = Field(description="Whether queries can use it.")


@router.get("/extensions", dependencies=[requires(Scope.VIEWER)], responses=documented(SetupError))
def read_extensions(settings: SettingsNow) -> list[ExtensionAnswer]:
    """DuckDB's extensions by name; `analytics extension install` and `SQL_EXTENSIONS` make more usable."""
    return [
        ExtensionAnswer(
            name=each.name,
            description=each.description,
            version=each.version,
            built_in=each.is_built_in,
            installed=each.is_installed,
            enabled=each.is_enabled,
        )
        for each in extensions(settings)
    ]

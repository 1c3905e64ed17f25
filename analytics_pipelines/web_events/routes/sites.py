"""HTTP door of the sites: read by viewers, made and changed by admins, who alone see the write keys."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.http_kit.depends import Db, Now
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, caller_may, requires
from analytics_pipelines.web_events import sites
from analytics_pipelines.web_events.site_settings import BadSetting
from analytics_pipelines.web_events.sites import BadSiteId, Site, SiteExists, UnknownSite

router = APIRouter(prefix="/api/v1/web/sites", tags=["web events"])
reading = [requires(Scope.VIEWER)]
changing = [requires(Scope.ADMIN)]


class SiteWish(BaseModel):
    """Settings to give a site; those that are left out stay as they are, or have their defaults in a new site."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field("", description="Name that people read; by default the id.")
    timezone: str = Field("UTC", description="IANA name of the zone in which the site's days are counted.")
    gap_limit_s: int = Field(1800, description="Pause in seconds after which a visit ends; under a day.")
    allowed_origins: list[str] = Field(["*"], description="Browser origins that may send events; `*` is any.")
    retention_days: int | None = Field(
        None, description="Least days that PostgreSQL keeps events; null: as /etl/cleanup says."
    )
    address_mode: str = Field("truncated", description="What is stored of client addresses: full, truncated or none.")
    honours_opt_out: bool = Field(default=False, description="Whether events with Sec-GPC or DNT are turned away.")
    conversion_events: list[str] = Field([], description="Event types that are conversions.")


class NewSite(SiteWish):
    """A site to make."""

    site_id: str = Field(description="Printable text without / and \\, at most 100 characters.")


class SiteChange(SiteWish):
    """A change of a site."""

    renews_write_key: bool = Field(default=False, description="Whether a new write key takes the old one's place.")


class SiteState(BaseModel):
    """A site as it is now."""

    site_id: str
    name: str
    timezone: str
    gap_limit_s: int
    allowed_origins: list[str]
    retention_days: int | None
    address_mode: str
    honours_opt_out: bool
    conversion_events: list[str]
    write_key: str | None = Field(description="Names the site in the Segment API; shown to admins only.")
    version: int
    created_at: datetime
    updated_at: datetime


class SiteVersionState(BaseModel):
    """The settings of one version, and who made it when."""

    version: int
    settings: dict[str, object]
    changed_by: str
    changed_at: datetime


@router.get("", dependencies=reading, responses=documented(Unavailable))
def list_sites(request: Request, database: Db) -> list[SiteState]:
    """All sites, by id."""
    shows_key = caller_may(request, Scope.ADMIN)
    return [_state(each, shows_key=shows_key) for each in sites.list_sites(database)]


@router.get("/{site_id}", dependencies=reading, responses=documented(UnknownSite, Unavailable))
def read_site(site_id: str, request: Request, database: Db) -> SiteState:
    """One site as it is now."""
    return _state(sites.get(database, site_id), shows_key=caller_may(request, Scope.ADMIN))


@router.get("/{site_id}/versions", dependencies=reading, responses=documented(UnknownSite, Unavailable))
def list_versions(site_id: str, database: Db) -> list[SiteVersionState]:
    """Every version of the site's settings, the newest first."""
    return [
        SiteVersionState(
            version=each.version, settings=each.settings, changed_by=each.changed_by, changed_at=each.changed_at
        )
        for each in sites.versions(database, site_id)
    ]


@router.post(
    "",
    status_code=201,
    dependencies=changing,
    responses=documented(BadSiteId, BadSetting, SiteExists, Unavailable),
)
def create_site(wish: NewSite, request: Request, database: Db, now: Now) -> SiteState:
    """Make a site; its write key is in the answer."""
    settings = wish.model_dump(exclude_unset=True, exclude={"site_id"})
    return _state(sites.create(database, wish.site_id, settings, by=_caller(request), at=now), shows_key=True)


@router.post(
    "/{site_id}",
    dependencies=changing,
    responses=documented(UnknownSite, BadSetting, Unavailable),
)
def change_site(site_id: str, wish: SiteChange, request: Request, database: Db, now: Now) -> SiteState:
    """Change the settings that are named; where metrics depend on them, the site's days are made anew."""
    settings = wish.model_dump(exclude_unset=True, exclude={"renews_write_key"})
    changed = sites.change(
        database, site_id, settings, by=_caller(request), at=now, renews_write_key=wish.renews_write_key
    )
    return _state(changed, shows_key=True)


def _caller(request: Request) -> str:
    """Who asks, for the record; the route's scope has been checked already."""
    return str(request.state.principal.name)


def _state(site: Site, *, shows_key: bool) -> SiteState:
    return SiteState(
        site_id=site.site_id,
        name=site.name,
        timezone=site.timezone,
        gap_limit_s=site.gap_limit_s,
        allowed_origins=list(site.allowed_origins),
        retention_days=site.retention_days,
        address_mode=site.address_mode,
        honours_opt_out=site.honours_opt_out,
        conversion_events=list(site.conversion_events),
        write_key=site.write_key if shows_key else None,
        version=site.version,
        created_at=site.created_at,
        updated_at=site.updated_at,
    )

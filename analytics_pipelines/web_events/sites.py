"""Sites that events may belong to, as versioned inputs: every change is a version, and makes the site's days anew."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from analytics_pipelines.foundation.errors import Conflict, NotFound
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.web_events.log_tables import SITE, SITE_VERSION
from analytics_pipelines.web_events.site_settings import SETTINGS, BadSiteId, checked, is_site_id
from analytics_pipelines.web_events.visitors import SECRET_BYTES

__all__ = ["BadSiteId", "Site", "SiteExists", "SiteVersion", "UnknownSite", "is_site_id"]

WRITE_KEY_BYTES = 24
IN_THE_LAKE = ("name", "timezone", "gap_limit_s", "conversion_events")
"""Settings that `core_web__sites` holds: a change of one changes visits and metrics of days gone by."""
REGISTERED = "its first event"
WAIT_FOR_NEW_DAYS = "LOCK TABLE web_events.site_day IN SHARE MODE"
"""A day that is being noted now may be made with the settings of before: it is touched once it is there."""


class UnknownSite(NotFound):
    """No site has that id."""


class SiteExists(Conflict):
    """A site of that id is there already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site as it is now; `write_key` names it to clients of the Segment API and is public by nature.

    PostgreSQL keeps its events for at least `retention_days` (None: as the clean-up asks), the lake for ever; without
    `allowed_origins` no browser may send to it.
    """

    site_id: str
    name: str
    timezone: str
    gap_limit_s: int
    allowed_origins: tuple[str, ...]
    retention_days: int | None
    address_mode: str
    honours_opt_out: bool
    conversion_events: tuple[str, ...]
    write_key: str | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SiteVersion:
    """The settings of one version, and who made it when."""

    version: int
    settings: dict[str, object]
    changed_by: str
    changed_at: datetime


def create(database: Database, site_id: str, settings: Mapping[str, object], *, by: str, at: datetime) -> Site:
    """A new site in its first version; settings that are not given have the table's defaults, the name is the id.

    Raises `BadSiteId`, `BadSetting`, `SiteExists`, `Unavailable`.
    """
    values = checked(settings)
    with database.writing() as connection:
        made = _insert(connection, site_id, values | {"write_key": _write_key()}, by=by, at=at)
    if made is None:
        raise SiteExists("There is a site of that id.", remedy="Change it, or choose another id.")
    return made


def change(
    database: Database,
    site_id: str,
    settings: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    renews_write_key: bool = False,
) -> Site:
    """The site with these settings in place of its own, one version on; the same version when nothing is new.

    Two who change it at once do so one after the other. Where visits or metrics depend on what changed, the site's
    days are touched in the same transaction. Raises `UnknownSite`, `BadSetting`, `Unavailable`.
    """
    values = checked(settings)
    with database.writing() as connection:
        before = _found(connection, site_id, sa.select(SITE).where(SITE.c.site_id == site_id).with_for_update())
        changed = {name: value for name, value in values.items() if value != getattr(before, name)}
        if renews_write_key:
            changed["write_key"] = _write_key()
        if not changed:
            return before
        versioned = changed | {"version": before.version + 1, "updated_at": at}
        update = sa.update(SITE).where(SITE.c.site_id == site_id).values(versioned).returning(SITE)
        after = _found(connection, site_id, update)
        _record(connection, after, by, at)
        if not changed.keys().isdisjoint(IN_THE_LAKE):
            _touch_days(connection, site_id, at)
    return after


def get(database: Database, site_id: str) -> Site:
    """The site as it is now. Raises `UnknownSite`, `Unavailable`."""
    with database.reading() as connection:
        return _found(connection, site_id, sa.select(SITE).where(SITE.c.site_id == site_id))


def list_sites(database: Database) -> list[Site]:
    """All sites by id. Raises `Unavailable`."""
    with database.reading() as connection:
        return [_site(row) for row in connection.execute(sa.select(SITE).order_by(SITE.c.site_id.collate("C")))]


def versions(database: Database, site_id: str) -> list[SiteVersion]:
    """Every version of the site that was recorded, the newest first. Raises `UnknownSite`, `Unavailable`."""
    columns = SITE_VERSION.c
    found = sa.select(columns.version, columns.settings, columns.changed_by, columns.changed_at)
    get(database, site_id)
    with database.reading() as connection:
        rows = connection.execute(found.where(columns.site_id == site_id).order_by(columns.version.desc()))
        return [SiteVersion(*row) for row in rows]


def is_known(connection: sa.Connection, site_id: str) -> bool:
    """Whether the site is registered."""
    return connection.scalar(sa.select(SITE.c.site_id).where(SITE.c.site_id == site_id)) is not None


def register(connection: sa.Connection, site_id: str, at: datetime, *, by: str = REGISTERED) -> bool:
    """Register the site under its id as name, in UTC; false when it exists, which is left as it is.

    It has no write key: the Segment API knows it by its id until it is given one.
    Who registers several in one transaction sorts them, so that two never wait for each other. Raises `BadSiteId`.
    """
    return _insert(connection, site_id, {}, by=by, at=at) is not None


def visitor_key(connection: sa.Connection, site_id: str) -> bytes:
    """The secret under which the visitors in the site's logs are hashed."""
    key: bytes = connection.execute(sa.select(SITE.c.visitor_key).where(SITE.c.site_id == site_id)).scalar_one()
    return key


def _insert(
    connection: sa.Connection, site_id: str, values: Mapping[str, object], *, by: str, at: datetime
) -> Site | None:
    if not is_site_id(site_id):
        raise BadSiteId.of_a_site()
    ours = {
        "site_id": site_id,
        "visitor_key": secrets.token_bytes(SECRET_BYTES),
        "created_at": at,
        "updated_at": at,
    }
    statement = insert(SITE).values({"name": site_id, **values, **ours})
    row = connection.execute(statement.on_conflict_do_nothing(index_elements=["site_id"]).returning(SITE)).first()
    if row is None:
        return None
    made = _site(row)
    _record(connection, made, by, at)
    return made


def _record(connection: sa.Connection, site: Site, by: str, at: datetime) -> None:
    values = {
        "site_id": site.site_id,
        "version": site.version,
        "settings": {name: getattr(site, name) for name in SETTINGS},
        "changed_by": by,
        "changed_at": at,
    }
    connection.execute(insert(SITE_VERSION).values(values))


def _touch_days(connection: sa.Connection, site_id: str, at: datetime) -> None:
    connection.exec_driver_sql(WAIT_FOR_NEW_DAYS)
    connection.execute(sa.text(from_file(__package__, "touch_site_days").text), {"site_id": site_id, "at": at})


def _write_key() -> str:
    return secrets.token_urlsafe(WRITE_KEY_BYTES)


def _found(connection: sa.Connection, site_id: str, statement: "sa.Executable") -> Site:
    row = connection.execute(statement).first()
    if row is None:
        raise UnknownSite("There is no site " + repr(site_id) + ".", remedy="`analytics site list` names them all.")
    return _site(row)


def _site(row: "sa.Row[Any]") -> Site:
    values = row._asdict()
    lists = {name: tuple(values[name]) for name in ("allowed_origins", "conversion_events")}
    return Site(**{field.name: values[field.name] for field in fields(Site)} | lists)

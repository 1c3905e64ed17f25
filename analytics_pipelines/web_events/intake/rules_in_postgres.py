"""The rulebook in PostgreSQL: reading it, registering sites, and keeping the salts of the right days."""

import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime

from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.web_events.intake.lanes import Connection
from analytics_pipelines.web_events.intake.rulebook import Rulebook, SiteRules
from analytics_pipelines.web_events.site_settings import is_site_id
from analytics_pipelines.web_events.sites import REGISTERED
from analytics_pipelines.web_events.visitors import DAY, SALT_LIFE, SECRET_BYTES, Salts

SITE_RULES = from_file(__package__, "site_rules").text.encode()
REGISTER_SITES = from_file(__package__, "register_sites").text.encode()
SALTS = from_file(__package__, "salts").text.encode()
MAKE_SALTS = from_file(__package__, "make_salts").text.encode()
DROP_SALTS = from_file(__package__, "drop_salts").text.encode()


async def all_rules(connection: Connection, at: datetime, known: Mapping[date, bytes]) -> Rulebook:
    """Everything as it is now, with the salts in order; `known` ones were used while PostgreSQL was away."""
    sites = await site_rules(connection, None)
    return Rulebook({site.site_id: site for site in sites}, await kept_salts(connection, at, known), is_complete=True)


async def site_rules(connection: Connection, named: Collection[str] | None) -> list[SiteRules]:
    """The rules of sites with these ids or write keys, or of all."""
    cursor = await connection.execute(SITE_RULES, {"named": None if named is None else list(named)})
    return [
        SiteRules(
            site_id=site_id,
            allowed_origins=frozenset(origins),
            address_mode=mode,
            honours_opt_out=honours,
            write_key=write_key,
            visitor_key=visitor_key,
            suppressed=frozenset(suppressed),
        )
        for site_id, origins, mode, honours, write_key, visitor_key, suppressed in await cursor.fetchall()
    ]


async def register_sites(connection: Connection, site_ids: Collection[str], at: datetime) -> None:
    """Register those that are no sites yet; what can not be a site's id is left out."""
    wanted = sorted(filter(is_site_id, site_ids))
    keys = [secrets.token_hex(SECRET_BYTES) for _ in wanted]
    if wanted:
        values = {"site_ids": wanted, "visitor_keys": keys, "at": at, "by": REGISTERED}
        await connection.execute(REGISTER_SITES, values)


async def kept_salts(connection: Connection, at: datetime, known: Mapping[date, bytes]) -> Salts:
    """Today's salt and tomorrow's, made a day ahead, and yesterday's if there was one; older ones are deleted."""
    today = at.date()
    found = await _salts(connection)
    if missing := {today, today + DAY} - found.keys():
        made = {day: known.get(day) or secrets.token_bytes(SECRET_BYTES) for day in sorted(missing)}
        await connection.execute(MAKE_SALTS, {"days": list(made), "salts": [salt.hex() for salt in made.values()]})
        found = await _salts(connection)
    last = (at - SALT_LIFE).date()
    if found and min(found) <= last:
        await connection.execute(DROP_SALTS, {"last": last})
    return Salts({day: salt for day, salt in found.items() if day > last})


async def _salts(connection: Connection) -> dict[date, bytes]:
    cursor = await connection.execute(SALTS)
    return dict(await cursor.fetchall())

"""Commands about the sites that events belong to."""

from typing import Annotated, Any

import typer

from analytics_pipelines.cli.output import console, table
from analytics_pipelines.cli.platform import opened
from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.postgres.embedded import running_database
from analytics_pipelines.foundation.settings import load
from analytics_pipelines.web_events import sites
from analytics_pipelines.web_events.sites import Site, SiteVersion

BY = "command line"
UNSET = 0

SiteId = Annotated[str, typer.Argument(help="The site's id.")]
Name = Annotated[str | None, typer.Option(help="Name that people read; the id when absent.")]
Timezone = Annotated[str | None, typer.Option(help="IANA name of the zone in which its days are counted; UTC.")]
Gap = Annotated[int | None, typer.Option("--gap-limit-s", help="Pause in seconds after which a visit ends; 1800.")]
Origins = Annotated[
    list[str] | None, typer.Option("--origin", help="Browser origin that may send, or *; repeatable. '' for none.")
]
Retention = Annotated[
    int | None, typer.Option(help="Least days that PostgreSQL keeps events; 0 as the clean-up asks.", min=UNSET)
]
Address = Annotated[str | None, typer.Option(help="What is stored of addresses: full, truncated or none.")]
OptOut = Annotated[
    bool | None, typer.Option("--honours-opt-out/--ignores-opt-out", help="Turn Sec-GPC and DNT away or not.")
]
Conversions = Annotated[
    list[str] | None, typer.Option("--conversion-event", help="Event type that converts; repeatable. '' for none.")
]


def list_sites() -> None:
    """List the sites."""
    settings = load()
    with running_database(settings) as urls, opened(urls.app, settings) as database:
        found = sites.list_sites(database)
    columns = ("site", "name", "time zone", "pause", "kept", "version", "changed")
    rows = [
        (
            each.site_id,
            each.name,
            each.timezone,
            f"{each.gap_limit_s} s",
            _kept(each.retention_days),
            each.version,
            each.updated_at.date(),
        )
        for each in found
    ]
    console.print(table("Sites", columns, rows, right=("pause", "version")))


def create_site(
    site_id: SiteId,
    *,
    name: Name = None,
    timezone: Timezone = None,
    gap_limit_s: Gap = None,
    origins: Origins = None,
    retention_days: Retention = None,
    address_mode: Address = None,
    honours_opt_out: OptOut = None,
    conversion_events: Conversions = None,
) -> None:
    """Make a site; its write key names it to clients of the Segment API."""
    wanted = _given(
        name=name,
        timezone=timezone,
        gap_limit_s=gap_limit_s,
        allowed_origins=origins,
        retention_days=retention_days,
        address_mode=address_mode,
        honours_opt_out=honours_opt_out,
        conversion_events=conversion_events,
    )
    settings = load()
    with running_database(settings) as urls, opened(urls.app, settings) as database:
        made = sites.create(database, site_id, wanted, by=BY, at=now())
    console.print(_settings(made))


def change_site(
    site_id: SiteId,
    *,
    name: Name = None,
    timezone: Timezone = None,
    gap_limit_s: Gap = None,
    origins: Origins = None,
    retention_days: Retention = None,
    address_mode: Address = None,
    honours_opt_out: OptOut = None,
    conversion_events: Conversions = None,
    renews_write_key: Annotated[
        bool, typer.Option("--new-write-key", help="Give a new key; the old one is refused from now on.")
    ] = False,
) -> None:
    """Change what is named; where metrics depend on it, the site's days are made anew."""
    wanted = _given(
        name=name,
        timezone=timezone,
        gap_limit_s=gap_limit_s,
        allowed_origins=origins,
        retention_days=retention_days,
        address_mode=address_mode,
        honours_opt_out=honours_opt_out,
        conversion_events=conversion_events,
    )
    settings = load()
    with running_database(settings) as urls, opened(urls.app, settings) as database:
        after = sites.change(database, site_id, wanted, by=BY, at=now(), renews_write_key=renews_write_key)
    console.print(_settings(after))


def show_site(site_id: SiteId) -> None:
    """Show a site's settings, its write key and who changed it when."""
    settings = load()
    with running_database(settings) as urls, opened(urls.app, settings) as database:
        found, versions = sites.get(database, site_id), sites.versions(database, site_id)
    console.print(_settings(found))
    changes = [(each.version, each.changed_at, each.changed_by, _changes(versions, each)) for each in versions]
    console.print(table("Versions", ("version", "at", "by", "settings"), changes, right=("version",)))


def _given(**wanted: Any) -> dict[str, object]:
    """The options that were given; 0 days and an empty text stand for what a shell can not say."""
    given = {name: value for name, value in wanted.items() if value is not None}
    for name in ("allowed_origins", "conversion_events"):
        if given.get(name) == [""]:
            given[name] = []
    if given.get("retention_days") == UNSET:
        given["retention_days"] = None
    return given


def _settings(site: Site) -> Any:
    rows = [
        ("name", site.name),
        ("time zone", site.timezone),
        ("pause that ends a visit", f"{site.gap_limit_s} s"),
        ("origins", ", ".join(site.allowed_origins) or "none"),
        ("events are kept", _kept(site.retention_days)),
        ("addresses", site.address_mode),
        ("opt-out", "honoured" if site.honours_opt_out else "ignored"),
        ("conversions", ", ".join(site.conversion_events) or "none"),
        ("write key", site.write_key or "none"),
        ("version", site.version),
    ]
    return table("Site " + site.site_id, ("setting", "value"), rows)


def _changes(versions: list[SiteVersion], version: SiteVersion) -> str:
    """What the version has that the one before it had not; of the first, that it was made."""
    before = next((each.settings for each in versions if each.version < version.version), None)
    if before is None:
        return "made"
    new = [f"{name}: {value}" for name, value in version.settings.items() if value != before.get(name)]
    return ", ".join(new) or "write key"


def _kept(retention_days: int | None) -> str:
    return "as the clean-up asks" if retention_days is None else f"{retention_days} days"

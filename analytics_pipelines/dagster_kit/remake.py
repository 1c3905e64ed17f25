"""Remaking days of a table: stage, check, publish; a poisoned day fails alone."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb
import structlog

from analytics_pipelines.foundation.errors import AnalyticsError, CheckFailed, SetupError, Unavailable
from analytics_pipelines.foundation.lake import Lake, Manifest, Verdict
from analytics_pipelines.foundation.lake.checks import RULES
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.tables import Table

MOST_TOLD = 20

log = structlog.get_logger(__name__)


@dataclass
class Remaking:
    """What became of the days asked for; filled day by day, so that a crash loses nothing that was done."""

    publishes_empty: bool = True
    """Whether a day without rows gets a partition though it never had one."""
    published: list[Manifest] = field(default_factory=list)
    skipped: list[date] = field(default_factory=list)
    refused: dict[date, str] = field(default_factory=dict)
    """Why a day was not published; its old partition stays readable."""
    offenders: Mapping[str, list[str]] = field(default_factory=lambda: {rule: [] for rule in RULES})
    """By rule, what broke it and on which day."""
    untried: list[date] = field(default_factory=list)
    """Days after something that all of them need was found to be away."""

    def judge(self, day: date, verdicts: Iterable[Verdict]) -> None:
        """Keep what the checks found on a staged day."""
        for verdict in verdicts:
            self.offenders[verdict.rule].extend(f"{day}: {offender}" for offender in verdict.offenders)

    def refuse(self, day: date, reason: str) -> None:
        """Keep why a day was not published, and log it."""
        self.refused[day] = reason
        log.info("refused", day=str(day), reason=reason)

    def complaint(self, table: Table) -> str | None:
        """One text that names the days that failed and why, or None when none did."""
        if not self.refused:
            return None
        told = [f"{day}: {reason}" for day, reason in list(self.refused.items())[:MOST_TOLD]]
        more = len(self.refused) - len(told)
        asked = len(self.published) + len(self.skipped) + len(self.refused) + len(self.untried)
        tail = [f"and {more} more"] if more else []
        tail += [f"{len(self.untried)} days after it were not tried"] if self.untried else []
        return f"{len(self.refused)} of {asked} days of {table.name} were not published. " + "; ".join(told + tail)


def remake(
    lake: Lake,
    shape: Callable[[date], Table],
    days: Iterable[date],
    make: Callable[[date], Select | None],
    into: Remaking,
) -> None:
    """Make each day and publish it when its checks pass; `into` tells what became of which.

    `shape` gives the table as it is on a day, since columns of some differ from day to day.
    """
    rest = list(days)
    while rest:
        day = rest.pop(0)
        try:
            _remake_day(lake, shape(day), day, make, into)
        except (Unavailable, SetupError) as error:
            into.refuse(day, str(error))
            into.untried.extend(rest)
            return
        except CheckFailed as error:
            into.refuse(day, error.detail)
        except AnalyticsError as error:
            into.refuse(day, str(error))
        except duckdb.DataError as error:
            into.refuse(day, "a value does not fit its column: " + str(error).splitlines()[0])


def _remake_day(lake: Lake, table: Table, day: date, make: Callable[[date], Select | None], into: Remaking) -> None:
    select = make(day)
    if select is None:
        into.skipped.append(day)
        return
    with lake.stage(table, day, select) as work:
        into.judge(day, work.verdicts)
        work.must_pass()
        if not (work.manifest.rows or into.publishes_empty or lake.manifest(table, day)):
            into.skipped.append(day)
            return
        manifest = lake.publish(table, work)
    into.published.append(manifest)
    log.info("published", day=str(day), rows=manifest.rows, size_bytes=manifest.size_bytes, sha256=manifest.sha256)

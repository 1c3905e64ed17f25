"""Imports access logs: every line that can be read becomes an event, every other one is kept with its reason.

An imported line's receipt is its own time. Its id is a hash of site, line and occurrence, so that identical
lines stay apart and a second import, or one of the same log grown longer, adds only what is new.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events import sites
from analytics_pipelines.web_events.event_ids import digest
from analytics_pipelines.web_events.log_batch import NumberedRefusal, keep
from analytics_pipelines.web_events.log_file import Line, numbered_lines, opened_log
from analytics_pipelines.web_events.log_lines import Hit, MalformedLine, parse_line
from analytics_pipelines.web_events.log_receipts import LogSite, malformed, receipt_of
from analytics_pipelines.web_events.log_tables import SITE
from analytics_pipelines.web_events.occurrences import Occurrences
from analytics_pipelines.web_events.site_settings import BadSiteId, is_site_id

BATCH_LINES = 5_000
MOST_TOLD = 100
AHEAD = timedelta(days=1)


class NotALog(BadInput):
    """No line of the file, or of its long beginning, is an access log's."""


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """One malformed line by its number, and what is wrong with it."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did; `lines` are all that are not blank, `days` the UTC days with their events, known or new.

    `suppressed` lines are of erased visitors. Of the `malformed` ones `rejected` has the first `MOST_TOLD`.
    """

    site_id: str
    lines: int
    stored: int
    duplicates: int
    suppressed: int
    malformed: int
    rejected: tuple[RejectedLine, ...]
    days: dict[date, int]


def import_log(
    database: Database, file: Path, site: str, *, progress: Callable[[int], None] | None = None
) -> ImportReport:
    """Store the log's events under `site`, which is registered when it is new; each batch commits whole.

    `progress` is told how many lines each batch had. Raises `NoSuchLog`, `UnreadableLog`, `NotALog` (nothing is
    stored then), `BadSiteId`, `Unavailable`.
    """
    if not is_site_id(site):
        raise BadSiteId.of_a_site()
    work = _Import(database, site)
    with opened_log(file) as stream:
        lines = numbered_lines(stream)
        while batch := list(islice(lines, BATCH_LINES)):
            work.take(batch)
            if progress:
                progress(len(batch))
    if not work.is_log:
        raise NotALog("The file holds no line of an access log.")
    return work.report


class _Import:
    """One import under way: what was seen, and what came of it."""

    def __init__(self, database: Database, site_id: str) -> None:
        self._database = database
        self._site_id = site_id
        self._site: LogSite | None = None
        self._at = now()
        self._seen = Occurrences()
        self._lines = self._stored = self._suppressed = self._malformed = 0
        self._days: Counter[date] = Counter()
        self._told: list[RejectedLine] = []

    @property
    def is_log(self) -> bool:
        """Whether a line was read; every file before its first one is taken for something else."""
        return self._site is not None

    def take(self, batch: list[Line]) -> None:
        """Store a batch. Raises `NotALog` when the first one holds no line that can be read."""
        hits: list[tuple[int, str, Hit]] = []
        refused: list[NumberedRefusal] = []
        for number, content in batch:
            event_id = self._id_of(content)
            try:
                hits.append((number, event_id, parse_line(content, self._at + AHEAD)))
            except MalformedLine as complaint:
                refusal = malformed(self._site_id, event_id, content, complaint.detail, self._at)
                refused.append(NumberedRefusal(refusal, number))
        if not hits and not self.is_log:
            raise NotALog("The file does not begin like an access log: " + refused[0].refusal.detail + ".")
        site = self._site = self._site or _registered(self._database, self._site_id, self._at)
        receipts = [(number, receipt_of(site, event_id, hit)) for number, event_id, hit in hits]
        kept = keep(self._database, site, receipts, refused)
        self._lines += len(batch)
        self._stored += kept.stored
        self._suppressed += kept.suppressed
        self._malformed += len(refused)
        self._days += kept.days
        told = refused[: MOST_TOLD - len(self._told)]
        self._told += [RejectedLine(each.line_number, each.refusal.detail) for each in told]

    @property
    def report(self) -> ImportReport:
        """What came of it so far."""
        return ImportReport(
            site_id=self._site_id,
            lines=self._lines,
            stored=self._stored,
            duplicates=self._days.total() - self._stored,
            suppressed=self._suppressed,
            malformed=self._malformed,
            rejected=tuple(self._told),
            days=dict(sorted(self._days.items())),
        )

    def _id_of(self, content: bytes) -> str:
        base = digest(self._site_id.encode(), content)
        return digest(base.encode(), str(self._seen.count(base)).encode())


def _registered(database: Database, site_id: str, at: datetime) -> LogSite:
    """The site, made when it is new."""
    with database.writing() as connection:
        sites.register(connection, site_id, at, by="import of a log")
        columns = SITE.c
        found = sa.select(columns.visitor_key, columns.address_mode).where(columns.site_id == site_id)
        return LogSite(site_id, *connection.execute(found).one())

"""A search over snapshots: by name in the order of names, by path in the order of folders."""

from dataclasses import asdict, dataclass

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.storage_snapshots.ask.advanced import Question
from analytics_pipelines.storage_snapshots.ask.chosen import LATEST, chosen
from analytics_pipelines.storage_snapshots.ask.entry_json import page_json
from analytics_pipelines.storage_snapshots.ask.filters import PATTERNS
from analytics_pipelines.storage_snapshots.ask.name_search import KEY_KINDS, Wanted, by_name
from analytics_pipelines.storage_snapshots.ask.pages import Pages
from analytics_pipelines.storage_snapshots.ask.path_search import PATH_KEY_KINDS, by_path
from analytics_pipelines.storage_snapshots.ask.patterns import Mode, matcher

NAME, PATH = "name", "path"
OPERATORS = {mode: operator for operator, mode in PATTERNS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search as asked; all but limit and cursor decides what is found."""

    pattern: str
    mode: Mode = Mode.SUBSTRING
    is_case_sensitive: bool = False
    column: str | None = None
    """`name` or `path`; None: by path if the pattern has a slash."""
    snapshot: str = LATEST
    share: str | None = None
    path: str | None = None
    """Only what lies below this folder."""
    type: str | None = None

    @property
    def is_of_path(self) -> bool:
        """Whether whole paths are compared."""
        return self.column == PATH or (self.column is None and "/" in self.pattern)

    @property
    def as_question(self) -> Question:
        """The same as a question by filters, which sorts by share and position."""
        of_type = [{"field": "type", "op": "eq", "value": self.type}] if self.type else []
        matching = {
            "field": PATH if self.is_of_path else NAME,
            "op": OPERATORS[self.mode],
            "value": self.pattern,
            "case_sensitive": self.is_case_sensitive,
        }
        return Question(filters=[matching, *of_type], snapshot=self.snapshot, share=self.share, path=self.path)


def search(lease: Lease, asked: Search, *, limit: int, cursor: str | None = None) -> bytes:
    """At most `limit` entries that match, as finished JSON: snapshots, count, next_cursor, results.

    By name: in the order of folded name (small letters, by code point), share and position in the share. By path: by
    share, folder and position. Raises `BadPattern`, `PatternTooLong`, `BadCursor`, `CursorOutdated`, `TimedOut`, and
    what `chosen` and `Chosen.folder` raise.
    """
    these = chosen(lease, asked.snapshot, asked.share)
    pages = Pages.of(lease.id, {"door": "search", **asdict(asked)})
    after = pages.after(cursor, PATH_KEY_KINDS if asked.is_of_path else KEY_KINDS)
    folders = None if asked.path is None else these.folder(asked.path)
    with lease.cursor() as duck:
        looked_for = matcher(
            duck,
            asked.mode,
            asked.pattern,
            is_case_sensitive=asked.is_case_sensitive,
            is_of_path=asked.is_of_path,
        )
        wanted = Wanted(looked_for, asked.type, folders)
        found = (by_path if asked.is_of_path else by_name)(duck, these, wanted, after, limit)
    next_cursor = pages.cursor_at(found.last) if found.last else None
    total = len(found.entries) if after is None and next_cursor is None else None
    return page_json(these, found.entries, next_cursor=next_cursor, more={"total": total, "order": _order(asked)})


def _order(asked: Search) -> str:
    return "share, folder, name" if asked.is_of_path else "name"

"""Questions for the load: some thousand of each kind, all different, drawn from what the generation holds."""

from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import Sql
from benchmarks.storage_days import DAYS

MOST = 3000
FOLDERS = Sql("SELECT path FROM hot_fs__folders ORDER BY md5(path) LIMIT $most")
NAMES = Sql(
    """
SELECT DISTINCT folded_name FROM (
    SELECT folded_name FROM hot_fs__names
    WHERE type = 'f' AND length(folded_name) BETWEEN 8 AND 60 AND regexp_full_match(folded_name, '[a-z0-9_.-]+')
    ORDER BY md5(path) LIMIT $most
)
"""
)


def summaries(lease: Lease) -> list[str]:
    """The extensions below a folder, summed up."""
    return ["/api/folders/types?" + urlencode({"path": path}) for path in texts(lease, FOLDERS)]


def listings(lease: Lease) -> list[str]:
    """A folder: its sums and what is in it."""
    return ["/api/folders?" + urlencode({"path": path}) for path in texts(lease, FOLDERS)]


def substrings(lease: Lease) -> list[str]:
    """Half of them names without their first and last letters, found seldom; half four letters, found often."""
    names = texts(lease, NAMES)
    rare = [name[2:-2] for name in names[::2]]
    common = [name[3:7] for name in names[1::2]]
    return ["/api/search?" + urlencode({"q": each, "limit": 100}) for each in mixed(rare, common)]


def regexes(lease: Lease) -> list[str]:
    """A name with a class of characters in place of its digits, from its middle to its end."""
    found = (name[3:] for name in texts(lease, NAMES))
    patterns = ("".join("[0-9]" if c.isdigit() else "\\." if c == "." else c for c in each) + "$" for each in found)
    asked = ({"q": each, "mode": "regex", "limit": 100} for each in patterns)
    return ["/api/search?" + urlencode(each, quote_via=quote) for each in asked]


def tops(_: Lease) -> list[str]:
    """The largest files."""
    measures = ("size", "allocated")
    return [
        f"/api/analytics/heavy-files?limit={limit}&by={measure}" for limit in range(80, 101) for measure in measures
    ]


def comparisons(_: Lease) -> list[str]:
    """Both days, by the least change that matters, folders and files."""
    common = f"/api/snapshots/compare?from={DAYS[0]}&to={DAYS[1]}&limit=100"
    return [
        f"{common}&min_size={least}&level={level}" for least in range(1, 3000, 7) for level in ("files", "directories")
    ]


QUESTIONS: Mapping[str, Callable[[Lease], list[str]]] = {
    "summary": summaries,
    "listing": listings,
    "substring": substrings,
    "regex": regexes,
    "top_100": tops,
    "compare": comparisons,
}


def questions(lease: Lease, kind: str) -> list[str]:
    """Paths with their queries, for GET."""
    return QUESTIONS[kind](lease)


def texts(lease: Lease, query: Sql) -> list[str]:
    """The first column, at most `MOST` rows."""
    with lease.cursor() as cursor:
        return [row[0] for row in cursor.execute(query.text, {"most": MOST}).fetchall()]


def mixed(first: list[str], second: list[str]) -> list[str]:
    """One of each in turn."""
    return [each for pair in zip(first, second, strict=False) for each in pair]

"""What a question asks, counted one by one in plain Python."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from analytics_pipelines_tests.web_events.traffic import CONVERSIONS, Hit, Traffic, Visit, name_of

NOT_SET = "(not set)"


class PlainAnswer:
    """The rows of a query on one site over whole local days."""

    def __init__(self, traffic: Traffic, site: str, first: date, last: date, *, has_bots: bool = False) -> None:
        self.first = first

        def is_asked(hit: Hit) -> bool:
            return hit.site == site and first <= hit.local.date() <= last

        self.hits = [hit for hit in traffic.hits if is_asked(hit) and (has_bots or not hit.is_bot)]
        self.names = {hit.number: self._name(hit) for hit in self.hits}
        self.visit_of = {hit.number: traffic.visit_of(hit) for hit in self.hits}
        self.begun = [v for v in traffic.visits if is_asked(v.first) and (has_bots or not v.is_bot)]
        self.has_bots = has_bots

    def _name(self, hit: Hit) -> str:
        return name_of(hit, [other for other in self.hits if other.local.date() == hit.local.date()])

    def rows(self, metrics: Sequence[str], dimensions: Sequence[str], filters: Sequence[Any]) -> list[Any]:
        """Each row as its metrics and its dimensions, in no order."""
        kept = [hit for hit in self.hits if self.passes(filters, hit, self.visit_of[hit.number])]
        if "event:goal" in dimensions:
            kept = [hit for hit in kept if hit.event_type in CONVERSIONS]
        visits = self._kept_visits(filters, kept)
        by_hits = grouped(kept, lambda hit: self.values(dimensions, hit, self.visit_of[hit.number]))
        by_page = [{"event:page": "visit:entry_page"}.get(each, each) for each in dimensions]
        if any(each.startswith("event:") for each in by_page):
            visits = []
        by_visits = grouped(visits, lambda visit: self.values(by_page, None, visit))
        keys = self._keys(metrics, dimensions, by_hits, by_visits)
        everybody = {
            "percentage": self._people(self._passing(filters)),
            "conversion_rate": self._people(self._passing([each for each in filters if each[1] != "event:goal"])),
        }
        given = {"dimensions": dimensions, "filters": filters, "everybody": everybody}
        return [
            (
                [self._metric(metric, by_hits.get(key, []), by_visits.get(key, []), **given) for metric in metrics],
                list(key),
            )
            for key in keys
        ]

    def _passing(self, filters: Sequence[Any]) -> list[Hit]:
        return [hit for hit in self.hits if self.passes(filters, hit, self.visit_of[hit.number])]

    def _kept_visits(self, filters: Sequence[Any], kept: list[Hit]) -> list[Visit]:
        if any(dimension.startswith("event:") for dimension in filtered(filters)):
            with_hits = {self.visit_of[hit.number] for hit in kept}
            return [visit for visit in self.begun if visit in with_hits]
        return [visit for visit in self.begun if self.passes(filters, None, visit)]

    def _keys(self, metrics: Sequence[str], dimensions: Sequence[str], by_hits: Any, by_visits: Any) -> set[Any]:
        if not dimensions:
            return {()}
        if any(each.startswith("event:") for each in dimensions):
            return set(by_hits)
        asks_events = {"visitors", "pageviews", "events", "percentage", "conversion_rate"} & set(metrics)
        asks_visits = {"visits", "bounce_rate", "views_per_visit", "visit_duration"} & set(metrics)
        return (set(by_hits) if asks_events else set()) | (set(by_visits) if asks_visits else set())

    def _people(self, hits: Iterable[Hit]) -> int:
        return len({self.names[hit.number] for hit in hits})

    def _metric(
        self, metric: str, hits: list[Hit], visits: list[Visit], *, dimensions: Any, filters: Any, everybody: Any
    ) -> Any:
        entered = [
            v for v in visits if all(leaf(each, self.value("visit:entry_page", None, v)) for each in pages(filters))
        ]
        with_hits = {self.visit_of[hit.number] for hit in hits}
        by_event = any(each.startswith("event:") for each in dimensions)
        counts = {
            "visitors": lambda: self._people(hits),
            "pageviews": lambda: sum(hit.is_pageview for hit in hits),
            "events": lambda: len(hits),
            "visits": lambda: len([v for v in with_hits if self.has_bots or not v.is_bot]) if by_event else len(visits),
            "views_per_visit": lambda: rounded(sum(len(v.pages) for v in visits), len(visits)),
            "bounce_rate": lambda: rounded(100 * sum(v.is_bounce for v in entered), len(entered)),
            "visit_duration": lambda: rounded(sum(v.duration_s for v in visits), len(visits)),
            "percentage": lambda: rounded(100 * self._people(hits), everybody["percentage"]),
            "conversion_rate": lambda: rounded(100 * self._people(hits), everybody["conversion_rate"]),
        }
        return counts[metric]()

    def passes(self, filters: Sequence[Any], hit: Hit | None, visit: Visit) -> bool:
        return all(self._passes(each, hit, visit) for each in filters)

    def _passes(self, given: Any, hit: Hit | None, visit: Visit) -> bool:
        if given[0] == "not":
            return not self._passes(given[1], hit, visit)
        if given[0] in ("and", "or"):
            return {"and": all, "or": any}[given[0]](self._passes(each, hit, visit) for each in given[1])
        return leaf(given, self.value(given[1], hit, visit))

    def values(self, dimensions: Sequence[str], hit: Hit | None, visit: Visit) -> tuple[str, ...]:
        local = (hit or visit.first).local
        return tuple(
            self.time(each, local) if each.startswith("time") else self.value(each, hit, visit) for each in dimensions
        )

    def value(self, dimension: str, hit: Hit | None, visit: Visit) -> str:
        """The value as an answer shows it."""
        if dimension.startswith("event:"):
            assert hit
            goal = hit.event_type if hit.event_type in CONVERSIONS else None
            kept = {"name": hit.event_type, "page": hit.path, "hostname": hit.host, "goal": goal}
            return kept[dimension.removeprefix("event:")] or NOT_SET
        kind = dimension.removeprefix("visit:").removeprefix("utm_")
        return visit.dimensions[kind] or ("Direct / None" if kind == "referrer" else NOT_SET)

    def time(self, dimension: str, local: datetime) -> str:
        week = max(local.date() - timedelta(days=local.weekday()), self.first)
        return {
            "time:hour": f"{local:%Y-%m-%d %H}:00:00",
            "time:day": f"{local:%Y-%m-%d}",
            "time:week": week.isoformat(),
            "time:month": f"{local:%Y-%m}-01",
        }[dimension]


def leaf(given: Sequence[Any], shown: str) -> bool:
    """One condition; texts are looked into without the words that stand for nothing."""
    operator, _, clauses = given[:3]
    text = "" if shown in (NOT_SET, "Direct / None") else shown
    if len(given) > 3 and not given[3]["case_sensitive"]:
        shown, text, clauses = shown.lower(), text.lower(), [each.lower() for each in clauses]
    found = {
        "is": shown in clauses,
        "contains": any(each in text for each in clauses),
        "matches": any(re.search(each, text) for each in clauses),
    }[operator.removesuffix("_not")]
    return found != operator.endswith("_not")


def pages(filters: Sequence[Any]) -> list[Any]:
    return [each for each in filters if each[1] == "event:page"]


def filtered(filters: Sequence[Any]) -> list[str]:
    """Dimensions that are filtered by, at any depth."""
    found = []
    for each in filters:
        if each[0] == "not":
            found += filtered([each[1]])
        elif each[0] in ("and", "or"):
            found += filtered(each[1])
        else:
            found.append(each[1])
    return found


def grouped(rows: Iterable[Any], key: Callable[[Any], tuple[str, ...]]) -> dict[tuple[str, ...], list[Any]]:
    found: dict[tuple[str, ...], list[Any]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def rounded(total: int, by: int) -> float | None:
    return float((Decimal(total) / by).quantize(Decimal("0.01"), ROUND_HALF_UP)) if by else None

"""A question as one SQL statement: hits and visits of the span, filtered, counted by dimension, joined, ordered.

Figures of events come from the hits, figures of visits from the visits that began in the span. A visit passes a
filter on events when one of its events in the span passes all filters together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics_pipelines.foundation.bound import Bound
from analytics_pipelines.foundation.sql import Sql, chained, from_file, joined, literal, name
from analytics_pipelines.web_events.ask.conditions import every, label, shown, tested, within
from analytics_pipelines.web_events.ask.question import Leaf, Question, Span
from analytics_pipelines.web_events.ask.vocabulary import OF_EVENTS, OF_VISITS, TIME_DIMENSIONS

ROOM = "analytics_pipelines.web_events"
PAGE, GOAL, ENTRY_PAGE = "event:page", "event:goal", "visit:entry_page"
RATIO = Sql("CAST((200 * {part} + {whole}) // NULLIF(2 * {whole}, 0) AS DOUBLE) / 100")
"""Rounded half up to two decimals in integers; null without a whole."""
PEOPLE = Sql("SELECT COUNT(DISTINCT visitor) AS visitors FROM {hits} WHERE {passes}")
WHOLE = Sql("TRUE AS is_whole")
"""Stands where a query has no dimensions."""
ASCENDING, DESCENDING = Sql("{name} ASC NULLS LAST"), Sql("{name} DESC NULLS LAST")
COUNTS = {"visitors": "visitors", "pageviews": "pageviews", "events": "events"}
RATIOS = {
    "views_per_visit": ("views", "visits"),
    "bounce_rate": ("100 * bounces", "entries"),
    "visit_duration": ("duration_s", "visits"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the data is: SELECTs over the site's days, its time zone and the event types that are its goals."""

    site_id: str
    events: Sql
    sessions: Sql
    goals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """Rows of the answer, metrics first, then dimensions; and how many there are without a limit."""

    rows: Sql
    total: Sql
    values: dict[str, object]
    page: dict[str, object]
    """Values that the rows need beyond those of the total."""


def statement(question: Question, span: Span, place: Place) -> Statement:
    """The question over that span as SQL."""
    return _Composition(question, span, place).statement()


class _Composition:
    """One statement in the making."""

    def __init__(self, question: Question, span: Span, place: Place) -> None:
        self.question, self.span, self.place = question, span, place
        self.bound = Bound()
        self.steps: dict[str, Sql] = {}
        asked = set(question.metrics)
        self.groups_events = bool(question.event_dimensions)
        self.counts_visits = bool(asked & OF_VISITS) or ("visits" in asked and not self.groups_events)
        self.counts_hits = bool(asked & OF_EVENTS) or self.groups_events
        self.needs_hits = self.counts_hits or question.filters_events
        self.places_hits = self.needs_hits and (
            question.looks_at_visits
            or (self.counts_visits and question.filters_events)
            or (self.groups_events and "visits" in asked)
        )

    def statement(self) -> Statement:
        if self.needs_hits:
            self._add_hits()
        if self.counts_visits or self.places_hits:
            self._add_visits()
        if self.places_hits:
            self._add(ROOM, "visit_keys", "placed_hits")
        if self.needs_hits:
            self.steps["kept_hits"] = self._kept_hits()
        if self.counts_hits:
            self.steps["by_hits"] = self._counted("counted_hits", self._hit_dimensions(), visits=self._visits_of_hits())
        if self.counts_visits:
            self.steps["kept_visits"] = self._kept_visits()
            self.steps["by_visits"] = self._counted("counted_visits", self._visit_dimensions(), entered=self._entered())
        self.steps["answer"] = self._answer()
        total = chained(self.steps, Sql("SELECT COUNT(*) FROM answer"))
        values, ordered = dict(self.bound.values), self._ordered()
        page = {key: value for key, value in self.bound.values.items() if key not in values}
        return Statement(chained(self.steps, ordered), total, values, page)

    def _add(self, package: str, *queries: str) -> None:
        self.steps |= {query: from_file(package, query) for query in queries}

    def _part(self, query: str, **parts: Sql) -> Sql:
        return from_file(__package__, query).fill(**parts)

    def _add_hits(self) -> None:
        # The zone stands in the text, since the engine works out a constant one once and a bound one for each row.
        self.steps["core_web__events"] = self._part(
            "asked_events",
            timezone=literal(self.span.timezone),
            goals=self.bound.bind(list(self.place.goals)),
            events=self.place.events,
            site=self.bound.bind(self.place.site_id),
        )
        self.steps["hits"] = self._part("asked_hits", **self._limits("event_at"))
        self.steps["links"] = from_file(ROOM, "visitor_links")
        self._add(ROOM, "named_hits")

    def _add_visits(self) -> None:
        self.steps["visits"] = self._part(
            "asked_visits",
            timezone=literal(self.span.timezone),
            sessions=self.place.sessions,
            site=self.bound.bind(self.place.site_id),
        )

    def _limits(self, moment: str) -> dict[str, Sql]:
        return {
            "has_bots": self.bound.bind(self.question.has_bots),
            "within": within(self.span, moment, self.bound),
        }

    @property
    def _hits(self) -> Sql:
        return Sql("placed_hits" if self.places_hits else "named_hits")

    def _kept_hits(self) -> Sql:
        only_goals = Sql(" AND goal IS NOT NULL" if GOAL in self.question.dimensions else "")
        kept = Sql("SELECT * FROM {hits} WHERE {passes}{only_goals}")
        return kept.fill(hits=self._hits, passes=every(self.question.filters, self.bound), only_goals=only_goals)

    def _kept_visits(self) -> Sql:
        passes = Sql("session_id IN (SELECT session_id FROM kept_hits WHERE session_id IS NOT NULL)")
        if not self.question.filters_events:
            passes = every(self.question.filters, self.bound)
        return self._part("kept_visits", passes=passes, **self._limits("started_at"))

    def _visits_of_hits(self) -> Sql:
        if not self.places_hits:
            return Sql("0")
        kept = Sql("COUNT(DISTINCT CASE WHEN {has_bots} OR NOT is_bot_visit THEN session_id END)")
        return kept.fill(has_bots=self.bound.bind(self.question.has_bots))

    def _entered(self) -> Sql:
        """Of a visit to a page only those that began there tell how many leave it at once, as in Plausible."""
        pages = [each for each in self.question.filters if isinstance(each, Leaf) and each.dimension == PAGE]
        return joined([tested(each, "entry_page", self.bound) for each in pages] or [Sql("TRUE")], " AND ")

    def _hit_dimensions(self) -> list[Sql]:
        return [self._value(each) for each in self.question.dimensions]

    def _visit_dimensions(self) -> list[Sql]:
        """By page, visits count for the page that they began with."""
        return [self._value(ENTRY_PAGE if each == PAGE else each) for each in self.question.dimensions]

    def _value(self, dimension: str) -> Sql:
        return label(dimension, self.span, self.bound) if dimension in TIME_DIMENSIONS else shown(dimension)

    def _counted(self, query: str, dimensions: Sequence[Sql], **parts: Sql) -> Sql:
        named = Sql("{value} AS {name}")
        values = joined(
            [named.fill(value=value, name=each) for value, each in zip(dimensions, self._names, strict=True)] or [WHOLE]
        )
        grouping = Sql("GROUP BY {names}").fill(names=joined(self._names)) if dimensions else Sql("")
        return self._part(query, dimensions=values, grouping=grouping, **parts)

    @property
    def _names(self) -> list[Sql]:
        return [name("d" + str(number)) for number in range(len(self.question.dimensions))]

    def _answer(self) -> Sql:
        metrics = joined(
            Sql("{value} AS {name}").fill(value=self._metric(each), name=name("m" + str(number)))
            for number, each in enumerate(self.question.metrics)
        )
        return Sql("SELECT {columns} FROM {source}").fill(
            columns=joined([metrics, *self._names]), source=self._source()
        )

    def _source(self) -> Sql:
        """Both halves side by side; by what events hold, only values that events have."""
        if not (self.counts_hits and self.counts_visits):
            return Sql("by_hits" if self.counts_hits else "by_visits")
        if not self._names:
            return Sql("by_hits CROSS JOIN by_visits")
        text = Sql("by_hits LEFT JOIN by_visits USING ({names})")
        if not self.groups_events:
            text = Sql("by_hits FULL JOIN by_visits USING ({names})")
        return text.fill(names=joined(self._names))

    def _metric(self, metric: str) -> Sql:
        if metric in COUNTS:
            return Sql("COALESCE({count}, 0)").fill(count=name(COUNTS[metric]))
        if metric == "visits":
            return Sql("COALESCE({count}, 0)").fill(count=name("visits_with_hits" if self.groups_events else "visits"))
        if metric in RATIOS:
            part, whole = RATIOS[metric]
            return RATIO.fill(part=Sql(part), whole=Sql(whole))
        everybody = Sql("(SELECT visitors FROM {step})").fill(step=name(self._everybody(metric)))
        return RATIO.fill(part=Sql("100 * COALESCE(by_hits.visitors, 0)"), whole=everybody)

    def _everybody(self, metric: str) -> str:
        """The step that counts all visitors that pass the filters; for conversions those on goals do not count."""
        filters = self.question.filters
        if metric == "conversion_rate":
            filters = tuple(each for each in filters if not (isinstance(each, Leaf) and each.dimension == GOAL))
        step = "all_of_" + metric
        self.steps[step] = PEOPLE.fill(hits=self._hits, passes=every(filters, self.bound))
        return step

    def _ordered(self) -> Sql:
        question = self.question
        columns = {each: "m" + str(number) for number, each in enumerate(question.metrics)}
        columns |= {each: "d" + str(number) for number, each in enumerate(question.dimensions)}
        entries = [(each.by, each.is_descending) for each in question.order_by]
        entries += [(each, False) for each in question.dimensions if each not in dict(entries)]
        by = joined((DESCENDING if down else ASCENDING).fill(name=name(columns[each])) for each, down in entries)
        text = Sql("SELECT * FROM answer ORDER BY {by} LIMIT {limit} OFFSET {offset}")
        return text.fill(by=by, limit=self.bound.bind(question.limit), offset=self.bound.bind(question.offset))

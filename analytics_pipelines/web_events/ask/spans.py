"""Which days a range means at a site, and the labels of a time dimension over them."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from analytics_pipelines.web_events.ask.errors import BadDateRange, TooManyDays, quoted
from analytics_pipelines.web_events.ask.question import Span

DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
EARLIEST, LATEST = date(1970, 1, 1), date(2999, 12, 31)
MOST_DAYS_BACK = 5_000
MOST_MONTHS_BACK = 100
MONTHS_A_YEAR = 12
BACK = re.compile(r"([1-9][0-9]{0,3})(d|mo)")
MOST_LABELS = 10_000
HOURS_BY_HOUR, DAYS_BY_DAY, WEEKS_BY_WEEK = 48, 40, 52
FORM = (
    "Give `day`, `24h`, `7d` (any number of days before today), `month`, `6mo` (whole months before this one), `year`, "
    "`all`, or two dates or two times with their offsets, like `2026-01-01` or `2026-01-01T12:00:00+02:00`."
)


def span_of(asked: str | Sequence[str], timezone: str, now: datetime, begun: date) -> Span:
    """The days asked for, in the site's time zone; `begun` is the first day with data.

    As in Plausible, `7d` and `6mo` end before today and before this month. Raises `BadDateRange`.
    """
    today = now.astimezone(ZoneInfo(timezone)).date()
    if isinstance(asked, str):
        return Span(timezone, *_named(asked, today, begun)) if asked != "24h" else _between(now - DAY, now, timezone)
    days = [_date(each) for each in asked]
    if len(days) == 2 and days[0] and days[1]:  # noqa: PLR2004 - a beginning and an end
        return Span(timezone, *_in_order(days[0], days[1], asked))
    moments = [_moment(each) for each in asked]
    if len(moments) == 2 and moments[0] and moments[1]:  # noqa: PLR2004 - a beginning and an end
        _in_order(moments[0], moments[1], asked)
        return _between(moments[0], moments[1], timezone)
    raise BadDateRange("The range " + quoted(asked) + " is not one.", remedy=FORM)


def time_dimension_of(span: Span) -> str:
    """What `time` stands for: hours up to two days, days up to 40, weeks up to a year, else months."""
    days = (span.last - span.first).days + 1
    if days * 24 <= HOURS_BY_HOUR:
        return "time:hour"
    if days <= DAYS_BY_DAY:
        return "time:day"
    return "time:week" if days <= WEEKS_BY_WEEK * 7 else "time:month"


def labels(span: Span, dimension: str) -> list[str]:
    """Every label that the dimension can have in the span, quiet ones too. Raises `TooManyDays`."""
    per_day = 24 if dimension == "time:hour" else 1
    if ((span.last - span.first).days + 1) * per_day > MOST_LABELS:
        raise TooManyDays("There are too many labels of time.", limit=str(MOST_LABELS), remedy="Ask for longer steps.")
    if dimension == "time:hour":
        return list(dict.fromkeys(f"{each:%Y-%m-%d %H:00:00}" for each in _quarters(span)))
    days = (span.first + DAY * number for number in range((span.last - span.first).days + 1))
    return list(dict.fromkeys(_label(day, span, dimension) for day in days))


def bounds(span: Span) -> tuple[datetime, datetime]:
    """The first and the last second of the span, with the site's offset."""
    zone = ZoneInfo(span.timezone)
    if span.from_at and span.until_at:
        return span.from_at.astimezone(zone), span.until_at.astimezone(zone)
    end = datetime.combine(span.last + DAY, time(), zone).astimezone(UTC) - timedelta(seconds=1)
    return datetime.combine(span.first, time(), zone), end.astimezone(zone)


def _named(asked: str, today: date, begun: date) -> tuple[date, date]:
    if asked == "day":
        return today, today
    if asked == "month":
        return today.replace(day=1), _months_after(today, 1) - DAY
    if asked == "year":
        return date(today.year, 1, 1), date(today.year, 12, 31)
    if asked == "all":
        return min(begun, today), today
    if found := BACK.fullmatch(asked):
        number, unit = int(found[1]), found[2]
        if unit == "d" and number <= MOST_DAYS_BACK:
            return today - DAY * number, today - DAY
        if unit == "mo" and number <= MOST_MONTHS_BACK:
            return _months_after(today, -number), today.replace(day=1) - DAY
    raise BadDateRange("The range " + quoted(asked) + " is not one.", remedy=FORM)


def _between(from_at: datetime, until_at: datetime, timezone: str) -> Span:
    zone = ZoneInfo(timezone)
    return Span(timezone, from_at.astimezone(zone).date(), until_at.astimezone(zone).date(), from_at, until_at)


def _in_order(first: date, last: date, asked: Sequence[str]) -> tuple[date, date]:
    if first > last:
        raise BadDateRange("The range " + quoted(list(asked)) + " ends before it begins.", remedy=FORM)
    return first, last


def _date(given: str) -> date | None:
    try:
        found = date.fromisoformat(given)
    except ValueError:
        return None
    return found if EARLIEST <= found <= LATEST else None


def _moment(given: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo and EARLIEST < found.date() < LATEST else None


def _months_after(day: date, number: int) -> date:
    """The first of the month that many months later."""
    months = day.year * MONTHS_A_YEAR + day.month - 1 + number
    return date(months // MONTHS_A_YEAR, months % MONTHS_A_YEAR + 1, 1)


def _label(day: date, span: Span, dimension: str) -> str:
    if dimension == "time:month":
        return day.replace(day=1).isoformat()
    if dimension == "time:week":
        return max(day - DAY * day.weekday(), span.first).isoformat()
    return day.isoformat()


def _quarters(span: Span) -> Iterator[datetime]:
    """Wall-clock times of the span, a quarter of an hour apart, since zones and their turns keep to quarters."""
    zone = ZoneInfo(span.timezone)
    begin, end = (each.astimezone(UTC) for each in bounds(span))
    moment = begin
    while moment <= end:
        yield moment.astimezone(zone)
        moment += QUARTER

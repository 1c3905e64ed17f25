"""From raw to core: each event once, on the UTC day in which it happened, typed, and told where it came from."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analytics_pipelines.foundation.select import Select, Source
from analytics_pipelines.foundation.sql import Sql, from_file
from analytics_pipelines.web_events.enrich.agents import describe_agent
from analytics_pipelines.web_events.enrich.channels import CLICKS, describe_arrival
from analytics_pipelines.web_events.enrich.countries import country_of
from analytics_pipelines.web_events.enrich.distinct_values import Described
from analytics_pipelines.web_events.tables import RAW_EVENTS

CLICK_PATTERN = "[&;](" + "|".join(CLICKS) + ")=[^&]"
AGENT = {"is_bot": bool, "device": str, "browser": str, "os": str}
ARRIVAL = {"source": str, "medium": str, "campaign": str, "channel": str}


@dataclass(frozen=True, slots=True)
class Network:
    """What a network tells."""

    country: str | None


def core_events(raw_events: Source, day: date, *, countries: Path | None = None) -> Select:
    """`core_web__events` of `day` from the raw days in which its events were received, `day` and those after it.

    `countries` is a file in MaxMind's format; without one no country is told. Raises `UnreadableCountries` when run.
    """
    values = {"day": day, "click_pattern": CLICK_PATTERN}

    def network(text: str) -> Network:
        return Network(country_of(countries, text) if countries and text else None)

    reads = {
        RAW_EVENTS.name: raw_events,
        "repeated_events": Described(from_file(__package__, "repeated_events")),
        "agents": Described(_of_the_day("distinct_agents"), describe_agent, AGENT, values),
        "networks": Described(_of_the_day("distinct_networks"), network, {"country": str}, values),
        "arrivals": Described(_of_the_day("distinct_arrivals"), describe_arrival, ARRIVAL, values),
    }
    return Select(_of_the_day("core_events"), reads, values)


def late_events(raw_events: Source, late_event_days: int) -> Select:
    """`raw_web__late_events` of a day of receipt: events that happened more than `late_event_days` days before it."""
    query = from_file(__package__, "late_events").fill(happened=from_file(__package__, "happened"))
    return Select(query, {RAW_EVENTS.name: raw_events}, {"late_event_days": late_event_days})


def _of_the_day(query: str) -> Sql:
    events = from_file(__package__, "events_of_the_day").fill(happened=from_file(__package__, "happened"))
    return from_file(__package__, query).fill(events_of_the_day=events)

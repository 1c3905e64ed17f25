from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.clock import days_between
from analytics_pipelines.foundation.duck import Duck, DuckLimits
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.web_events.tables import CORE_EVENTS, RAW_EVENTS, SESSIONS, SITES
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.web_events.receipts import (
    DAY,
    LATEST_DAYS,
    LIMITS,
    MONDAY,
    EventLake,
    Receipt,
    rows_of,
)
from analytics_pipelines_tests.web_events.session_rows import (
    HOUR,
    MINUTE,
    NUDGES,
    SECOND,
    TINY,
    TODAY,
    Rows,
    at,
    event,
    events_at,
    keyed,
    site,
    visits,
)
from analytics_pipelines_tests.web_events.session_rule import visits_of


@pytest.fixture(scope="module")
def duck() -> Iterator[Duck]:
    found = Duck(LIMITS)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param(["10:00:00"], 1, id="one event is a visit"),
        pytest.param(["10:00:00", "10:30:00"], 1, id="a gap of exactly 30 min joins"),
        pytest.param(["10:00:00", "10:30:01"], 2, id="one second more splits"),
        pytest.param(["10:00:00", "10:30:00.000001"], 2, id="a microsecond more splits"),
        pytest.param(["10:05:00", "10:00:00"], 1, id="late arrivals are put in order"),
        pytest.param(["10:00:00", "10:00:00"], 1, id="two events at once"),
        pytest.param(
            ["10:00:00", "10:20:00", "10:40:00", "11:00:00"], 1, id="it is the gap that counts, not the length"
        ),
        pytest.param(["00:00:00", "23:59:59"], 2, id="both ends of the day"),
    ],
)
def test_a_gap_over_thirty_minutes_starts_a_visit(duck: Duck, times: list[str], expected: int) -> None:
    assert len(visits(duck, events_at(*map(at, times)))) == expected


@pytest.mark.parametrize(
    ("limit_s", "expected"), [(1, 4), (599, 4), (600, 3), (1800, 2), (7200, 2), (86_399, 1), (None, 2)]
)
def test_each_site_has_a_limit_of_its_own(duck: Duck, limit_s: int | None, expected: int) -> None:
    events = events_at(*map(at, ["00:10:00", "00:20:00", "00:50:00", "21:00:00"]))
    sites = [] if limit_s is None else [site(TODAY, limit_s)]
    assert len(visits(duck, events, sites=[*sites, site(TODAY, 5, site_id="other")])) == expected


def test_the_gap_before_an_event_is_judged_by_the_limit_of_its_own_day(duck: Duck) -> None:
    night = events_at(at("23:00:00"), at("23:40:00"), at("00:20:00", 1), at("01:00:00", 1))
    changed = [site(TODAY, 1800), site(TODAY + DAY, 3600)]
    assert [visit["events"] for visit in visits(duck, night, sites=changed)] == [1, 3]
    changed = [site(TODAY, 3600), site(TODAY + DAY, 1800)]
    assert [visit["events"] for visit in visits(duck, night, sites=changed)] == [2, 1, 1]


def test_visitors_and_sites_do_not_mix(duck: Duck) -> None:
    mixed = [
        event("1", at("10:00:00"), visitor_id="a"),
        event("2", at("10:01:00"), visitor_id="b"),
        event("3", at("10:02:00"), visitor_id="a", site_id="t"),
    ]
    assert len(visits(duck, mixed)) == 3


def test_a_visit_survives_midnight_and_belongs_to_the_day_it_starts(duck: Duck) -> None:
    night = events_at(at("23:50:00"), at("00:10:00", 1), at("00:30:00", 1), at("02:00:00", 1))
    (first,) = visits(duck, night, [TODAY])
    assert (first["visit_date"], first["events"], first["duration_s"]) == (TODAY, 3, 40 * 60)
    (second,) = visits(duck, night, [TODAY + DAY])
    assert (second["events"], second["started_at"], second["is_cut"]) == (1, at("02:00:00", 1), False)


def test_what_went_on_after_midnight_is_no_visit_of_the_day_and_later_visits_are(duck: Duck) -> None:
    night = events_at(at("23:50:00"), at("00:10:00", 1), at("01:00:00", 1), at("01:10:00", 1), at("01:50:00", 1))
    assert [visit["events"] for visit in visits(duck, night, [TODAY + DAY])] == [2, 1]


def test_a_visit_that_never_pauses_is_cut_after_its_second_day_and_then_daily(duck: Duck) -> None:
    endless = events_at(*(at("23:45:00") + 30 * MINUTE * number for number in range(100)))
    found = [visits(duck, endless, [TODAY + DAY * day]) for day in range(4)]
    assert [[(visit["events"], visit["is_cut"]) for visit in day] for day in found] == [
        [(49, False)],
        [],
        [(48, True)],
        [(3, True)],
    ]


def test_a_day_that_begins_late_does_not_cut_the_next(duck: Duck) -> None:
    early = [at("00:30:00", 1) + 30 * MINUTE * number for number in range(48)]
    late = [time + TINY for time in early]
    assert [visit["is_cut"] for visit in visits(duck, events_at(*early), [early[-1].date()])] == [True]
    assert visits(duck, events_at(*late), [late[-1].date()]) == []


@pytest.mark.parametrize(("limit_s", "is_cut"), [(3600, [True]), (3599, [])])
def test_whether_a_day_is_unbroken_is_judged_by_its_own_limit(duck: Duck, limit_s: int, is_cut: list[bool]) -> None:
    hourly = events_at(*(at("00:30:00") + HOUR * number for number in range(24)), at("00:00:00", 1))
    sites = [site(TODAY, limit_s), site(TODAY + DAY, 1800)]
    assert [visit["is_cut"] for visit in visits(duck, hourly, [TODAY + DAY], sites)] == is_cut


@pytest.mark.parametrize("name", ["before", "id"])
def test_a_visitor_that_is_hashed_anew_each_day_is_one_person_around_midnight(duck: Duck, name: str) -> None:
    """Any one event of the second day that carries the hash of the day before joins all of that id's."""
    carried = {"visitor_id_before": "monday's"} if name == "before" else {}
    night = [
        event("1", at("23:50:00"), visitor_id="monday's"),
        event("2", at("00:10:00", 1), visitor_id="tuesday's"),
        event("3", at("00:20:00", 1), visitor_id="tuesday's", **carried),
    ]
    found = [(visit["visitor_id"], visit["events"]) for visit in visits(duck, night)]
    assert found == ([("monday's", 3)] if name == "before" else [("monday's", 1), ("tuesday's", 2)])


def test_an_id_that_another_had_the_day_before_is_not_joined_to_it(duck: Duck) -> None:
    """A client may send on what it was told: yesterday's hash of somebody, who has a new one today."""
    night = [
        event("1", at("23:50:00"), visitor_id="x"),
        event("2", at("00:05:00", 1), visitor_id="x"),
        event("3", at("00:10:00", 1), visitor_id="y", visitor_id_before="x"),
    ]
    assert [(visit["visitor_id"], visit["events"]) for visit in visits(duck, night)] == [("x", 2), ("x", 1)]


def test_a_visit_tells_what_happened_in_it(duck: Duck) -> None:
    first = {
        "visitor_id_before": "w",
        "source": "google",
        "medium": "organic",
        "campaign": "spring",
        "channel": "Organic Search",
        "referrer_host": "google.com",
        "country": "DE",
        "device": "mobile",
        "browser": "Safari",
        "os": "iOS",
    }
    hello = {"event_type": "hello", "is_pageview": False, "is_interactive": False, "session_id": "c", "path": "/x"}
    click = {"event_type": "click", "is_pageview": False, "path": "/y"}
    events = [
        event("1", at("10:00:00"), **(first | hello)),
        event("2", at("10:00:04"), path="/in", source="later"),
        event("3", at("10:00:09.5"), path="/out"),
        event("4", at("10:00:09.9"), **click),
    ]
    (visit,) = visits(duck, events, sites=[site(TODAY, conversions='["click", "order"]')])
    assert visit == first | {
        "visit_date": TODAY,
        "site_id": "s",
        "session_id": visits_of(events)[0]["session_id"],
        "visitor_id": "v",
        "client_session_id": "c",
        "started_at": at("10:00:00"),
        "ended_at": at("10:00:09.9"),
        "duration_s": 9,
        "pageviews": 2,
        "events": 4,
        "conversions": 1,
        "entry_page": "/in",
        "exit_page": "/out",
        "is_bounce": False,
        "is_engaged": True,
        "is_bot": False,
        "is_cut": False,
    }
    assert set(visit) == set(SESSIONS.column_names)


def test_the_source_is_that_of_the_first_event_even_where_it_has_none(duck: Duck) -> None:
    events = [event("1", at("10:00:00")), event("2", at("10:01:00"), medium="email", country="DE", campaign="spring")]
    (visit,) = visits(duck, events)
    assert [visit[name] for name in ("medium", "campaign", "country")] == [None, None, None]


CLICK = {"event_type": "click", "is_pageview": False}
BEACON = CLICK | {"is_interactive": False}


@pytest.mark.parametrize(
    ("events", "is_bounce", "is_engaged"),
    [
        pytest.param(events_at(at("10:00:00")), True, False, id="one page view"),
        pytest.param(events_at(at("10:00:00"), at("10:00:01")), False, True, id="two page views"),
        pytest.param(events_at(at("10:00:00"), **CLICK), True, False, id="one click"),
        pytest.param(events_at(at("10:00:00"), **BEACON), False, False, id="a beacon"),
        pytest.param(events_at(at("10:00:00"), at("10:00:01"), **BEACON), False, False, id="two beacons"),
        pytest.param(events_at(at("10:00:00"), at("10:00:10"), **CLICK), False, True, id="ten seconds"),
        pytest.param(events_at(at("10:00:00"), at("10:00:09.999999"), **CLICK), False, False, id="just under"),
        pytest.param(events_at(at("10:00:00"), event_type="order"), True, True, id="a conversion"),
        pytest.param(events_at(at("10:00:00"), at("10:00:01"), **CLICK | {"event_type": "order"}), False, True, id="2"),
    ],
)
def test_bounce_and_engagement(duck: Duck, events: Rows, is_bounce: bool, is_engaged: bool) -> None:
    (visit,) = visits(duck, events, sites=[site(TODAY, conversions='["order", "order"]')])
    assert (visit["is_bounce"], visit["is_engaged"]) == (is_bounce, is_engaged)


def test_a_visit_with_one_event_of_a_robot_is_a_robots(duck: Duck) -> None:
    events = [event("1", at("10:00:00")), event("2", at("10:01:00"), is_bot=True), event("3", at("12:00:00"))]
    assert [visit["is_bot"] for visit in visits(duck, events)] == [True, False]


def test_days_without_events_have_no_visits(duck: Duck) -> None:
    assert visits(duck, events_at(at("10:00:00")), [TODAY - DAY, TODAY + DAY, TODAY + 2 * DAY]) == []


@st.composite
def people(draw: st.DrawFn) -> Callable[[datetime], dict[str, Any]]:
    """Somebody's names: given by the client, hashed anew each day, or sent on from a day when it was hashed."""
    kind, person = draw(st.tuples(st.sampled_from(["given", "hashed", "hashed", "sent on"]), st.sampled_from("ab")))
    carries, told = draw(st.tuples(st.booleans(), st.integers(-1, 4)))

    def names(time: datetime) -> dict[str, Any]:
        day = (time - MONDAY) // DAY
        if kind == "hashed":
            return {"visitor_id": f"{person}{day}", "visitor_id_before": f"{person}{day - 1}" if carries else None}
        return {"visitor_id": person if kind == "given" else f"{person}{told}", "visitor_id_before": None}

    return names


GRIDS = st.sampled_from([HOUR, HOUR, 30 * MINUTE, 15 * MINUTE])
LIMITS_S = st.sampled_from([1800, 1800, 1, 900, 3600, 6 * 3600, 86_399])


@st.composite
def histories(draw: st.DrawFn) -> tuple[Rows, Rows]:
    """Four days of events of few people on a coarse grid, some a microsecond off it, with ties; and sites' settings."""
    grid = draw(GRIDS)
    near_midnight = st.tuples(st.integers(1, 3), st.integers(-3, 6)).map(lambda near: near[0] * (DAY // grid) + near[1])
    slots = st.one_of(near_midnight, st.integers(0, 4 * DAY // grid - 1))
    drawn = draw(st.lists(st.tuples(slots, NUDGES, people(), st.sampled_from("sst")), min_size=1, max_size=30))
    endless = draw(people())
    every = draw(st.sampled_from([None, 1, 2, 6]))
    steady = range(draw(slots), 4 * DAY // grid, every) if every else ()
    drawn += [(slot, timedelta(0), endless, "s") for slot in steady]
    rows = [
        told(draw, number, MONDAY + slot * grid + nudge, site_id=name, **names(MONDAY + slot * grid + nudge))
        for number, (slot, nudge, names, name) in enumerate(drawn)
    ]
    days = days_between(TODAY - DAY, TODAY + 4 * DAY)
    same = draw(st.one_of(st.none(), LIMITS_S))
    limits = [(day, name, same or draw(LIMITS_S)) for day in days for name in "st" if same or draw(st.booleans())]
    return rows, [site(day, limit, site_id=name, conversions='["click"]') for day, name, limit in limits]


def told(draw: st.DrawFn, number: int, time: datetime, **names: Any) -> dict[str, Any]:
    """A drawn event; what it tells differs from event to event, so that a wrong first event is seen."""
    is_pageview, is_interactive, is_bot, has_path, wait = draw(
        st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 1))
    )
    return event(
        f"{number * 7919 % 1000:03}",
        time,
        received_at=time + wait * SECOND,
        session_id=f"c{number}",
        source=f"source {number}",
        country=None if number % 3 else "DE",
        path=f"/{number}" if has_path else None,
        event_type="pageview" if is_pageview else "click",
        is_pageview=is_pageview,
        is_interactive=is_pageview or is_interactive,
        is_bot=is_bot,
        **names,
    )


@settings(max_examples=examples(60), deadline=None)
@given(histories())
def test_three_days_of_events_give_the_visits_that_the_whole_history_gives(
    duck: Duck, drawn: tuple[Rows, Rows]
) -> None:
    events, sites = drawn
    found = visits(duck, events, sites=sites)
    assert keyed(found) == visits_of(events, sites)
    assert sum(visit["events"] for visit in found) == len(events)
    assert all((visit["ended_at"].date() - visit["visit_date"]).days <= 1 for visit in found)


def receipt(number: int, time: datetime, received_at: datetime, person: str, **fields: Any) -> Receipt:
    """A receipt of somebody who is hashed under the salts of the day of receipt and the day before."""
    day = (received_at - MONDAY) // DAY
    hashed = {"visitor_id": f"{person}{day}", "visitor_id_before": f"{person}{day - 1}"}
    return Receipt(f"{number * 7919 % 1000:03}", time, received_at, **hashed, **fields)


@pytest.mark.parametrize("order", ["as they happened", "the earlier one late"])
def test_a_visit_of_a_hashed_visitor_survives_midnight_in_any_order_of_arrival(duck: Duck, order: str) -> None:
    evening, night = at("23:50:00"), at("00:10:00", 1)
    late = evening if order == "as they happened" else night + MINUTE
    receipts = [receipt(1, evening, late, "p"), receipt(2, night, night, "p")]
    with TemporaryDirectory() as folder:
        lake = EventLake(Path(folder), duck)
        for each in sorted(receipts, key=lambda each: each.received_at):
            lake.receive([each])
        (visit,) = lake.rows(SESSIONS)
    assert (visit["visit_date"], visit["events"], visit["visitor_id"]) == (TODAY, 2, "p0")
    assert visit["visitor_id_before"] == ("p-1" if order == "as they happened" else None)


@st.composite
def late_receipts(draw: st.DrawFn) -> tuple[list[Receipt], list[int], list[bool]]:
    """Receipts up to three days late in any order, where to cut them into batches, and whether ranges are remade."""
    late = st.tuples(st.integers(0, 3 * 48 - 1), st.integers(0, LATEST_DAYS), st.sampled_from("abc"), st.booleans())
    drawn = draw(st.lists(late, min_size=2, max_size=20))
    receipts = []
    for number, (slot, days_late, person, is_view) in enumerate(drawn):
        time = MONDAY + 30 * MINUTE * slot
        kind = "pageview" if is_view else "click"
        if person == "c":
            receipts.append(Receipt(f"{number}", time, time + DAY * days_late, visitor_id=person, event_type=kind))
        else:
            receipts.append(receipt(number, time, time + DAY * days_late, person, event_type=kind))
    order = draw(st.permutations(receipts))
    cuts = draw(st.lists(st.integers(1, len(order) - 1), max_size=2, unique=True))
    return order, sorted(cuts), draw(st.lists(st.booleans(), min_size=3, max_size=3))


def receive_range(lake: EventLake, batch: list[Receipt]) -> None:
    """The batch as one range run makes it: every day from the first to the last that it touches, table by table."""
    lake.received += batch
    received = [each.received_at.date() for each in batch]
    happened = [each.event_at.date() for each in batch]
    lake.make_raw(days_between(min(received), max(received)))
    days = days_between(min(happened), max(happened))
    lake.make_core(days)
    lake.make_sites(days)
    lake.make_sessions(days_between(days[0] - DAY, days[-1] + DAY))


@settings(max_examples=examples(8, least=3), deadline=None)
@given(late_receipts())
def test_any_order_and_batching_gives_the_bytes_of_one_full_rebuild(
    duck: Duck, drawn: tuple[list[Receipt], list[int], list[bool]]
) -> None:
    order, cuts, in_ranges = drawn
    sites = [site(TODAY, 3600, conversions='["click"]')]
    with TemporaryDirectory() as folder:
        step_by_step, at_once = (EventLake(Path(folder) / name, duck, sites) for name in ("steps", "once"))
        for first, last, in_range in zip([0, *cuts], [*cuts, len(order)], in_ranges, strict=False):
            batch = order[first:last]
            receive_range(step_by_step, batch) if in_range else step_by_step.receive(batch)
        receive_range(at_once, sorted(order, key=lambda each: each.event_id))
        for table in (RAW_EVENTS, CORE_EVENTS, SITES, SESSIONS):
            assert step_by_step.bytes_of(table) == at_once.bytes_of(table)
        assert keyed(at_once.rows(SESSIONS)) == visits_of(at_once.rows(CORE_EVENTS), at_once.rows(SITES))
        assert sum(visit["events"] for visit in at_once.rows(SESSIONS)) == len(order)


def test_the_bytes_do_not_depend_on_the_number_of_threads(tmp_path: Path) -> None:
    """Rows enough for several threads, most of them in company, with many ties."""
    rows = [
        event(f"{number * 7919 % 20_011}", MONDAY + number * 977 % 86_400 * SECOND, visitor_id=str(number * 31 % 3000))
        for number in range(20_000)
    ]
    found = []
    for threads in (1, 2, 4):
        duck = Duck(DuckLimits(2**30, threads, None))
        lake = EventLake(tmp_path / str(threads), duck)
        core = Select(Sql("SELECT * FROM given"), {"given": rows_of(CORE_EVENTS, rows)})
        lake.lake.replace(CORE_EVENTS, TODAY, core)
        lake.make_sessions([TODAY])
        found.append(lake.bytes_of(SESSIONS))
        duck.close()
    assert found[0] == found[1] == found[2]
    assert keyed(list(lake.rows(SESSIONS))) == visits_of(rows)

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.sql_service.broker.lanes import Lanes, Start, Waiting
from analytics_pipelines.sql_service.errors import QueueFull, TooManyQueries
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.sql_service.broker.naive_lanes import NaiveLanes

MANY = 1_000


class Hands:
    """A clock that somebody else moves."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def lanes_of(long_places: int = 2, slots: int = 4, most_waiting: int = MANY) -> Lanes:
    return Lanes(long_places, slots, most_waiting, Hands())


def asked(
    query_id: str, user: str = "ann", *, is_long: bool = False, weight: int = 1, is_stream: bool = False
) -> Waiting:
    return Waiting(query_id, user, weight, MANY, is_long, is_stream)


def started(lanes: Lanes) -> list[str]:
    """Start all that may."""
    return [start.query_id for start in iter(lanes.next, None)]


def long_run(lanes: Lanes, count: int) -> list[str]:
    """Which start one after the other, each after the end of the one before."""
    order = []
    for _ in range(count):
        [query_id] = started(lanes)
        order.append(query_id)
        lanes.ended(query_id)
    return order


def test_a_newcomer_starts_at_once_behind_any_number_of_long_ones():
    lanes = lanes_of()
    for number in range(20):
        lanes.offer(asked(f"long{number}", f"user{number}", is_long=True))
    assert started(lanes) == ["long0", "long1"]
    lanes.offer(asked("short"))
    assert lanes.next() == Start("short", is_long=False)


def test_long_ones_leave_a_place_whatever_is_set():
    lanes = lanes_of(long_places=9, slots=3)
    for number in range(5):
        lanes.offer(asked(f"long{number}", is_long=True))
    assert started(lanes) == ["long0", "long1"]


def test_fewer_than_two_slots_are_refused():
    with pytest.raises(ValueError, match="a place each"):
        lanes_of(slots=1)


def test_newcomers_use_idle_long_places_and_give_them_up_to_the_first_long_one():
    lanes = lanes_of()
    for number in range(6):
        lanes.offer(asked(f"short{number}"))
    assert started(lanes) == ["short0", "short1", "short2", "short3"]
    lanes.offer(asked("long", "bob", is_long=True))
    assert started(lanes) == []
    lanes.ended("short0")
    assert started(lanes) == ["long"]


def test_one_that_outlives_its_slice_goes_on_where_a_long_place_is_free():
    lanes = lanes_of(long_places=1, slots=3)
    for name in ("first", "second"):
        lanes.offer(asked(name))
    started(lanes)
    assert lanes.outlived("first")
    assert not lanes.outlived("second")
    assert (lanes.held, lanes.running) == (1, 2)


def test_one_that_is_put_back_waits_as_a_long_one_where_its_arrival_puts_it():
    lanes = lanes_of(long_places=1, slots=3)
    lanes.offer(asked("holder", "cem", is_long=True))
    lanes.offer(asked("new", "ann"))
    started(lanes)
    lanes.offer(asked("later", "bob", is_long=True))
    lanes.offer(asked("of mine, later", "ann", is_long=True))
    assert not lanes.outlived("new")
    assert lanes.running == 2
    lanes.put_back("new")
    assert [lanes.position(each) for each in ("new", "later", "of mine, later")] == [0, 1, 2]
    lanes.ended("holder")
    assert lanes.next() == Start("new", is_long=True)


def test_one_does_not_pass_those_with_a_better_claim_by_being_unknown():
    lanes = lanes_of(long_places=2, slots=3)
    for name in ("new1", "new2", "new3"):
        lanes.offer(asked(name, "ann"))
    started(lanes)
    lanes.offer(asked("long", "bob", is_long=True))
    assert lanes.outlived("new1"), "it came before"
    assert not lanes.outlived("new2"), "it is its user's second, and another's first waits"
    lanes.put_back("new2")
    assert started(lanes) == ["long"]
    assert lanes.position("new2") == 0


def test_one_that_writes_is_never_stopped_and_counts_as_long():
    lanes = lanes_of(long_places=1, slots=3)
    lanes.offer(asked("writer"))
    started(lanes)
    assert lanes.begun("writer")
    assert lanes.outlived("writer")
    lanes.offer(asked("long", is_long=True))
    assert started(lanes) == []


def test_streams_leave_newcomers_a_place_even_if_all_of_them_write():
    lanes = lanes_of()
    lanes.offer(asked("long", is_long=True))
    for number in range(5):
        lanes.offer(asked(f"stream{number}", is_stream=True))
    lanes.offer(asked("short", "bob"))
    assert started(lanes) == ["long", "stream0", "short", "stream1"]
    lanes.ended("short")
    assert started(lanes) == []


def test_when_all_places_write_the_last_of_whoever_has_most_is_named():
    lanes = lanes_of(long_places=1, slots=3)
    for name, user in (("a", "ann"), ("b", "bob"), ("c", "ann")):
        lanes.offer(asked(name, user))
    started(lanes)
    assert [lanes.begun(each) for each in "ab"] == [True, True]
    assert lanes.crowded_by() is None
    assert not lanes.begun("c")
    assert lanes.crowded_by() == "c"
    lanes.ended("c")
    assert lanes.crowded_by() is None


def test_many_of_one_user_do_not_delay_anothers_first():
    lanes = lanes_of(long_places=1, slots=2)
    for number in range(50):
        lanes.offer(asked(f"ann{number}", is_long=True))
    started(lanes)
    lanes.offer(asked("bob0", "bob", is_long=True))
    lanes.ended("ann0")
    assert started(lanes) == ["bob0"]


def test_one_who_was_away_has_saved_nothing_up():
    lanes = lanes_of(long_places=1, slots=2)
    for number in range(30):
        lanes.offer(asked(f"ann{number}", "ann", is_long=True))
    long_run(lanes, 20)
    for number in range(10):
        lanes.offer(asked(f"bob{number}", "bob", is_long=True))
    order = long_run(lanes, 12)
    assert Counter(each[:3] for each in order) == {"ann": 6, "bob": 6}


@given(weights=st.lists(st.integers(1, 7), min_size=2, max_size=4), long=st.booleans())
@settings(max_examples=examples(60), deadline=None)
def test_turns_go_by_weight_to_within_one_query_at_every_moment(weights, long):
    lanes = Lanes(1, 2, 10 * MANY, Hands())
    lanes.offer(asked("holder", "holder", is_long=True))
    lanes.next()
    if long:
        lanes.ended("holder")
        lanes.offer(asked("holder", "holder"))
        lanes.next()
    for number in range(80):
        for user, weight in enumerate(weights):
            lanes.offer(asked(f"{user}:{number}", f"user{user}", weight=weight, is_long=long))
    got = [0] * len(weights)
    for _ in range(80):
        [query_id] = started(lanes)
        lanes.ended(query_id)
        got[int(query_id[0])] += 1
        shares = [(count / weight, 1 / weight) for count, weight in zip(got, weights, strict=True)]
        assert all(a <= b + one_a + one_b + 1e-9 for a, one_a in shares for b, one_b in shares)


def test_the_last_of_a_user_starts_after_finitely_many_ends_however_many_others_come():
    lanes = lanes_of(long_places=1, slots=2)
    for number in range(5):
        lanes.offer(asked(f"mine{number}", is_long=True))
    seen = []
    for round_ in range(40):
        for other in ("bob", "cem"):
            lanes.offer(asked(f"{other}{round_}", other, is_long=True, weight=2))
        seen += long_run(lanes, 1)
    assert [each for each in seen if each.startswith("mine")] == [f"mine{number}" for number in range(5)]


def test_a_user_may_have_so_many_queries_and_no_more():
    lanes = lanes_of()
    few = [Waiting(f"q{number}", "ann", 1, 2, is_long=False) for number in range(3)]
    lanes.offer(few[0])
    lanes.offer(few[1])
    started(lanes)
    with pytest.raises(TooManyQueries) as caught:
        lanes.offer(few[2])
    assert caught.value.retry_after_s >= 1
    assert caught.value.limit == "2 queries at once"
    lanes.offer(Waiting("other", "bob", 1, 2, is_long=False))
    lanes.ended("q0")
    lanes.offer(few[2])


def test_long_ones_may_not_fill_the_queue_and_newcomers_may():
    lanes = lanes_of(long_places=1, slots=2, most_waiting=8)
    lanes.offer(asked("long", is_long=True))
    lanes.offer(asked("short"))
    started(lanes)
    for number in range(6):
        lanes.offer(asked(f"long{number}", is_long=True))
    with pytest.raises(QueueFull, match="6 long queries"):
        lanes.offer(asked("long6", is_long=True))
    for number in range(2):
        lanes.offer(asked(f"short{number}"))
    with pytest.raises(QueueFull, match="8 queries"):
        lanes.offer(asked("short2"))
    assert lanes.told() == {
        "waiting": 8,
        "waiting_long": 6,
        "running": 2,
        "running_long": 1,
        "places": 2,
        "long_places": 1,
    }


def test_a_full_queue_refuses_none_that_would_start_at_once():
    lanes = lanes_of(long_places=1, slots=2, most_waiting=1)
    lanes.offer(asked("running", is_long=True))
    started(lanes)
    lanes.offer(asked("waits", is_long=True))
    lanes.offer(asked("short"))
    assert started(lanes) == ["short"]


def test_one_that_can_not_be_put_back_is_forgotten():
    lanes = lanes_of(long_places=1, slots=2, most_waiting=1)
    lanes.offer(asked("running", is_long=True))
    lanes.offer(asked("new", "bob"))
    started(lanes)
    lanes.offer(asked("waits", is_long=True))
    assert not lanes.outlived("new")
    with pytest.raises(QueueFull):
        lanes.put_back("new")
    lanes.offer(asked("new", "bob"))
    assert started(lanes) == ["new"]


def test_the_wait_that_is_told_goes_by_how_long_places_were_taken():
    clock = Hands()
    lanes = Lanes(1, 2, 8, clock)
    for number in range(20):
        lanes.offer(asked(f"long{number}", is_long=True))
        started(lanes)
        clock.now_s += 10
        lanes.ended(f"long{number}")
    for number in range(7):
        lanes.offer(asked(f"again{number}", is_long=True))
        started(lanes)
    with pytest.raises(QueueFull) as caught:
        lanes.offer(asked("one more", is_long=True))
    assert 50 <= caught.value.retry_after_s <= 60


def test_who_gives_up_while_waiting_costs_nobody_a_turn():
    lanes = lanes_of(long_places=1, slots=2)
    for name in ("held", "a1", "a2", "a3"):
        lanes.offer(asked(name, is_long=True))
    started(lanes)
    lanes.offer(asked("b1", "bob", is_long=True))
    assert lanes.left("a1")
    assert lanes.left("a2")
    assert not lanes.left("held")
    assert not lanes.left("nobody")
    assert lanes.position("a1") is None
    lanes.ended("held")
    assert long_run(lanes, 2) == ["b1", "a3"]


def test_an_id_is_known_once_and_ends_once():
    lanes = lanes_of()
    lanes.offer(asked("q"))
    with pytest.raises(ValueError, match="already"):
        lanes.offer(asked("q"))
    started(lanes)
    lanes.ended("q")
    lanes.ended("q")
    lanes.put_back("q")
    assert lanes.begun("q")
    assert lanes.outlived("q")
    assert (lanes.running, lanes.waiting) == (0, 0)


STEPS = st.one_of(
    st.tuples(st.just("offer"), st.sampled_from("abcd"), st.sampled_from([False, False, True]), st.booleans()),
    st.tuples(st.just("next")),
    st.tuples(st.sampled_from(["outlived", "put_back", "begun", "ended", "left"]), st.integers(0, 99)),
)
WEIGHTS = {"a": 1, "b": 1, "c": 2, "d": 4}


@given(long_places=st.integers(1, 4), slots=st.integers(2, 5), steps=st.lists(STEPS, max_size=80))
@settings(max_examples=examples(600), deadline=None)
def test_lanes_do_what_their_rules_say_written_down_naively(long_places, slots, steps):
    lanes, naive = lanes_of(long_places, slots), NaiveLanes(min(long_places, slots - 1), slots)
    begun: list[Start] = []
    for number, step in enumerate(steps):
        if step[0] == "next":
            start = lanes.next()
            assert start == naive.next()
            begun += [start] if start else []
        elif step[0] == "offer":
            _, user, is_long, is_stream = step
            query = asked(f"{user}{number}", user, is_long=is_long, weight=WEIGHTS[user], is_stream=is_stream)
            lanes.offer(query)
            naive.offer(query)
        else:
            take(lanes, naive, *step)
        hold(lanes, naive)


def take(lanes: Lanes, naive: NaiveLanes, verb: str, number: int) -> None:
    """One step of a query that is in a state for it, if there is one."""
    waits = verb == "left"
    able = [each for each in naive.queries if (each.waits_in is not None) == waits]
    if not able:
        return
    query_id = able[number % len(able)].asked.query_id
    if verb in ("outlived", "begun"):
        assert getattr(lanes, verb)(query_id) == getattr(naive, verb)(query_id)
        return
    getattr(lanes, verb)(query_id)
    getattr(naive, "put_back" if verb == "put_back" else "gone")(query_id)


def hold(lanes: Lanes, naive: NaiveLanes) -> None:
    """What holds after every step."""
    assert lanes.running == len(naive.running()) <= lanes.slots
    assert lanes.held == naive.held()
    assert lanes.waiting == len(naive.waiting(False)) + len(naive.waiting(True))
    for lane in (False, True):
        for user in "abcd":
            mine = [each for each in naive.waiting(lane) if each.asked.user == user]
            places = [lanes.position(each.asked.query_id) for each in sorted(mine, key=lambda each: each.arrival)]
            assert places == sorted(places), "a user's own are in order"


@given(data=st.data(), count=st.integers(1, 60))
@settings(max_examples=examples(120), deadline=None)
def test_every_query_ends_whatever_the_places_and_the_order_of_ends(data, count):
    lanes = lanes_of(data.draw(st.integers(1, 4)), data.draw(st.integers(2, 5)))
    for number in range(count):
        kind = data.draw(st.sampled_from(["short", "long", "stream"]))
        lanes.offer(asked(f"q{number}", f"user{number % 7}", is_long=kind == "long", is_stream=kind == "stream"))
    running: set[str] = set(started(lanes))
    ends = 0
    while running:
        query_id = data.draw(st.sampled_from(sorted(running)))
        running.discard(query_id)
        lanes.ended(query_id)
        ends += 1
        running |= set(started(lanes))
    assert ends == count
    assert lanes.waiting == 0

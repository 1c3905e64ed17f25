import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.sql_service.broker.breaker import CircuitBreaker
from analytics_pipelines.sql_service.errors import FEEDS_BREAKER, CircuitBreakerOpenException, ErrorClass
from analytics_pipelines_tests.counts import examples

OURS = sorted(FEEDS_BREAKER)
THEIRS = sorted(set(ErrorClass) - FEEDS_BREAKER)
REST_S = 30.0


class Hands:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def breaker(clock: Hands) -> CircuitBreaker:
    return CircuitBreaker(3, REST_S, clock)


def ends(breaker: CircuitBreaker, *classes: ErrorClass | None) -> None:
    for error_class in classes:
        breaker.ended(error_class, breaker.admit())


def opened(breaker: CircuitBreaker) -> CircuitBreaker:
    ends(breaker, *[ErrorClass.TIMEOUT] * 3)
    return breaker


@pytest.mark.parametrize("error_class", OURS)
def test_failures_of_the_services_own_in_a_row_open_it(breaker, error_class):
    ends(breaker, error_class, error_class)
    assert breaker.told()["state"] == "closed"
    ends(breaker, error_class)
    assert breaker.told() == {"state": "open", "failure_count": 3, "success_rate": 0.0}


@pytest.mark.parametrize("error_class", THEIRS)
def test_users_mistakes_and_cancellations_neither_count_nor_break_a_row(breaker, error_class):
    ends(breaker, *[error_class] * 50)
    assert breaker.told() == {"state": "closed", "failure_count": 0, "success_rate": 100.0}
    ends(breaker, ErrorClass.RESOURCE, error_class, ErrorClass.RESOURCE, error_class, ErrorClass.INTERNAL)
    assert breaker.told()["state"] == "open"


def test_an_answer_breaks_the_row(breaker):
    ends(breaker, *[ErrorClass.INTERNAL, ErrorClass.INTERNAL, None] * 20)
    assert breaker.told()["state"] == "closed"
    assert breaker.told()["failure_count"] == 0


def test_open_it_tells_what_is_left_of_the_rest(breaker, clock):
    opened(breaker)
    clock.now_s += 12.5
    with pytest.raises(CircuitBreakerOpenException) as caught:
        breaker.admit()
    assert caught.value.retry_after_s == 18
    clock.now_s += 17.4
    with pytest.raises(CircuitBreakerOpenException) as caught:
        breaker.admit()
    assert caught.value.retry_after_s == 1


def test_half_open_it_lets_one_in_at_a_time_and_its_answer_closes_it(breaker, clock):
    opened(breaker)
    clock.now_s += REST_S
    assert breaker.told()["state"] == "half_open"
    trial = breaker.admit()
    with pytest.raises(CircuitBreakerOpenException):
        breaker.admit()
    breaker.ended(None, trial)
    assert breaker.told()["state"] == "closed"
    ends(breaker, ErrorClass.TIMEOUT, ErrorClass.TIMEOUT)
    assert breaker.told()["state"] == "closed"


def test_a_trial_that_fails_opens_it_for_another_rest(breaker, clock):
    opened(breaker)
    clock.now_s += REST_S
    ends(breaker, ErrorClass.CONNECTION)
    assert breaker.told()["state"] == "open"
    clock.now_s += REST_S - 1
    with pytest.raises(CircuitBreakerOpenException):
        breaker.admit()


@pytest.mark.parametrize("error_class", THEIRS)
def test_a_trial_without_a_verdict_makes_room_for_another(breaker, clock, error_class):
    opened(breaker)
    clock.now_s += REST_S
    ends(breaker, error_class)
    assert breaker.told()["state"] == "half_open"
    ends(breaker, None)
    assert breaker.told()["state"] == "closed"


def test_what_was_let_in_before_is_no_verdict_on_now(breaker, clock):
    late = [breaker.admit() for _ in range(3)]
    opened(breaker)
    breaker.ended(None, late[0])
    assert breaker.told()["state"] == "open"
    clock.now_s += REST_S
    trial = breaker.admit()
    breaker.ended(ErrorClass.TIMEOUT, late[1])
    assert breaker.told()["state"] == "half_open"
    breaker.ended(None, trial)
    breaker.ended(ErrorClass.TIMEOUT, late[2])
    assert breaker.told()["failure_count"] == 0


def test_a_reset_closes_it_and_keeps_the_rate(breaker):
    opened(breaker).reset()
    assert breaker.told() == {"state": "closed", "failure_count": 0, "success_rate": 0.0}
    ends(breaker, None)


def test_the_rate_is_of_the_last_hundred_verdicts():
    breaker = CircuitBreaker(1_000, REST_S, Hands())
    ends(breaker, *[ErrorClass.TIMEOUT] * 75, *[None] * 75)
    ends(breaker, *[ErrorClass.QUERY] * 500)
    assert breaker.told()["success_rate"] == 75.0


@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("admit"), st.none()),
            st.tuples(st.just("wait"), st.sampled_from([1.0, 10.0, 30.0])),
            st.tuples(st.just("end"), st.tuples(st.integers(0, 9), st.sampled_from([None, *ErrorClass]))),
            st.tuples(st.just("reset"), st.none()),
        ),
        max_size=60,
    )
)
@settings(max_examples=examples(300), deadline=None)
def test_it_never_stays_shut_past_its_rest_and_never_lets_two_in_half_open(steps):
    clock = Hands()
    breaker = CircuitBreaker(2, REST_S, clock)
    admitted: list[int] = []
    for step, value in steps:
        state = breaker.told()["state"]
        if step == "wait":
            clock.now_s += value
        elif step == "reset":
            breaker.reset()
        elif step == "end" and admitted:
            breaker.ended(value[1], admitted.pop(value[0] % len(admitted)))
        elif step == "admit" and state != "open":
            under_way = len([each for each in admitted if each == breaker._term])
            if state == "half_open" and under_way:
                with pytest.raises(CircuitBreakerOpenException):
                    breaker.admit()
            else:
                admitted.append(breaker.admit())
    for each in admitted:
        breaker.ended(ErrorClass.CANCELLED, each)
    clock.now_s += REST_S
    breaker.admit()

from itertools import count

from analytics_pipelines.sql_service.broker.fair_line import MANY_USERS, FairLine, Turn

ARRIVALS = count()


def turn(line: FairLine, user: str, weight: int = 1) -> Turn:
    arrival = next(ARRIVALS)
    return Turn(arrival, line.now, f"{user}{arrival}", user, weight)


def waiting(line: FairLine, users: str, weight: int = 1) -> None:
    for user in users:
        line.add(turn(line, user, weight))


def served(line: FairLine, turns: int) -> str:
    users = ""
    for _ in range(turns):
        first = line.first()
        assert first is not None
        line.remove(first)
        line.charge(first)
        users += first.user
    return users


def test_users_take_turns_however_many_each_has():
    line = FairLine()
    waiting(line, "aaaaabbc")
    assert served(line, 8) == "abcabaaa"


def test_twice_the_weight_is_twice_the_turns():
    line = FairLine()
    waiting(line, "bbbbbbb")
    waiting(line, "aaaaaaa", weight=2)
    assert served(line, 9).count("a") == 6


def test_the_order_told_is_the_order_served():
    line = FairLine()
    waiting(line, "aabbbcca", weight=3)
    told = "".join(each.user for each in line.order())
    assert len(line) == 8
    assert served(line, 8) == told
    assert line.first() is None


def test_one_who_may_not_start_lets_others_pass_but_none_of_the_same_user():
    line = FairLine()
    waiting(line, "aab")
    blocked = line.first()
    assert line.first(lambda each: each != blocked).user == "b"


def test_an_earlier_arrival_that_comes_back_stands_before_its_users_later_ones():
    line = FairLine()
    early = turn(line, "a")
    waiting(line, "ab")
    line.add(early)
    assert line.first() == early


def test_rest_makes_all_equal_and_time_never_goes_back():
    line = FairLine()
    waiting(line, "aaaa")
    served(line, 4)
    line.rest()
    assert line.now == 4
    waiting(line, "ab")
    assert served(line, 2) == "ab"


def test_what_no_longer_matters_of_many_users_is_dropped():
    line = FairLine()
    for number in range(MANY_USERS * 2):
        line.add(turn(line, f"user{number}"))
        served(line, 1)
        line.now += 1
    assert len(line._finishes) <= MANY_USERS

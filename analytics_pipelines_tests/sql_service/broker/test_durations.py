from analytics_pipelines.sql_service.broker.durations import Durations, fingerprint

ONE, TWO, THREE = (fingerprint(f"SELECT {number}") for number in range(3))
SLICE_S = 0.04


def known(most_known: int = 100) -> Durations:
    durations = Durations(SLICE_S, most_known)
    durations.new_generation("g1")
    return durations


def test_what_is_not_known_is_not_long():
    assert not known().is_long(ONE)


def test_what_took_longer_than_a_slice_is_long_until_it_no_longer_does():
    durations = known()
    durations.took(ONE, 0.1, "g1")
    assert durations.is_long(ONE)
    for _ in range(3):
        durations.took(ONE, 0.01, "g1")
    assert not durations.is_long(ONE)


def test_one_slow_time_makes_a_quick_statement_no_long_one():
    durations = known()
    for _ in range(5):
        durations.took(ONE, 0.001, "g1")
    durations.took(ONE, 0.06, "g1")
    assert not durations.is_long(ONE)


def test_what_was_stopped_after_its_slice_is_long():
    durations = known()
    durations.took(ONE, 0.001, "g1")
    durations.took_longer_than(ONE, SLICE_S, "g1")
    assert durations.is_long(ONE)
    durations.took(TWO, 5.0, "g1")
    durations.took_longer_than(TWO, SLICE_S, "g1")
    for _ in range(6):
        durations.took(TWO, 0.0, "g1")
    assert durations.is_long(TWO), "what was known of it stays: 5 s, halved six times"


def test_a_new_generation_has_other_data():
    durations = known()
    durations.took(ONE, 1.0, "g1")
    durations.new_generation("g1")
    assert durations.is_long(ONE)
    durations.new_generation("g2")
    assert not durations.is_long(ONE)
    durations.took(ONE, 1.0, "g1")
    durations.took_longer_than(ONE, 1.0, "g1")
    assert len(durations) == 0


def test_what_ran_longest_ago_is_forgotten_first():
    durations = known(most_known=2)
    for statement in (ONE, TWO, ONE, THREE):
        durations.took(statement, 1.0, "g1")
    assert [durations.is_long(each) for each in (ONE, TWO, THREE)] == [True, False, True]
    assert len(durations) == 2


def test_a_fingerprint_is_of_the_statement_not_of_its_lay_out():
    assert fingerprint("SELECT  1 -- one\n") == fingerprint("SELECT 1;")
    assert fingerprint("SELECT '1  '") != fingerprint("SELECT '1 '")
    assert len(fingerprint("SELECT '\udc80'")) == 16

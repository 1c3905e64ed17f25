"""Values that look alike."""

from analytics_pipelines.datasets.charts.names import Names


def named(*values: tuple[str, str]) -> list[str]:
    names = Names()
    return [names.name(key, text) for key, text in values]


def test_a_value_keeps_its_name_and_another_that_looks_alike_has_a_number():
    assert named(("a", "x"), ("b", "x"), ("a", "x"), ("c", "x"), ("d", "y")) == ["x", "x (2)", "x", "x (3)", "y"]


def test_a_number_that_is_taken_already_is_passed_over():
    assert named(("a", "x"), ("b", "x (2)"), ("c", "x")) == ["x", "x (2)", "x (3)"]


def test_thousands_that_look_alike_take_no_longer_than_others():
    assert named(*((str(i), "x") for i in range(10_000)))[-1] == "x (10000)"

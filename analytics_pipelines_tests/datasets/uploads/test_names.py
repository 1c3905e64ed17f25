import pytest

from analytics_pipelines.datasets.uploads.names import named


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param(["a", "b"], ["a", "b"], id="usable"),
        pytest.param([" a ", "b\t"], ["a", "b"], id="spaces around"),
        pytest.param(["a", "a", "a_2", "a"], ["a", "a_3", "a_2", "a_4"], id="twice, and the next name taken"),
        pytest.param(["Straße", "STRASSE"], ["Straße", "STRASSE_2"], id="alike but for their case"),
        pytest.param(["", "column_1"], ["column_1", "column_1_2"], id="empty, and its name taken"),
        pytest.param(["a\x00\x1bb", "\u202ec\u2066"], ["a b", "c"], id="control characters"),
        pytest.param(["x" * 11], ["x" * 10], id="too long"),
        pytest.param(["x" * 11, "x" * 12], ["x" * 10, "x" * 10 + "_2"], id="alike once cut"),
        pytest.param(["می‌خواهم", "👨‍👩‍👧"], ["می‌خواهم", "👨‍👩‍👧"], id="joiners are letters"),
    ],
)
def test_names_are_usable_and_unique(header: list[str], expected: list[str]) -> None:
    assert list(named(header, 10)[0]) == expected


def test_each_change_says_why() -> None:
    _, renamed = named(["", "a\nb", "x" * 11, "a", "A", " c "], 10)
    assert [(each.position, each.name, each.reason) for each in renamed] == [
        (1, "column_1", "the header is empty here"),
        (2, "a b", "the name held control characters"),
        (3, "x" * 10, "the name is longer than 10 characters"),
        (5, "A_2", "another column has the name"),
    ]
    assert renamed[2].header == "x" * 10


def test_a_thousand_columns_of_one_name_are_told_apart() -> None:
    names, renamed = named(["a"] * 2000, 200)
    assert len({name.casefold() for name in names}) == 2000
    assert len(renamed) == 1999

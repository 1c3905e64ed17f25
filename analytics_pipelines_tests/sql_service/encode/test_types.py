"""Types are read as DuckDB writes them."""

import pytest

from analytics_pipelines.sql_service.encode.types import MOST_LEVELS, DuckType, type_of
from analytics_pipelines.sql_service.errors import DuckDBQueryError
from analytics_pipelines_tests.sql_service.encode.answers import Answers

INTEGER, VARCHAR = DuckType("INTEGER"), DuckType("VARCHAR")
ZONED = DuckType("TIMESTAMP WITH TIME ZONE")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("INTEGER", INTEGER),
        ('"NULL"', DuckType("NULL")),
        ("DECIMAL(18,3)", DuckType("DECIMAL", precision=18, scale=3)),
        ("TIMESTAMP WITH TIME ZONE", ZONED),
        ("ENUM('a', 'b''c', 'x,y)')", DuckType("ENUM")),
        ("INTEGER[]", DuckType("LIST", (("element", INTEGER),))),
        (
            "INTEGER[2][]",
            DuckType("LIST", (("element", DuckType("ARRAY", (("element", INTEGER),), length=2)),)),
        ),
        (
            'STRUCT(a INTEGER, "b ""(c" TIMESTAMP WITH TIME ZONE)',
            DuckType("STRUCT", (("a", INTEGER), ('b "(c', ZONED))),
        ),
        (
            "STRUCT(TIMESTAMP WITH TIME ZONE, DECIMAL(1,0), INTEGER[])",
            DuckType(
                "STRUCT",
                (
                    ("1", ZONED),
                    ("2", DuckType("DECIMAL", precision=1)),
                    ("3", DuckType("LIST", (("element", INTEGER),))),
                ),
                is_unnamed=True,
            ),
        ),
        ("MAP(VARCHAR, INTEGER)", DuckType("MAP", (("key", VARCHAR), ("value", INTEGER)))),
        ("UNION(n INTEGER, s VARCHAR)", DuckType("UNION", (("n", INTEGER), ("s", VARCHAR)))),
        ("GEOMETRY('EPSG:4326')", DuckType("GEOMETRY")),
        ("STRUCT(a INTEGER", DuckType("STRUCT(a INTEGER")),
        ("MAP(INTEGER)", DuckType("MAP(INTEGER)")),
        ("DECIMAL(x)", DuckType("DECIMAL(x)")),
        ("no such type", DuckType("no such type")),
        ("", DuckType("")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_type_is_taken_apart(text, kind):
    assert type_of(text) == kind


def test_fields_called_like_types_keep_their_names():
    sql = "SELECT {'timestamp': 1, 'integer': 2, 'struct': 3, 'with': 4, 'time': now()} AS x"
    ((_, text),) = Answers().columns(sql)
    assert [name for name, _ in type_of(text).members] == ["timestamp", "integer", "struct", "with", "time"]


def test_deep_types_are_written_up_to_a_limit_and_then_refused():
    deepest = "INTEGER" + "[]" * MOST_LEVELS
    assert type_of(deepest).kind == "LIST"
    for text in (deepest + "[]", "STRUCT(a " * 65 + "INTEGER" + ")" * 65, "INTEGER" + "[]" * 30_000):
        with pytest.raises(DuckDBQueryError, match="deeper"):
            type_of(text)


def test_a_wide_type_is_not_a_deep_one():
    assert len(type_of("STRUCT(" + ", ".join(f"f{number} DECIMAL(3,1)" for number in range(500)) + ")").members) == 500

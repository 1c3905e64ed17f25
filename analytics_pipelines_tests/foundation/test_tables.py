import pytest

from analytics_pipelines.foundation.errors import NotFound
from analytics_pipelines.foundation.tables import Column, Table, Tables, Type


def table(name: str = "core_test__visits", *, key=("visit_id",), columns=("visit_id", "label")) -> Table:
    declared = tuple(Column(name=column, type=Type.TEXT, meaning=column) for column in columns)
    return Table(name=name, room="test", grain="one visit", partition="its day", key=key, columns=declared)


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        pytest.param({"key": ("visit",)}, "key names no column", id="key without a column"),
        pytest.param({"key": ()}, "key names no column", id="no key"),
        pytest.param({"columns": ("visit_id", "visit_id")}, "two columns have one name", id="column twice"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(broken, complaint):
    with pytest.raises(ValueError, match=complaint):
        table(**broken)


def test_a_table_knows_its_columns_and_layer():
    assert table().column_names == ("visit_id", "label")
    assert table().layer == "core"


def test_tables_are_found_by_name_and_kept_in_order():
    first, second = table("raw_test__a"), table("core_test__a")
    tables = Tables([first, second])
    assert list(tables) == [first, second]
    assert tables.named("core_test__a") is second
    with pytest.raises(NotFound, match="There is no table 'core_test__b'"):
        tables.named("core_test__b")


def test_two_tables_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two tables are called"):
        Tables([table(), table(key=("label",))])

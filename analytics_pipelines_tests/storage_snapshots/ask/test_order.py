from itertools import product

import duckdb
import pytest

from analytics_pipelines.foundation.bound import Bound
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.ask.filters import UnknownField
from analytics_pipelines.storage_snapshots.ask.order import Sort, SortTooLong, order_of

ROWS = [
    (size, name, share, pre)
    for pre, (size, name, share) in enumerate(product([None, 1, 2], [None, "a", "B"], ["one", "two"]))
]


@pytest.mark.parametrize("is_small_last", [False, True])
@pytest.mark.parametrize("is_a_last", [False, True])
def test_after_each_row_come_exactly_those_that_the_order_puts_there(is_small_last, is_a_last):
    sorts = [Sort("size", is_descending=is_small_last), Sort("name", is_descending=is_a_last)]
    with duckdb.connect() as cursor:
        cursor.execute("CREATE TABLE t (size_bytes BIGINT, name VARCHAR, share VARCHAR, pre BIGINT)")
        cursor.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", ROWS)
        order = order_of(sorts, None, Bound(), "/sort")
        whole = cursor.execute(Sql("SELECT * FROM t ORDER BY {order}").fill(order=order.sql).text).fetchall()
        assert [row[0] is None for row in whole] == [False] * 12 + [True] * 6
        for place, row in enumerate(whole):
            bound = Bound()
            query = Sql("SELECT * FROM t WHERE {after} ORDER BY {order}").fill(
                after=order.after(row, bound), order=order.sql
            )
            assert cursor.execute(query.text, bound.values).fetchall() == whole[place + 1 :]


def test_what_can_not_be_sorted_by_is_named():
    with pytest.raises(UnknownField, match="/sort/1/by"):
        order_of([Sort("size"), Sort("colour")], None, Bound(), "/sort")
    with pytest.raises(SortTooLong, match="Limit: 5"):
        order_of([Sort("size")] * 6, None, Bound(), "/sort")

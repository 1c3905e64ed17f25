import duckdb
import pytest

from analytics_pipelines.foundation.bound import Bound, every, some
from analytics_pipelines.foundation.sql import Sql

TRUTHS = {"yes": Sql("TRUE"), "no": Sql("FALSE")}


def test_a_value_is_handed_over_apart_from_the_text():
    bound = Bound()
    query = Sql("SELECT {first}, {second}").fill(first=bound.bind("'; DROP"), second=bound.bind(2))
    assert query.text == "SELECT $v0, $v1"
    assert duckdb.execute(query.text, bound.values).fetchone() == ("'; DROP", 2)


@pytest.mark.parametrize(
    ("words", "all_hold", "one_holds"),
    [([], True, False), (["yes"], True, True), (["yes", "no"], False, True), (["no", "no"], False, False)],
)
def test_conditions_are_put_together(words, all_hold, one_holds):
    parts = [TRUTHS[word] for word in words]
    query = Sql("SELECT {every}, {some}").fill(every=every(parts), some=some(parts))
    assert duckdb.execute(query.text).fetchone() == (all_hold, one_holds)

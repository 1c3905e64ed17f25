"""What can be wrong with a question; each error names the offending word and the words that are allowed."""

from collections.abc import Iterable

from analytics_pipelines.foundation.errors import BadInput, LimitExceeded

MOST_ECHOED = 80


class UnknownMetric(BadInput):
    """A metric is not known, or is named twice."""


class UnknownDimension(BadInput):
    """A dimension is not known, can not be filtered by, or is named twice."""


class UnknownOperator(BadInput):
    """A filter has an operator that is not known."""


class BadFilter(BadInput):
    """A filter does not have the form `[operator, dimension, clauses]`."""


class BadPattern(BadInput):
    """The regular expression of a filter does not compile; the syntax is RE2's."""


class BadDateRange(BadInput):
    """The range of days is not one."""


class BadOrder(BadInput):
    """An entry of `order_by` is not a metric or dimension of the query with `asc` or `desc`."""


class BadInclude(BadInput):
    """What shall be included does not exist for the query."""


class MetricNotDefined(BadInput):
    """A metric has no meaning with the query's dimensions or filters."""


class TooManyDays(LimitExceeded):
    """The range holds more days with data than one query may read."""


class QueryTooLarge(LimitExceeded):
    """The query has more parts than one may have."""


def allowed(words: Iterable[str]) -> str:
    """The remedy that lists the words."""
    return "Allowed: " + ", ".join(words) + "."


def quoted(value: object) -> str:
    """What was sent, short and printable."""
    text = value if isinstance(value, str) else repr(value)
    return "`" + (text[:MOST_ECHOED] + "…" if len(text) > MOST_ECHOED else text) + "`"

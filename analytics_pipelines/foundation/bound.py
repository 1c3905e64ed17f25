"""Values of a statement that is put together of parts: each is handed to the engine apart from the text."""

from collections.abc import Iterable

from analytics_pipelines.foundation.sql import Sql, joined

TRUE = Sql("TRUE")


class Bound:
    """The values, and what stands for each of them in the text."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def bind(self, value: object) -> Sql:
        """What stands for the value in the text."""
        parameter = "v" + str(len(self.values))
        self.values[parameter] = value
        return Sql("$" + parameter)


def in_brackets(part: Sql) -> Sql:
    """The part as one operand."""
    return Sql("({part})").fill(part=part)


def every(conditions: Iterable[Sql]) -> Sql:
    """Whether all conditions hold; they do if there is none."""
    return joined([in_brackets(each) for each in conditions] or [TRUE], " AND ")


def some(conditions: Iterable[Sql]) -> Sql:
    """Whether one of the conditions holds; none does if there is none."""
    return joined([in_brackets(each) for each in conditions] or [Sql("FALSE")], " OR ")

"""The rows that pass the filters, with what a question needs of each under names of ours."""

from analytics_pipelines.datasets.compile.conditions import conditions
from analytics_pipelines.datasets.compile.question import Question
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.datasets.subject import VIEW, Subject
from analytics_pipelines.foundation.bound import Bound
from analytics_pipelines.foundation.sql import Sql, joined, name

ROWS = Sql("SELECT {columns} FROM {view} WHERE {passes}")
NAMED = Sql("{value} AS {name}")
NOTHING = Sql("0 AS nothing")


class Listed:
    """Expressions with a name each; an expression that is asked for twice has one name."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._names: dict[Sql, Sql] = {}

    def add(self, value: Sql) -> Sql:
        """What to call the expression by."""
        return self._names.setdefault(value, name(self._prefix + str(len(self._names))))

    def place(self, value: Sql) -> int:
        """Where the expression's value stands in a row, from 0."""
        return list(self._names).index(value)

    @property
    def names(self) -> list[Sql]:
        """All names, in order."""
        return list(self._names.values())

    @property
    def sql(self) -> list[Sql]:
        """`expression AS name` for each."""
        return [NAMED.fill(value=value, name=named) for value, named in self._names.items()]


class Kept:
    """What is read of the subject, in the making."""

    def __init__(self, plan: Plan, subject: Subject) -> None:
        self.bound = Bound()
        self.columns = Listed("c")
        self._passes = conditions(plan, subject, self.bound)

    @property
    def sql(self) -> Sql:
        """A SELECT of the columns added so far."""
        columns = joined(self.columns.sql or [NOTHING])
        return ROWS.fill(columns=columns, view=name(VIEW), passes=self._passes)

    def question(self, query: Sql, **parts: Sql) -> Question:
        """The query with `{kept}` being these rows, and the values of the filters."""
        return Question(query.fill(kept=self.sql, **parts), dict(self.bound.values))

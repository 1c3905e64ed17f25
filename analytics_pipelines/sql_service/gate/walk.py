"""The walk over a whole tree: whatever is not known to be harmless is refused, wherever it stands.

A stack in place of recursion, so that no depth of a tree can end the process.
"""

from typing import Any

from analytics_pipelines.sql_service.errors import QueryRefused
from analytics_pipelines.sql_service.gate import kinds
from analytics_pipelines.sql_service.gate.casts import check_collation, check_type
from analytics_pipelines.sql_service.gate.checked import NamedTable, Reading
from analytics_pipelines.sql_service.gate.functions import VOLATILE_WORDS, check_called, check_table_function
from analytics_pipelines.sql_service.gate.names import CATALOG_HINT, clipped, small
from analytics_pipelines.sql_service.gate.parse import Tree, place_of, too_deep
from analytics_pipelines.sql_service.gate.scopes import NOTHING, Scope

MOST_PARTS = 30_000
MOST_DEPTH = 400


class Walk:
    """One walk over one tree."""

    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._tables: list[NamedTable] = []
        self._is_repeatable = True
        self._stack: list[tuple[Any, Scope, int]] = []

    def reading(self, statement: Tree) -> Reading:
        """What the statement names; raises `QueryRefused` with what is refused and where."""
        self._stack.append((statement, NOTHING, 0))
        parts = 0
        while self._stack:
            part, scope, depth = self._stack.pop()
            parts += 1
            if depth > MOST_DEPTH:
                raise too_deep()
            if parts > MOST_PARTS:
                raise QueryRefused("The query has too many parts.", limit=f"{MOST_PARTS} parts")
            self._look_at(part, scope, depth + 1)
        return Reading(tuple(self._tables), self._is_repeatable)

    def _look_at(self, part: Tree, scope: Scope, depth: int) -> None:
        if not kinds.KEYS.issuperset(part):
            raise _unknown(", ".join(sorted(set(part) - kinds.KEYS)))
        if part.get("pivot_enum"):
            raise _unknown(str(part["pivot_enum"]))
        if part.get("sample"):
            self._is_repeatable = False
        if "class" in part:
            self._expression(part, scope, depth)
        elif isinstance(part.get("type"), str):
            self._node(part, scope, depth)
        elif isinstance(part.get("type"), dict):
            check_type(part["type"])
        else:
            self._below(part, scope, depth)

    def _below(self, part: Tree, scope: Scope, depth: int, but: frozenset[str] = frozenset({"sample"})) -> None:
        """Put everything within a part on the stack, except under those keys."""
        for key, value in part.items():
            if key not in but and isinstance(value, dict | list):
                self._put(value, scope, depth)

    def _put(self, value: Any, scope: Scope, depth: int) -> None:
        lists = [value]
        while lists:
            each = lists.pop()
            if isinstance(each, dict):
                self._stack.append((each, scope, depth))
            elif isinstance(each, list):
                lists.extend(each)

    def _expression(self, part: Tree, scope: Scope, depth: int) -> None:
        if part["class"] not in kinds.EXPRESSIONS:
            raise _unknown(str(part["class"]), self._place(part))
        if self._has_more(part):
            self._below(part, scope, depth, BUT_TYPES)

    def _has_more(self, part: Tree) -> bool:
        """Look at the expression itself; gives whether there is something within it."""
        match part["class"]:
            case "FUNCTION" | "WINDOW":
                self._is_repeatable &= check_called(part, lambda: self._place(part))
            case "OPERATOR" if part.get("type") not in kinds.OPERATORS:
                raise _unknown(str(part.get("type")), self._place(part))
            case "CAST":
                check_type(part.get("cast_type"))
            case "COLLATE":
                check_collation(str(part.get("collation", "")))
            case "COLUMN_REF":
                self._column(part)
            case "CONSTANT":
                check_type((part.get("value") or {}).get("type"))
        return part["class"] not in LEAVES

    def _node(self, part: Tree, scope: Scope, depth: int) -> None:
        kind = part["type"]
        if kind in kinds.QUERIES:
            inner = self._steps(part.get("cte_map") or {}, scope, depth)
            self._below(part, inner, depth, BUT_STEPS)
        elif kind == "BASE_TABLE":
            self._table(part, scope)
        elif kind == "TABLE_FUNCTION":
            self._table_function(part, scope, depth)
        elif kind == "SHOW_REF":
            self._shown(part, scope, depth)
        elif kind in kinds.TABLES or kind in kinds.MODIFIERS:
            self._below(part, scope, depth)
        else:
            raise _unknown(kind, self._place(part))

    def _steps(self, steps: Tree, scope: Scope, depth: int) -> Scope:
        """Look at common table expressions in order; gives what stands behind them the scope with all of them."""
        for step in steps.get("map") or ():
            name, defined = step["key"], step["value"]
            query = (defined.get("query") or {}).get("node") or {}
            if not {"aliases", "query", "materialized", "key_targets"}.issuperset(defined):
                raise _unknown("WITH " + clipped(name))
            if query.get("type") == kinds.RECURSION:
                self._recursion(name, query, scope, depth)
            else:
                self._put(query, scope, depth)
            scope = scope.with_step(name)
        return scope

    def _recursion(self, name: str, query: Tree, scope: Scope, depth: int) -> None:
        if small(str(query.get("cte_name", ""))) != small(name) or (query.get("cte_map") or {}).get("map"):
            raise _unknown(kinds.RECURSION)
        inner = scope.within(name, has_keys=bool(query.get("key_targets")))
        self._put(query.get("left"), scope, depth)
        self._put(query.get("right"), inner, depth)
        self._put([query.get("modifiers"), query.get("key_targets")], scope, depth)

    def _table(self, part: Tree, scope: Scope) -> None:
        name = part.get("table_name")
        if not isinstance(name, str) or part.get("at_clause"):
            raise _unknown("AT", self._place(part))
        if part.get("schema_name") == "recurring" and not part.get("catalog_name") and scope.sees_recurring(name):
            return
        if part.get("schema_name") or part.get("catalog_name"):
            words = [part.get("catalog_name"), part.get("schema_name"), name]
            raise QueryRefused(
                f'"{clipped(".".join(word for word in words if word))}" may not be read{self._place(part)}: tables are '
                "named without a catalog or schema before them.",
                remedy=CATALOG_HINT,
            )
        if not scope.sees(name):
            self._tables.append(NamedTable(name, part.get("query_location", -1)))

    def _table_function(self, part: Tree, scope: Scope, depth: int) -> None:
        call = part.get("function")
        if not isinstance(call, dict) or part.get("subquery"):
            raise _unknown("TABLE_FUNCTION", self._place(part))
        self._is_repeatable &= check_table_function(call, lambda: self._place(call))
        self._below(call, scope, depth)

    def _shown(self, part: Tree, scope: Scope, depth: int) -> None:
        if part.get("show_type") not in kinds.SHOWN or not part.get("query") or part.get("table_name"):
            raise QueryRefused("SHOW may not run here.", remedy=CATALOG_HINT)
        self._put(part["query"], scope, depth)

    def _column(self, part: Tree) -> None:
        names = part.get("column_names") or [""]
        if len(names) == 1 and small(str(names[0])) in VOLATILE_WORDS:
            self._is_repeatable = False

    def _place(self, part: Tree) -> str:
        offset = part.get("query_location")
        return place_of(self._sql, offset) if isinstance(offset, int) else ""


LEAVES = frozenset({"COLUMN_REF", "CONSTANT", "PARAMETER", "POSITIONAL_REFERENCE"})
BUT_TYPES = frozenset({"cast_type", "sample"})
BUT_STEPS = frozenset({"cte_map", "sample"})


def _unknown(what: str, place: str = "") -> QueryRefused:
    return QueryRefused(f"This part of SQL may not be used here{place}: {clipped(what)}.")

"""What is said of a statement that is no query: which kind it is, and what is there in its place."""

import re

from analytics_pipelines.sql_service.errors import QueryRefused
from analytics_pipelines.sql_service.gate.names import CATALOG_HINT, IMPORT_HINT

SPACE = r"(?:\s|--[^\n]*(?:\n|$)|/\*[^*]*(?:\*(?!/)[^*]*)*\*/|\(|;)*"
FIRST_WORD = re.compile(rf"{SPACE}([A-Za-z_]+)")
BATCH_HINT = "POST /api/v1/duckdb/batch writes to tables of its own (CREATE TABLE, INSERT INTO, DROP TABLE)."
EXPORT_HINT = "POST /api/v1/duckdb/exports makes a file of a query's answer."
VALUES_HINT = "Name the values: PIVOT … ON column IN (value, …)."
ANY_HINT = "One query may run: SELECT, WITH, FROM, VALUES, TABLE, DESCRIBE or SUMMARIZE."
QUERIES = frozenset({"SELECT", "WITH", "FROM", "VALUES", "TABLE", "DESCRIBE", "SUMMARIZE", "SHOW", "UNPIVOT"})
HINTS = {
    "EXPLAIN": "POST /api/v1/duckdb/explain gives the plan, with times on demand.",
    "PIVOT": VALUES_HINT,
    "COPY": f"{EXPORT_HINT} {IMPORT_HINT}",
    "EXPORT": EXPORT_HINT,
    "IMPORT": IMPORT_HINT,
    "CREATE": BATCH_HINT,
    "INSERT": BATCH_HINT,
    "DROP": BATCH_HINT,
    "UPDATE": BATCH_HINT,
    "DELETE": BATCH_HINT,
    "SHOW": CATALOG_HINT,
    "PREPARE": "Hand values in as parameters (?, $1 or $name); repeated queries are quick without it.",
    "EXECUTE": "Hand values in as parameters (?, $1 or $name).",
    "BEGIN": "POST /api/v1/duckdb/batch has use_transaction.",
    "COMMIT": "POST /api/v1/duckdb/batch has use_transaction.",
    "INSTALL": "GET /api/v1/duckdb/extensions lists what is loaded; the operator adds others.",
    "LOAD": "GET /api/v1/duckdb/extensions lists what is loaded; the operator adds others.",
}


def first_word(sql: str) -> str:
    """The first word of a text in capitals, behind comments, opening parentheses and semicolons; or nothing."""
    match = FIRST_WORD.match(sql)
    return match.group(1).upper() if match else ""


def refused_statement(sql: str) -> QueryRefused:
    """The error of a text that the parser took for something other than a query."""
    word = first_word(sql)
    if word in QUERIES or not word:
        return QueryRefused(
            "The text holds more than one query, or a PIVOT that does not name its values.",
            remedy=f"{VALUES_HINT} POST /api/v1/duckdb/batch runs several statements in order.",
        )
    if word == "PIVOT":
        return QueryRefused("PIVOT without its values may not run here.", remedy=VALUES_HINT)
    return QueryRefused(f"{word[:20]} may not run here.", remedy=HINTS.get(word, ANY_HINT))

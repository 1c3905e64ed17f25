"""What the routes of the room take and answer with. Answers are passed on as the broker gives them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from analytics_pipelines.sql_service.messages import MOST_SQL_BYTES
from analytics_pipelines.sql_service.service import FetchMode

MOST_STATEMENTS = 100

Sql = Annotated[
    str,
    Field(
        min_length=1, max_length=MOST_SQL_BYTES, description="One SELECT in DuckDB's SQL, over the published tables."
    ),
]
Params = Annotated[
    list[Any] | dict[str, Any] | None,
    Field(description="What placeholders stand for: a list for `?` and `$1`, an object for `$name`."),
]
TimeoutS = Annotated[
    float | None,
    Field(gt=0, allow_inf_nan=False, description="Seconds after which it is stopped; at most what the role allows."),
]


class Sent(BaseModel):
    """A body; a name that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid")


class QueryBody(Sent):
    """A query."""

    query: Sql
    params: Params = None
    fetch_mode: FetchMode | None = Field(
        None,
        description="`all`, `one` (first row), `many` (`limit` rows): JSON. `arrow`, `csv`, `parquet`: a stream. "
        "Absent: what `Accept` asks for, else `all`.",
    )
    limit: int | None = Field(None, ge=1, le=2**31 - 1, description="Most rows.")
    timeout_s: TimeoutS = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "query": "SELECT device, count(*) FROM core_web__sessions WHERE site_id = $site GROUP BY 1",
                    "params": {"site": "example"},
                    "limit": 100,
                }
            ]
        }
    )


class StatementBody(Sent):
    """A statement of a batch, with its parameters."""

    query: Annotated[str, Field(min_length=1, max_length=MOST_SQL_BYTES)]
    params: Params = None


class BatchBody(Sent):
    """Statements that run in order on one connection."""

    queries: list[Annotated[str, Field(min_length=1, max_length=MOST_SQL_BYTES)] | StatementBody] = Field(
        min_length=1,
        max_length=MOST_STATEMENTS,
        description="SELECT, and for tables of the batch's own CREATE TABLE, INSERT and DROP TABLE.",
    )
    use_transaction: bool = Field(True, description="All or nothing; else each result stands for itself.")
    timeout_s: TimeoutS = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "queries": [
                        "CREATE TABLE long AS SELECT * FROM core_web__sessions WHERE duration_s > 600",
                        {"query": "SELECT count(*) FROM long WHERE site_id = $1", "params": ["example"]},
                    ]
                }
            ]
        }
    )


class ExplainBody(Sent):
    """A query whose plan is wanted."""

    query: Sql
    params: Params = None
    analyze: bool = Field(False, description="Run it too, and tell how long each operator took.")
    timeout_s: TimeoutS = None
    model_config = ConfigDict(json_schema_extra={"examples": [{"query": "SELECT count(*) FROM core_web__sessions"}]})


class Column(BaseModel):
    """A column of an answer."""

    name: str
    type: str = Field(description="DuckDB's.")


class Rows(BaseModel):
    """Rows as JSON."""

    data: list[list[Any]]
    columns: list[Column]
    row_count: int
    truncated: bool = Field(description="Whether there are more rows than `limit`, or than an answer may have.")
    execution_time: float = Field(description="Seconds.")


class QueryAnswer(Rows):
    """The answer to a query."""

    memory_usage: float = Field(description="Megabytes that it took at most.")
    query_id: str
    generation: str
    is_cached: bool = Field(False, description="Whether it had been asked before, of the same generation.")


class FailedStatement(BaseModel):
    """In place of a result, without a transaction."""

    error: dict[str, Any]


class BatchAnswer(BaseModel):
    """What each statement gave."""

    results: list[Rows | FailedStatement]
    query_id: str
    generation: str
    execution_time: float
    memory_usage: float


class ExplainAnswer(BaseModel):
    """A plan."""

    plan: Any = Field(description="DuckDB's operators, as a tree; with `analyze` with rows and seconds.")
    query_id: str
    generation: str


class QueriesAnswer(BaseModel):
    """Queries of the caller; an admin sees everybody's."""

    running: list[dict[str, Any]] = Field(description="Waiting ones too.")
    recent: list[dict[str, Any]] = Field(description="Newest first.")


class QueryTest(BaseModel):
    """A tiny query, run for the purpose."""

    success: bool
    execution_time: float | None = Field(description="Seconds.")


class ConnectionPool(BaseModel):
    """Workers."""

    total_connections: int
    available_connections: int
    max_connections: int


class Breaker(BaseModel):
    """The circuit breaker."""

    state: Literal["closed", "open", "half_open"]
    failure_count: int
    success_rate: float = Field(description="Percent of the last hundred.")


class Health(BaseModel):
    """How the service is."""

    status: str = Field(description="`healthy` or `degraded`.")
    service_initialized: bool
    database_exists: bool
    database_size_mb: float
    query_test: QueryTest
    connection_pool: ConnectionPool
    circuit_breaker: Breaker


class Statistics(BaseModel):
    """What was asked, and how it went, since the broker started."""

    service: dict[str, Any] = Field(description="`uptime_seconds`, `memory_limit`, `worker_threads`.")
    metrics: dict[str, Any] = Field(
        description="`total_queries`, `success_rate` (%), `avg_query_time` (s), p50 to p99."
    )
    performance: dict[str, Any] = Field(description="`recent_query_times` (s), `queries_over_1s`, `queries_over_5s`.")
    system: dict[str, Any] = Field(description="`process_memory_mb`, `cpu_percent`, `disk_usage_percent`.")
    model_config = ConfigDict(extra="allow")

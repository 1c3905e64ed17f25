"""The interface for Python callers: whole answers, batches, connections of one's own, health."""

import asyncio
from collections.abc import Iterator

import orjson
import pyarrow as pa
import pytest

from analytics_pipelines.sql_service.allowance import Caller, Rights
from analytics_pipelines.sql_service.errors import DuckDBConnectionError, DuckDBException, DuckDBQueryError, QueryFailed
from analytics_pipelines.sql_service.messages import Ask, Does, Format, Statement
from analytics_pipelines.sql_service.places import Places
from analytics_pipelines.sql_service.service import (
    GRACE_S,
    NO_ANSWER,
    PARSED_AT_ONCE_BYTES,
    PYTHON,
    DuckDBService,
    FetchMode,
    Question,
)
from analytics_pipelines_tests.sql_service.stand_in import END, StandIn, data, end, head, members, standing_in, told

ADA = Caller("ada", Rights.ADMIN)
ANNA = Caller("anna", Rights.ANALYST)


@pytest.fixture
def service(settings) -> DuckDBService:
    return DuckDBService.of(settings)


@pytest.fixture
def broker(settings) -> Iterator[StandIn]:
    with standing_in(Places.of(settings.home)) as found:
        yield found


def stream_of(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def test_an_answer_has_rows_and_columns(broker, service):
    found = asyncio.run(service.execute_query("SELECT 1"))
    assert found.data == [[1]]
    assert found.columns == [{"name": "a", "type": "INTEGER"}]
    assert {name: getattr(found, name) for name in END if name != "is_cached"} == {
        name: value for name, value in END.items() if name != "is_cached"
    }
    assert broker.asks[0].caller == PYTHON
    assert PYTHON.rights is Rights.ANALYST


def test_a_long_answer_is_read_all_the_same(broker, service):
    rows = [["x" * 100] for _ in range(PARSED_AT_ONCE_BYTES // 90)]
    broker.answers["SELECT long"] = [head(), data(members(rows)), end(row_count=len(rows))]
    assert asyncio.run(service.execute_query("SELECT long")).data == rows


def test_arrow_is_a_table_and_files_are_bytes(broker, service):
    table = pa.table({"a": [1, 2], "b": ["x", None]})
    broker.answers |= {
        "SELECT arrow": [head(), data(stream_of(table)), end(row_count=2)],
        "SELECT csv": [head(), data(b"a\n1\n"), end()],
    }

    async def both() -> tuple:
        arrow = await service.execute_query("SELECT arrow", fetch_mode="arrow")
        return arrow.data, (await service.execute_query("SELECT csv", fetch_mode="csv")).data

    assert asyncio.run(both()) == (table, b"a\n1\n")


@pytest.mark.parametrize(
    ("mode", "limit", "expected"),
    [
        (FetchMode.ALL, None, (Format.JSON, None)),
        (FetchMode.ALL, 5, (Format.JSON, 5)),
        (FetchMode.ONE, 5, (Format.JSON, 1)),
        (FetchMode.MANY, 5, (Format.JSON, 5)),
        (FetchMode.MANY, None, (Format.JSON, 70)),
        (FetchMode.PARQUET, None, (Format.PARQUET, None)),
    ],
)
def test_a_mode_says_how_many_rows_and_how_they_are_written(mode, limit, expected):
    ask = Question("SELECT 1", {"a": 1}, mode, limit, 3.0).ask(ANNA, 70)
    assert (ask.format, ask.limit) == expected
    assert (ask.statements, ask.timeout_s, ask.caller) == ((Statement("SELECT 1", {"a": 1}),), 3.0, ANNA)


def test_an_unknown_mode_is_refused_before_anybody_is_asked(broker, service):
    with pytest.raises(ValueError, match="some"):
        asyncio.run(service.execute_query("SELECT 1", fetch_mode="some"))
    assert broker.asks == []


def test_errors_are_caught_by_the_older_names(broker, service):
    with pytest.raises(DuckDBQueryError):
        asyncio.run(service.execute_query("SELECT wrong"))
    with pytest.raises(DuckDBException):
        asyncio.run(service.execute_query("SELECT wrong"))


def test_a_batch_gives_a_result_for_each_statement(broker, service):
    results = [{"data": [[1]], "row_count": 1}, {"error": {"code": "DuckDBQueryError"}}]
    broker.answers["batch"] = [head(), data(orjson.dumps({"results": results})[1:-1]), end()]
    asked = ["CREATE TABLE t (a INT)", {"query": "SELECT $1", "params": [1]}]
    assert asyncio.run(service.execute_batch(asked, use_transaction=False, caller=ANNA)) == results
    statements = (Statement("CREATE TABLE t (a INT)"), Statement("SELECT $1", [1]))
    assert broker.asks == [Ask(does=Does.BATCH, caller=ANNA, statements=statements, uses_transaction=False)]


def test_a_transaction_is_one_connection_until_its_end(broker, service):
    broker.answers["session"] = told(query_id="s1", generation="g1")

    async def talk() -> None:
        async with service.transaction(caller=ANNA) as lease:
            assert (await lease.execute_query("SELECT 1")).data == [[1]]
            with pytest.raises(DuckDBQueryError):
                await lease.execute_query("SELECT wrong")
            assert (await lease.execute_query("SELECT 1", [2], "one")).row_count == 1
        with pytest.raises(QueryFailed):
            await lease.execute_query("SELECT 1")

    asyncio.run(talk())
    assert [ask.does for ask in broker.asks] == [Does.SESSION, Does.QUERY, Does.QUERY, Does.QUERY]
    assert (broker.asks[0].uses_transaction, broker.asks[3].limit) == (True, 1)
    assert {ask.caller for ask in broker.asks} == {ANNA}


def test_a_connection_is_given_back_once_or_twice(broker, service):
    broker.answers["session"] = told(query_id="s1", generation="g1")

    async def talk() -> None:
        lease = await service.get_connection(timeout_s=5)
        await lease.execute_query("SELECT 1")
        await service.return_connection(lease)
        await service.return_connection(lease)

    asyncio.run(talk())
    assert (broker.asks[0].uses_transaction, broker.asks[0].timeout_s) == (False, 5)


def test_health_is_told_also_when_nobody_is_there(settings, service):
    assert asyncio.run(service.health_check()) == NO_ANSWER
    with standing_in(Places.of(settings.home)) as broker:
        broker.answers["health"] = told(status="healthy")

        async def at_once() -> list[dict]:
            return await asyncio.gather(*(service.health_check() for _ in range(5)))

        assert asyncio.run(at_once()) == [{"status": "healthy"}] * 5
        assert len(broker.asks) == 1


def test_statistics_tell_of_others_to_admins_alone(broker, service):
    users = [{"user": "anna", "queries": 1}, {"user": "berta", "queries": 2}]
    broker.answers["statistics"] = told(metrics={}, users=users)
    assert asyncio.run(service.get_statistics(caller=ADA))["users"] == users
    assert asyncio.run(service.get_statistics(caller=ANNA))["users"] == users[:1]
    assert asyncio.run(service.get_statistics())["users"] == []


def test_patience_outlasts_what_the_caller_may_take(settings, service):
    def patience(caller: Caller, timeout_s: float | None) -> float:
        return service.patience_s(Ask(does=Does.QUERY, caller=caller, timeout_s=timeout_s))

    assert patience(ANNA, 1.0) == 2 + GRACE_S
    assert patience(ANNA, None) == patience(ANNA, 1e9) == 2 * settings.query_timeout + GRACE_S
    assert patience(ADA, 1e9) == 2 * settings.sql_max_timeout_s + GRACE_S


def test_without_a_broker_a_query_names_the_remedy(service):
    with pytest.raises(DuckDBConnectionError) as raised:
        asyncio.run(service.execute_query("SELECT 1"))
    assert "`analytics sql`" in (raised.value.remedy or "")


def test_a_transaction_keeps_its_tables_to_itself_and_takes_back_what_failed(served):
    service = DuckDBService.of(served)

    async def talked() -> list:
        async with service.transaction(caller=ANNA) as mine:
            await mine.execute_query("CREATE TABLE best AS SELECT max(edition) AS edition FROM out_shop__sales")
            await mine.execute_query("INSERT INTO best VALUES (?)", [7])
            found = [(await mine.execute_query("SELECT sum(edition) FROM best")).data]
            with pytest.raises(DuckDBQueryError):
                await service.execute_query("SELECT * FROM best", caller=ANNA)
            with pytest.raises(DuckDBQueryError):
                await mine.execute_query("SELECT nothing FROM best")
            with pytest.raises(DuckDBException):
                await mine.execute_query("SELECT sum(edition) FROM best")
        lease = await service.get_connection(caller=ANNA)
        with pytest.raises(DuckDBQueryError):
            await lease.execute_query("SELECT * FROM best")
        found.append((await lease.execute_query("SELECT 2")).data)
        await service.return_connection(lease)
        return found

    assert asyncio.run(talked()) == [[[8]], [[2]]]


def test_a_batch_and_streams_come_from_the_generation(served):
    service = DuckDBService.of(served)
    sql = "SELECT item, edition FROM raw_shop__sales ORDER BY item"

    async def asked() -> tuple:
        arrow = await service.execute_query(sql, fetch_mode="arrow", caller=ANNA)
        csv = await service.execute_query(sql, fetch_mode="csv", caller=ANNA)
        one = await service.execute_query(sql, fetch_mode="one", caller=ANNA)
        batch = await service.execute_batch([sql, "SELECT 1"], caller=ANNA)
        return arrow.data.to_pylist(), csv.data, one.data, [each["row_count"] for each in batch]

    arrow, csv, one, counts = asyncio.run(asked())
    assert arrow == [{"item": f"item {number}", "edition": 1} for number in range(3)]
    assert csv.splitlines()[1:] == [b'"item 0",1', b'"item 1",1', b'"item 2",1']
    assert (one, counts) == ([["item 0", 1]], [3, 1])

"""A connection that stays: temporary tables between questions, transactions, and its end."""

import pytest

from analytics_pipelines.sql_service.messages import Done, Format, Kind, StopReason, frame
from analytics_pipelines_tests.sql_service.worker.at_work import LONG, Answered, Outcome, SessionAtWork, next_frame

MAKE = "CREATE TABLE kept AS SELECT visit_id FROM core_shop__visits WHERE visit_id < 5"


def ended(worker):
    outcome = Outcome(Answered(), Done(query_id=""))
    worker.told(outcome)
    return outcome.done


def is_gone(client):
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def data_of(answered):
    assert answered.error is None, answered.error
    return answered.rows


@pytest.mark.parametrize("uses_transaction", [pytest.param(True, id="transaction"), pytest.param(False, id="none")])
def test_tables_stay_between_questions_and_go_with_the_session(worker, uses_transaction):
    with SessionAtWork.open(worker, uses_transaction=uses_transaction) as session:
        assert session.ask(MAKE).end["row_count"] == 5
        assert data_of(session.ask("SELECT sum(visit_id)::BIGINT FROM kept WHERE visit_id > $1", [1])) == [[9]]
        assert session.ask("DROP TABLE kept").error is None
        assert data_of(session.ask("SELECT 1")) == [[1]]
    assert ended(worker).error_class is None
    with SessionAtWork.open(worker) as session:
        assert session.ask("SELECT * FROM kept").error["code"] in {"DuckDBQueryError", "QueryRefused"}
    ended(worker)


def test_a_failure_ends_the_transaction(worker):
    with SessionAtWork.open(worker) as session:
        session.ask(MAKE)
        assert "kept" not in session.ask("SELECT nothing FROM core_shop__visits").error["detail"]
        assert "earlier statement" in session.ask("SELECT 1").error["detail"]
    assert ended(worker).error_class is None


def test_without_a_transaction_the_rest_goes_on(worker):
    with SessionAtWork.open(worker, uses_transaction=False) as session:
        session.ask(MAKE)
        assert session.ask("SELECT CAST('a' || visit_id AS BIGINT) FROM kept").error["code"] == "DuckDBQueryError"
        assert data_of(session.ask("SELECT count(*) FROM kept")) == [[5]]
    ended(worker)


def test_limits_and_formats_are_those_of_the_question(worker):
    with SessionAtWork.open(worker, row_limit=100) as session:
        few = session.ask("SELECT * FROM range(1000)", limit=3)
        many = session.ask("SELECT * FROM range(1000)", limit=1000)
        lines = session.ask("SELECT 1 AS one", format=Format.CSV)
    assert [(each.end["row_count"], each.end["truncated"]) for each in (few, many)] == [(3, True), (100, True)]
    assert (lines.data, lines.head["format"]) == (b'"one"\r\n1\r\n', "csv")
    assert ended(worker).rows == 104


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(frame(Kind.ASK, b"{}"), id="an ask that is none"),
        pytest.param(frame(Kind.DONE, b"{}"), id="a frame of others"),
        pytest.param(b"?" * 9, id="no frame"),
        pytest.param(b"q\xff\xff\xff\xff", id="a frame without an end"),
    ],
)
def test_nonsense_ends_it(worker, said):
    with SessionAtWork.open(worker) as session:
        session.client.sendall(said)
        assert ended(worker).error_class is None
        assert is_gone(session.client)


def test_a_stop_ends_it_between_questions(worker):
    with SessionAtWork.open(worker, query_id="idle") as session:
        worker.stop("idle", StopReason.TIMEOUT)
        assert ended(worker).error_class == "timeout"
        assert next_frame(session.client)[0] is Kind.ERROR


def test_a_stop_ends_it_within_one(worker):
    with SessionAtWork.open(worker, query_id="stopped") as session:
        session.worker.stop("stopped", StopReason.CANCELLED)
        answered = session.ask(LONG)
    assert answered.error["code"] == "QueryCancelled"
    assert ended(worker).error_class == "cancelled"

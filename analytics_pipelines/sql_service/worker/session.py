"""A connection that stays with its caller: question after question, with temporary tables in between.

It is told that it is open by an END; each question is answered by HEAD, DATA… and END, or by ERROR. It ends when the
caller goes, and when the broker says so.
"""

from contextlib import ExitStack

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.sql_service.errors import DuckDBQueryError
from analytics_pipelines.sql_service.messages import MOST_ASK_BYTES, Ask, Does, Format, Kind, Statement, ask_of
from analytics_pipelines.sql_service.worker.answer import Answer
from analytics_pipelines.sql_service.worker.failures import failure_of
from analytics_pipelines.sql_service.worker.plans import Bounds
from analytics_pipelines.sql_service.worker.query import answer_select, own_plan
from analytics_pipelines.sql_service.worker.stops import ClientGone, Stopped
from analytics_pipelines.sql_service.worker.task import BEGIN, Task, read_only
from analytics_pipelines.sql_service.worker.writing import NO_ROWS, SELECT, OwnTables, checked_statement, write


class Session:
    """What is kept between two questions."""

    def __init__(self, task: Task, cursor: DuckDBPyConnection) -> None:
        self._task = task
        self._cursor = cursor
        self._own = OwnTables()
        self._has_failed = False

    def answer(self, ask: Ask, answer: Answer) -> None:
        """Answer one question; raises whatever it fails of."""
        (statement,) = ask.statements
        if self._has_failed:
            raise DuckDBQueryError(
                "An earlier statement of the transaction failed, so nothing more runs in it.",
                remedy="Begin another one.",
            )
        spent_s = self._task.counted.engine_s
        try:
            with ExitStack() as stack:
                if not self._task.job.uses_transaction:
                    stack.enter_context(read_only(self._cursor))
                rows, is_truncated = self._run(ask, statement, answer)
        except Exception:
            self._has_failed = self._task.job.uses_transaction
            raise
        spent_s = self._task.counted.engine_s - spent_s
        answer.end(self._task.ended(rows, is_truncated=is_truncated, execution_s=spent_s))

    def _run(self, ask: Ask, statement: Statement, answer: Answer) -> tuple[int, bool]:
        checked = checked_statement(self._task, statement, self._own)
        if checked.does != SELECT:
            rows = write(self._task, self._cursor, checked, statement, self._own)
            answer.head(self._task.head(Format.JSON))
            answer.data(NO_ROWS)
            return rows, False
        most = self._task.job.row_limit
        bounds = Bounds(ask.format, most if ask.limit is None else min(ask.limit, most))
        plan = own_plan(self._task, self._cursor, checked, statement, bounds)
        selected = answer_select(self._task, self._cursor, plan, statement.parameters, answer)
        return selected.rows, selected.is_truncated


def answer_session(task: Task) -> None:
    """Answer until the caller goes, which is no failure; raises `Stopped`."""
    with task.cursor() as cursor:
        if task.job.uses_transaction:
            cursor.execute(BEGIN)
        session = Session(task, cursor)
        task.answer.end({"query_id": task.job.query_id, "generation": task.generation})
        while (ask := _next(task)) is not None:
            task.memory.begin()
            _answer(task, session, ask)


def _answer(task: Task, session: Session, ask: Ask) -> None:
    answer = Answer(task.connection, task.running, began=_nothing)
    try:
        session.answer(ask, answer)
    except (Stopped, ClientGone):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller is told and may go on
        task.running.check()
        answer.fail(_failure(task, error, ask))


def _next(task: Task) -> Ask | None:
    """The next question; None when the caller has gone, or says what is none."""
    try:
        kind, content = task.connection.next_frame(MOST_ASK_BYTES)
        ask = ask_of(content)
    except (ClientGone, ValueError, KeyError, TypeError):
        return None
    return ask if kind is Kind.ASK and ask.does is Does.QUERY and len(ask.statements) == 1 else None


def _failure(task: Task, error: Exception, ask: Ask) -> AnalyticsError:
    return failure_of(error, ask.statements[0].sql, task.counted.hidden)


def _nothing() -> None:
    """The broker knows already that the client has seen something."""

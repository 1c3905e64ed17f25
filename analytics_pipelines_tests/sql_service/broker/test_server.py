"""The door: one broker for a home, words that are understood, an end that leaves nothing."""

import asyncio
import errno
import socket
import stat

import pytest

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.sql_service.broker.server import Broker, run
from analytics_pipelines.sql_service.messages import Does, Kind, frame
from analytics_pipelines.sql_service.places import Places
from analytics_pipelines_tests.sql_service.brokers import asked, control, health, query, running_broker

COUNT = "SELECT count(*) FROM out_shop__sales"


def test_a_second_broker_of_the_same_home_does_not_start(served):
    with pytest.raises(SetupError, match="runs already"):
        run(served)
    assert asked(served, query(COUNT)).rows == [[3]]


def test_its_socket_is_the_operators_alone(served):
    places = Places.of(served.home)
    assert stat.S_IMODE(places.folder.stat().st_mode) == 0o700
    assert stat.S_ISSOCK(places.socket.stat().st_mode)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="HTTP"),
        pytest.param(frame(Kind.ASK, b"{}"), id="an ask of nothing"),
        pytest.param(frame(Kind.ASK, b"\xff"), id="no JSON"),
        pytest.param(frame(Kind.DONE, b"{}"), id="a worker's word"),
        pytest.param(frame(Kind.ASK, b"x" * (2**20 + 1)), id="more than an ask may have"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_whoever_does_not_speak_as_agreed_is_hung_up_on(served, content):
    connection = socket.socket(socket.AF_UNIX)
    with connection, Places.of(served.home).short_path() as path:
        connection.settimeout(20)
        connection.connect(path)
        try:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(10) == b""
        except ConnectionError:
            pass
    assert asked(served, query(COUNT)).rows == [[3]]


def test_statistics_have_what_the_older_clients_read(served):
    asked(served, query(COUNT))
    told = asked(served, control(Does.STATISTICS)).end
    assert {"uptime_seconds", "memory_limit", "worker_threads"} <= set(told["service"])
    assert {"total_queries", "success_rate", "avg_query_time"} <= set(told["metrics"])
    assert {"recent_query_times", "queries_over_1s", "queries_over_5s"} <= set(told["performance"])
    assert {"process_memory_mb", "cpu_percent", "disk_usage_percent"} <= set(told["system"])
    assert told["queue"]["running"] == 0


def test_health_tests_a_query(served):
    told = health(served)
    assert told["status"] == "healthy"
    assert told["query_test"]["success"] is True
    assert told["query_test"]["execution_time"] < 5
    assert told["database_exists"]
    assert told["database_size_mb"] > 0
    assert told["circuit_breaker"]["state"] == "closed"


def test_before_the_first_generation_it_says_so_and_ends_clean(settings):
    with running_broker(settings, ready=False):
        told = health(settings)
        assert (told["status"], told["database_exists"], told["service_initialized"]) == ("degraded", False, False)
        assert asked(settings, query("SELECT 1")).error["code"] == "DuckDBConnectionError"
    assert not Places.of(settings.home).socket.exists()
    assert list(Places.of(settings.home).spill.glob("*")) == []


class Door(Broker):
    """Takes connections and does nothing with them."""

    def __init__(self):
        self._tasks = set()
        self.served = asyncio.Event()

    async def _served(self, _):
        self.served.set()


def test_a_door_that_could_not_take_one_connection_takes_the_next():
    async def taken():
        loop = asyncio.get_running_loop()
        comes = iter([OSError(errno.EMFILE, "too many"), OSError(errno.ECONNABORTED, "gone"), (None, "")])

        async def sock_accept(_):
            coming = next(comes, None)
            if isinstance(coming, OSError):
                raise coming
            return coming or await asyncio.Event().wait()

        loop.sock_accept = sock_accept
        door = Door()
        work = asyncio.create_task(door.accept(None))
        async with asyncio.timeout(5):
            await door.served.wait()
        assert not work.done()
        work.cancel()

    asyncio.run(taken())

import os
import signal
import socket
import threading
import time

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from analytics_pipelines.foundation.cache import KEPT_S, Cache, Kind, key_of
from analytics_pipelines.foundation.shared_cache import (
    FIRST_WAIT_S,
    LARGEST_BYTES,
    LONGEST_WAIT_S,
    BadCacheAddress,
    Breaker,
    SharedCache,
    open_shared,
    opened,
    pool_of,
    sealed,
)
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.valkeys import valkey

__all__ = ["valkey"]

PASSWORD = "pass/word?@#"
ESCAPED = "pass%2Fword%3F%40%23"


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def client(valkey):
    with Redis(port=valkey.port) as found:
        yield found


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def shared(valkey, clock):
    found = SharedCache(pool_of(valkey.url), clock)
    yield found
    found.close()


@pytest.fixture
def logs():
    with structlog.testing.capture_logs() as found:
        yield found


def warnings_in(logs):
    return [each["event"] for each in logs if each["log_level"] == "warning"]


def test_what_one_worker_keeps_another_finds(valkey, shared, logs):
    for value in (b"", b"{}", b"[1]" * 100_000):
        shared.put("key", value, 60)
        other = SharedCache(pool_of(valkey.url))
        assert other.get("key") == value
        other.close()
    assert shared.get("another") is None
    assert logs == []


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_kept_for_its_own_time(shared, client, kind):
    Cache((shared,)).answer(kind, "g1", {"q": "x"}, lambda: b"[]")
    assert KEPT_S[kind] - 5 < client.ttl(key_of(kind, "g1", {"q": "x"})) <= KEPT_S[kind]
    assert KEPT_S == {"search": 3600, "folders": 7200, "snapshots": 86400, "analytics": 7200}


def test_a_long_answer_is_packed_and_one_that_is_too_long_not_kept(shared, client):
    shared.put("key", b"folder " * 100_000, 60)
    assert client.strlen("key") < 20_000
    shared.put("other", bytes(LARGEST_BYTES + 1), 60)
    assert client.exists("other") == 0


@given(st.binary(max_size=40_000), st.text(max_size=100), st.integers(0, 10**6), st.integers(1, 255))
def test_bytes_that_were_changed_are_never_taken_for_an_answer(value, key, place, change):
    kept = sealed(key, value)
    assert opened(key, kept) == value
    spoilt = bytearray(kept)
    spoilt[place % len(kept)] ^= change
    assert opened(key, bytes(spoilt)) is None
    assert opened(key, kept[: place % len(kept)]) is None
    assert opened(key + "x", kept) is None


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda client: client.set("key", b"\x80garbage"), id="bytes of somebody else"),
        pytest.param(lambda client: client.set("key", b""), id="nothing"),
        pytest.param(
            lambda client: client.set("key", sealed("other key", b"wrong")), id="an answer to another question"
        ),
        pytest.param(lambda client: client.rpush("key", b"a list"), id="another type"),
    ],
)
def test_wrong_data_is_made_anew_with_one_warning_and_written_over(shared, client, logs, spoil):
    for _ in range(3):
        client.delete("key")
        spoil(client)
        assert shared.get("key") is None
    shared.put("key", b"right", 60)
    assert shared.get("key") == b"right"
    assert warnings_in(logs) == ["the cache holds what is not ours; answers are made anew"]


def test_a_full_server_gives_what_it_has_with_one_warning_and_takes_more_when_there_is_room(
    shared, client, clock, logs
):
    shared.put("kept", b"answer", 60)
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", 1)
    for number in range(5):
        shared.put("more" + str(number), b"answer", 60)
    assert shared.get("kept") == b"answer"
    assert warnings_in(logs) == ["the cache takes nothing; answers are made anew"]
    client.config_set("maxmemory", 0)
    clock.now += FIRST_WAIT_S
    shared.put("more", b"answer", 60)
    assert shared.get("more") == b"answer"


def test_a_killed_server_is_one_warning_and_is_found_again_by_itself(valkey, shared, clock, logs):
    for outage in (1, 2):
        shared.put("key", b"answer", 60)
        assert shared.get("key") == b"answer"
        valkey.kill()
        for _ in range(20):
            assert shared.get("key") is None
            shared.put("key", b"answer", 60)
        assert len(warnings_in(logs)) == outage
        clock.now += FIRST_WAIT_S
        assert shared.get("key") is None
        valkey.come_back()
        assert shared.get("key") is None
        clock.now += LONGEST_WAIT_S
        shared.get("key")
    assert warnings_in(logs) == ["the cache is away; answers are made anew"] * 2
    assert [each["event"] for each in logs if each["log_level"] == "info"] == ["the cache works again"] * 2


def test_a_server_that_does_not_answer_costs_one_short_wait(valkey, shared, logs):
    shared.put("key", b"answer", 60)
    os.kill(valkey._server._process.pid, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        assert [shared.get("key") for _ in range(100)] == [None] * 100
        assert time.monotonic() - begun < 5
    finally:
        os.kill(valkey._server._process.pid, signal.SIGCONT)
    assert len(warnings_in(logs)) == 1


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"$-7x\r\n", b"*1000000\r\n", b"\x00" * 100, b""]
)
def test_something_that_is_no_such_server_is_one_warning(answer, logs):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = "redis://127.0.0.1:" + str(listener.getsockname()[1])
        threading.Thread(target=answer_always, args=(listener, answer), daemon=True).start()
        shared = SharedCache(pool_of(address))
        for _ in range(5):
            assert shared.get("key") is None
            shared.put("key", b"value", 60)
        shared.close()
    assert len(warnings_in(logs)) == 1


def answer_always(listener, answer):
    held = []
    try:
        while True:
            connection, _ = listener.accept()
            held.append(connection)
            connection.recv(1000)
            connection.sendall(answer)
            if not answer:
                connection.close()
    except OSError:
        for connection in held:
            connection.close()


def test_a_password_is_used_and_never_told(valkey, client, tmp_path, logs):
    client.config_set("requirepass", PASSWORD)
    address = "valkey://:" + ESCAPED + "@127.0.0.1:" + str(valkey.port) + "/0"
    shared = open_shared(settings_in(tmp_path, redis_url=address, redis_enabled=True, redis_port=1))
    shared.put("key", b"answer", 60)
    assert (shared.get("key"), logs) == (b"answer", [])
    wrong = open_shared(settings_in(tmp_path, redis_url=address.replace("pass", "wrong")))
    none = open_shared(settings_in(tmp_path, redis_url=valkey.url))
    valkey_is_asked = [wrong.get("key"), none.get("key")]
    assert valkey_is_asked == [None, None]
    valkey.kill()
    shared.get("key")
    assert len(warnings_in(logs)) == 3
    told = repr(logs)
    assert not [secret for secret in ("word", str(valkey.port), "127.0.0.1", "redis://") if secret in told]
    for each in (shared, wrong, none):
        each.close()


@pytest.mark.parametrize(
    "address",
    [
        "http://:secret@localhost",
        "localhost:6379",
        "redis://:secret@host:port",
        "redis://h/0?db=secret",
        "redis://h?secret=1",
    ],
)
def test_an_address_that_is_none_is_refused_at_the_start_without_repeating_it(address, tmp_path):
    with pytest.raises(BadCacheAddress) as refused:
        open_shared(settings_in(tmp_path, redis_url=address)).get("key")
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_no_server_is_asked_unless_one_is_named(tmp_path):
    assert open_shared(settings_in(tmp_path)) is None


def test_a_breaker_waits_twice_as_long_each_time_and_lets_one_try(logs):
    clock = Clock()
    breaker = Breaker("is away", clock)
    assert breaker.allows()
    breaker.failed("First")
    breaker.failed("Second, begun before the first ended")
    breaker.worked()
    waits = []
    for _ in range(8):
        began = clock.now
        while not breaker.allows():
            clock.now += 0.5
        assert not breaker.allows()
        waits.append(clock.now - began)
        breaker.failed("Again")
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]
    clock.now += LONGEST_WAIT_S
    assert breaker.allows()
    breaker.worked()
    assert breaker.allows()
    assert [each["log_level"] for each in logs] == ["warning", "info"]

"""So often and no more: in one worker, in two that share a Valkey, and while it is away."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import structlog
from fastapi import APIRouter

from analytics_pipelines.foundation.errors import Conflict
from analytics_pipelines.foundation.shared_cache import BadCacheAddress, pool_of
from analytics_pipelines.http_kit.principals import Principal, Scope
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.rate_limits import (
    AWAY_S,
    EXECUTIONS,
    LIMITER,
    TIDIED_AFTER,
    UPLOADS,
    Limiter,
    LimitReached,
    RateLimitHeaders,
    limited,
    open_limiter,
)
from analytics_pipelines.http_kit.scopes import open_to_all, requires
from analytics_pipelines_tests.apps import TOKENS, small_app
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.valkeys import valkey

__all__ = ["valkey"]

TWO = ("uploads", "ada", 2, 3600)
ANALYST = {"Authorization": "Bearer analyst"}
ADMIN = {"Authorization": "Bearer admin"}

router = APIRouter()


@router.post("/upload", dependencies=[requires(Scope.ANALYST), limited(UPLOADS)], responses=documented(LimitReached))
def upload(number: int = 0) -> int:
    return number


@router.post("/execute", dependencies=[requires(Scope.ANALYST), limited(EXECUTIONS)])
def execute() -> None:
    raise Conflict("It runs already.")


@router.post("/broken", dependencies=[open_to_all, limited(EXECUTIONS)])
def broken() -> None:
    raise RuntimeError("hunter2")


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def limiter():
    found = Limiter()
    yield found
    found.close()


@pytest.fixture
def app(tmp_path, limiter, monkeypatch):
    ours = {"analyst": Principal("Ada", {"analyst"}, user_id="1"), "admin": Principal("1", {"analyst"})}
    for name, principal in ours.items():
        monkeypatch.setitem(TOKENS, name, principal)
    found = small_app(settings_in(tmp_path, upload_limit_per_hour=2, execution_limit_per_hour=3), router)
    found.add_middleware(RateLimitHeaders)
    LIMITER.fill(found, limiter)
    return found


@pytest.fixture
def client(app, start):
    return start(app)


def limits_of(answer):
    return {name: value for name, value in answer.headers.items() if name.startswith("ratelimit")}


def allowed(limiter, times, hit=TWO):
    return sum(limiter.hit(*hit).is_allowed for _ in range(times))


def test_a_route_says_what_is_left_and_then_when_to_come_again(client):
    answers = [client.post("/upload", headers=ANALYST) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer.headers["ratelimit-limit"] for answer in answers} == {"2"}
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {"2;w=3600"}
    refused = answers[-1]
    assert 3500 < int(refused.headers["retry-after"]) <= 3600
    assert refused.headers["ratelimit-reset"] == refused.headers["retry-after"]
    assert (refused.json()["code"], refused.json()["limit"]) == ("LimitReached", "2 in 3600 s")


def test_an_account_and_a_token_are_counted_apart_even_of_one_name(client):
    for _ in range(2):
        assert client.post("/upload", headers=ANALYST).status_code == 200
        assert client.post("/upload", headers=ADMIN).status_code == 200
    assert client.post("/upload", headers=ANALYST).status_code == 429


def test_kinds_are_counted_apart(client):
    assert allowed_on(client, "/upload", 200) == 2
    assert allowed_on(client, "/execute", 409) == 3


def allowed_on(client, path, status):
    answers = [client.post(path, headers=ANALYST) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {status, 429}
    return sum(answer.status_code == status for answer in answers)


@pytest.mark.parametrize(
    ("path", "status", "left"),
    [
        pytest.param("/execute", 409, "2", id="an error of ours"),
        pytest.param("/upload?number=x", 422, "1", id="a request that is not valid"),
        pytest.param("/broken", 500, "2", id="an error that nobody expected"),
    ],
)
def test_errors_count_and_tell_too(client, path, status, left):
    with structlog.testing.capture_logs():
        answer = client.post(path, headers=ANALYST)
    assert (answer.status_code, answer.headers["ratelimit-remaining"]) == (status, left)


def test_who_may_not_call_is_not_counted(client):
    for _ in range(3):
        answer = client.post("/upload")
        assert (answer.status_code, limits_of(answer)) == (401, {})
    assert client.post("/upload", headers=ANALYST).headers["ratelimit-remaining"] == "1"


def test_who_is_not_known_is_counted_by_address(client):
    with structlog.testing.capture_logs():
        answers = [client.post("/broken") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [500, 500, 500, 429]


def test_the_docs_name_the_error(app):
    told = app.openapi()["paths"]["/upload"]["post"]["responses"]["429"]["description"]
    assert told.startswith("`LimitReached`: ")


def test_without_a_limiter_the_application_is_not_ready(app, start):
    LIMITER.fill(app, None)
    assert start(app).post("/upload", headers=ANALYST).status_code == 503


def test_the_window_moves(limiter, monkeypatch):
    at = time.time()
    for after_s, is_allowed, reset_s in [
        (0, True, 60),
        (50, True, 10),
        (59, False, 1),
        (61, True, 49),
        (62, False, 48),
    ]:
        monkeypatch.setattr(time, "time", lambda now=at + after_s: now)
        spent = limiter.hit("uploads", "ada", 2, 60)
        assert (spent.is_allowed, spent.reset_s) == (is_allowed, reset_s)
    monkeypatch.undo()


def test_an_attempt_is_refused_by_name_and_forgotten_on_demand(limiter):
    limiter.attempt(*TWO)
    limiter.attempt(*TWO)
    with pytest.raises(LimitReached) as found:
        limiter.attempt(*TWO)
    assert 0 < found.value.retry_after_s <= 3600
    limiter.attempt("uploads", "grace", 2, 3600)
    limiter.forget(*TWO)
    limiter.attempt(*TWO)


def test_of_many_at_once_exactly_the_limit_comes_through(limiter):
    with ThreadPoolExecutor(8) as threads:
        spent = list(threads.map(lambda _: limiter.hit("uploads", "ada", 20, 3600), range(200)))
    assert sum(each.is_allowed for each in spent) == 20


def test_memory_forgets_keys_that_have_come_to_rest(limiter, monkeypatch):
    for number in range(TIDIED_AFTER - 2):
        limiter.hit("uploads", str(number), 1, 1)
    at = time.time() + 5
    monkeypatch.setattr(time, "time", lambda: at)
    limiter._memory._MemoryStorage__expire_events()
    limiter.hit("uploads", "last", 1, 1)
    limiter.hit("uploads", "another", 1, 1)
    monkeypatch.undo()
    assert len(limiter._memory.events) <= 2


def test_two_workers_count_together(valkey):
    first, second = Limiter(pool_of(valkey.url)), Limiter(pool_of(valkey.url))
    try:
        both = [first, second] * 100
        with ThreadPoolExecutor(8) as threads:
            spent = list(threads.map(lambda one: one.hit("uploads", "ada", 20, 3600), both))
        assert sum(each.is_allowed for each in spent) == 20
        assert min(each.remaining for each in spent) == 0
        first.forget("uploads", "ada", 20, 3600)
        assert second.hit("uploads", "ada", 20, 3600).remaining == 19
    finally:
        first.close()
        second.close()


def test_no_address_of_anybody_is_kept(valkey):
    limiter = Limiter(pool_of(valkey.url))
    limiter.hit("log-ins", "ada@example.com", 2, 60)
    (key,) = limiter._shared.storage.get_connection().keys()
    limiter.close()
    assert key.startswith(b"LIMITS:LIMITER/log-ins/")
    assert b"ada" not in key


@pytest.mark.fault
def test_while_redis_is_away_each_counts_for_itself_and_says_so_once(valkey):
    clock = Clock()
    limiter = Limiter(pool_of(valkey.url), clock)
    with structlog.testing.capture_logs() as logs:
        assert limiter.hit(*TWO).is_allowed
        valkey.kill()
        assert allowed(limiter, 5) == 2
        clock.now += AWAY_S + 1
        assert allowed(limiter, 1) == 0
        valkey.come_back()
        assert allowed(limiter, 1) == 0
        clock.now += AWAY_S + 1
        assert allowed(limiter, 3) == 2
    limiter.close()
    assert [line["log_level"] for line in logs] == ["warning", "info"]
    assert "127.0.0.1" not in str(logs)


@pytest.mark.fault
def test_a_redis_that_says_nothing_costs_a_short_wait_once():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        limiter = Limiter(pool_of("redis://127.0.0.1:" + str(deaf.getsockname()[1])))
        with structlog.testing.capture_logs() as logs:
            started_s = time.monotonic()
            assert allowed(limiter, 5) == 2
            assert time.monotonic() - started_s < 1.0
        limiter.close()
    assert len(logs) == 1


def test_settings_say_where_requests_are_counted(tmp_path, valkey):
    for given in (
        {"redis_url": valkey.url},
        {"redis_enabled": True, "redis_host": "127.0.0.1", "redis_port": valkey.port},
    ):
        limiter = open_limiter(settings_in(tmp_path, **given))
        assert limiter.hit(*TWO).is_allowed
        assert limiter._away_until is None
        limiter.close()
    assert len(limiter._shared.storage.get_connection().keys()) == 1
    own = open_limiter(settings_in(tmp_path))
    assert own._shared is None
    with pytest.raises(BadCacheAddress):
        open_limiter(settings_in(tmp_path, redis_url="http://nowhere"))
    v6 = open_limiter(settings_in(tmp_path, redis_enabled=True, redis_host="::1", redis_port=1))
    assert allowed(v6, 3) == 2
    v6.close()

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial

import httpx
import pytest
import structlog
from fastapi import APIRouter, Response
from pydantic import BaseModel
from redis import Redis

from analytics_pipelines.foundation.cache import Cache, open_cache
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.http_kit.cached import CACHE, Answers, CachedAnswers, Kind, finished
from analytics_pipelines.http_kit.depends import DuckLease
from analytics_pipelines_tests.apps import serving, small_app
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.generations import publish_edition
from analytics_pipelines_tests.valkeys import valkey
from analytics_pipelines_tests.waiting import wait_until

__all__ = ["valkey"]


class Model(BaseModel):
    at: datetime


@dataclass
class Row:
    day: date
    at: datetime


class Refusing:
    """A store that nothing may be asked of."""

    def get(self, key):
        raise AssertionError(key)

    put = close = get


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(b'{"finished": 1}', {"finished": 1}, id="finished JSON is taken as it is"),
        pytest.param([Row(date(2026, 3, 1), datetime(2026, 3, 1, 9))], [{"day": "2026-03-01", "at": "2026-03-01T09:00:00Z"}], id="naive times are UTC"),  # noqa: DTZ001 - as DuckDB may give it
        pytest.param(Model(at=datetime(2026, 3, 1, tzinfo=UTC)), {"at": "2026-03-01T00:00:00Z"}, id="a model"),
        pytest.param(datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=1))), "2026-03-01T01:00:00+01:00", id="an offset is kept"),
        pytest.param({2: {"b", "a"}, "d": Decimal(7)}, {"2": ["a", "b"], "d": 7}, id="sets in order, whole decimals"),
        pytest.param({"p": Decimal("0.5"), "n": None}, {"p": 0.5, "n": None}, id="decimals"),
        pytest.param([], [], id="nothing"),
    ],
)  # fmt: skip
def test_answers_are_json_as_the_other_routes_have_it(answer, told):
    assert json.loads(finished(answer)) == told


def test_an_answer_of_now_is_json_and_no_cache_is_asked_for_it():
    answers = CachedAnswers(Cache((Refusing(),)))
    response = answers.now(lambda: {"day": date(2026, 3, 1)})
    assert (json.loads(response.body), response.media_type) == ({"day": "2026-03-01"}, "application/json")


def test_what_has_no_json_is_an_error_and_no_odd_text():
    with pytest.raises(TypeError, match="object"):
        finished([object()])


def app_of(settings, generations, made):
    """Answers the edition of the generation and how often it was computed, by question."""
    router = APIRouter()

    def compute(lease, name):
        made[name] += 1
        with lease.cursor() as cursor:
            return [name, cursor.execute("SELECT max(edition) FROM out_shop__sales").fetchone()[0]]

    @router.get("/one")
    def one(lease: DuckLease, answers: Answers, name: str) -> Response:
        return answers.of(Kind.SEARCH, lease, {"name": name}, lambda: compute(lease, name))

    @router.get("/two")
    def two(lease: DuckLease, answers: Answers, name: str) -> Response:
        return answers.of(Kind.SEARCH, lease, {"name": name}, partial(compute, lease, "two of " + name))

    @router.get("/soon")
    async def soon(lease: DuckLease, answers: Answers, name: str) -> Response:
        return await answers.soon(Kind.SEARCH, lease, {"name": name}, lambda: compute(lease, name))

    app = small_app(settings, router, generations)

    @asynccontextmanager
    async def lifespan(app):
        with generations, open_cache(settings) as cache:
            CACHE.fill(app, cache)
            yield

    app.router.lifespan_context = lifespan
    return app


@pytest.fixture
def made():
    return Counter()


@pytest.fixture
def shop(tmp_path, lake, settings):
    publish_edition(settings, lake, 1)
    return partial(settings_in, tmp_path / "home")


def test_an_answer_is_made_once_until_another_generation_is_in_force(shop, start, lake, made):
    settings = shop()
    generations = Generations(settings)
    client = start(app_of(settings, generations, made))
    answers = [client.get("/one", params={"name": "a"}) for _ in range(3)]
    assert [each.json() for each in answers] == [["a", 1]] * 3
    assert made == {"a": 1}
    assert client.get("/two", params={"name": "a"}).json() == ["two of a", 1]
    assert client.get("/one", params={"name": "b"}).json() == ["b", 1]
    publish_edition(settings, lake, 2)
    generations.refresh()
    after = client.get("/one", params={"name": "a"})
    assert (after.json(), made["a"]) == (["a", 2], 2)
    assert after.headers["etag"] != answers[0].headers["etag"] == answers[2].headers["etag"]
    assert {each.headers["content-type"] for each in answers} == {"application/json"}


@pytest.mark.parametrize("most", [2**20, 0], ids=["kept in the process", "kept nowhere"])
def test_routes_that_are_coroutines_get_the_same_answers(shop, start, made, most):
    settings = shop(cache_max_bytes=most)
    client = start(app_of(settings, Generations(settings), made))
    answers = [client.get("/soon", params={"name": "a"}) for _ in range(3)]
    assert [each.json() for each in answers] == [["a", 1]] * 3
    assert {each.headers["content-type"] for each in answers} == {"application/json"}
    assert made == {"a": 1 if most else 3}


def test_a_client_that_has_the_answer_gets_304_with_or_without_a_cache(shop, start, made):
    settings = shop()
    client = start(app_of(settings, Generations(settings), made))
    etag = client.get("/one", params={"name": "a"}).headers["etag"]
    again = client.get("/one", params={"name": "a"}, headers={"if-none-match": etag})
    assert (again.status_code, again.content, made["a"]) == (304, b"", 1)


def test_workers_share_what_is_in_valkey_and_nothing_there_names_a_client_or_a_question(shop, valkey, made):
    settings = shop(redis_url=valkey.url, cache_max_bytes=0)
    for _ in range(2):
        with serving(app_of(settings, Generations(settings), made)) as url:
            assert asked(url, "who is asked", authorization="Bearer viewer") == ["who is asked", 1]
    with Redis(port=valkey.port) as client:
        keys = client.keys()
        kept = [(key, client.get(key), client.ttl(key)) for key in keys]
    assert made == {"who is asked": 1}
    assert [key.startswith(b"analytics_pipelines:search:") for key in keys] == [True]
    assert "asked" not in repr(keys)
    assert all(b"viewer" not in value and 3500 < ttl <= 3600 for _, value, ttl in kept)


@pytest.mark.long
def test_valkey_killed_under_load_changes_no_answer_and_is_used_again_when_it_is_back(shop, valkey, made):
    settings = shop(redis_url=valkey.url, cache_max_bytes=0)
    stopped = threading.Event()
    with (
        structlog.testing.capture_logs() as logs,
        serving(app_of(settings, Generations(settings), made)) as url,
        ThreadPoolExecutor(8) as pool,
    ):
        running = [pool.submit(ask_until, stopped, url, worker) for worker in range(8)]
        asked(url, "before")
        valkey.kill()
        for number in range(30):
            assert asked(url, str(number)) == [str(number), 1]
        valkey.come_back()
        with Redis(port=valkey.port) as client:
            kept = kept_again(client, url)
        stopped.set()
        answers = [answer for each in running for answer in each.result()]
    assert answers
    assert all(status == 200 and body == [name, 1] for name, status, body in answers)
    assert kept
    # One outage; a machine so busy that Valkey is late may add one of its own, but never one a request.
    assert 1 <= len([each for each in logs if each["log_level"] == "warning"]) <= 3
    assert [each["event"] for each in logs if each["log_level"] == "error"] == []


def ask_until(stopped, url, worker):
    found, number = [], 0
    with httpx.Client(base_url=url, timeout=30) as client:
        while not stopped.is_set():
            number += 1
            name = str(worker) + "-" + str(number % 7)
            answer = client.get("/one", params={"name": name})
            found.append((name, answer.status_code, answer.json()))
    return found


def kept_again(client, url):
    def is_kept():
        asked(url, "again")
        return client.dbsize() > 0

    wait_until(is_kept, seconds=20)
    return True


def asked(url, name, **headers):
    return httpx.get(url + "/one", params={"name": name}, headers=headers, timeout=30).json()


def test_without_an_application_that_keeps_answers_each_is_made_anew(shop, start, made):
    settings = shop()
    generations = Generations(settings)
    app = app_of(settings, generations, made)

    @asynccontextmanager
    async def lifespan(_):
        with generations:
            yield

    app.router.lifespan_context = lifespan
    client = start(app)
    assert [client.get("/one", params={"name": "a"}).json() for _ in range(2)] == [["a", 1]] * 2
    assert made == {"a": 2}
    assert CACHE.at(app) is None

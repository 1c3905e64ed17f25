"""Parameters from the application; over real HTTP no request is dropped or mixed while generations swap."""

import threading
import time
from dataclasses import dataclass

import httpx
import pytest
from fastapi import APIRouter

from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.http_kit.depends import Db, DbDoor, DuckLease, DuckLeaseOrNone, Now, Parts, SettingsNow
from analytics_pipelines.http_kit.scopes import open_to_all
from analytics_pipelines_tests.apps import NOW, serving, small_app
from analytics_pipelines_tests.generations import publish_edition
from analytics_pipelines_tests.waiting import wait_until


@dataclass(frozen=True)
class Editions:
    sales: int
    raw_sales: int
    visits: int


SALES = Sql("SELECT DISTINCT s.edition AS sales, $raw AS raw_sales, $visits AS visits FROM out_shop__sales AS s")
ONE = Sql("SELECT min(edition) AS edition, max(edition) AS top FROM {table} WHERE item <> $none")
router = APIRouter(dependencies=[open_to_all])


def edition(lease: DuckLease, table: str) -> int:
    with lease.cursor() as cursor:
        ((low, high),) = cursor.execute(ONE.fill(table=Sql(table)).text, {"none": ""}).fetchall()
    assert low == high
    return low


@router.get("/editions")
def read_editions(lease: DuckLease) -> Editions:
    raw = edition(lease, "raw_shop__sales")
    time.sleep(0.02)
    return lease.rows(Editions, SALES, raw=raw, visits=edition(lease, "out_door__visits"))[0]


@router.get("/list")
def read_list(lease: DuckLeaseOrNone) -> list[str]:
    return [lease.id] if lease else []


@router.get("/database")
def read_database(database: Db) -> str:
    return database.url


@router.get("/door")
def read_door(door: DbDoor) -> bool:
    return callable(door)


@router.get("/parts")
def read_parts(parts: Parts, now: Now, settings: SettingsNow) -> list[str]:
    return [now.isoformat(), str(parts.settings is settings)]


@pytest.fixture
def generations(settings):
    with Generations(settings) as held:
        yield held


@pytest.fixture
def client(settings, generations, start):
    return start(small_app(settings, router, generations))


def test_before_the_first_generation_a_question_gets_503_with_a_remedy(client):
    answer = client.get("/editions")
    assert (answer.status_code, answer.json()["code"]) == (503, "NothingPublished")
    assert answer.json()["remedy"]
    assert "etag" not in answer.headers


def test_before_the_first_generation_a_list_is_empty(client):
    answer = client.get("/list")
    assert (answer.status_code, answer.json()) == (200, [])
    assert "etag" not in answer.headers


def test_an_answer_from_a_generation_carries_its_id(client, settings, lake, generations):
    built = publish_edition(settings, lake, 1)
    wait_until(lambda: generations.current_id == built.generation.id)
    answer = client.get("/list")
    assert answer.json() == [built.generation.id]
    assert answer.headers["etag"] == '"' + built.generation.id + '"'


def test_a_database_that_is_away_is_503_or_left_to_the_route(client):
    assert client.get("/database").status_code == 503
    assert client.get("/door").json() is True


def test_settings_and_clock_come_from_the_application(client):
    assert client.get("/parts").json() == [NOW.isoformat(), "True"]


def test_no_request_is_dropped_or_mixed_while_generations_swap_under_load(settings, lake, generations):
    published = {}

    def publish(number: int) -> str:
        built = publish_edition(settings, lake, number)
        published['"' + built.generation.id + '"'] = number
        return built.generation.id

    first = publish(1)
    wait_until(lambda: generations.current_id == first)
    answers, stop = [], threading.Event()

    def ask(url: str) -> None:
        with httpx.Client(base_url=url) as client:
            while not stop.is_set():
                answers.append(client.get("/editions"))

    with serving(small_app(settings, router, generations)) as url:
        askers = [threading.Thread(target=ask, args=(url,)) for _ in range(4)]
        for asker in askers:
            asker.start()
        for number in range(2, 6):
            wanted = publish(number)
            wait_until(lambda wanted=wanted: generations.current_id == wanted, seconds=2)
            time.sleep(0.2)
        stop.set()
        for asker in askers:
            asker.join()

    assert {answer.status_code for answer in answers} == {200}
    for answer in answers:
        number = published[answer.headers["etag"]]
        assert answer.json() == {"sales": number, "raw_sales": number, "visits": number}
    assert {answer.json()["sales"] for answer in answers} == {1, 2, 3, 4, 5}

"""Retention by way of the API: what was dropped, what stays and why."""

from datetime import date, timedelta

import httpx

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.dagster_kit.launch import materialize
from analytics_pipelines.definitions import build, job_name
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.web_events.tables import RAW_EVENTS
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.operations.visitors import NOON, receipt, store
from analytics_pipelines_tests.waiting import wait_until
from analytics_pipelines_tests.web_events.stored import stored_events

ADMIN = {"authorization": "Bearer admin"}
DAY = timedelta(days=1)


def clean(client: httpx.Client, days: int) -> httpx.Response:
    return client.post("/etl/cleanup", params={"retention_days": days}, headers=ADMIN)


def test_without_a_generation_nothing_may_go(client: httpx.Client) -> None:
    answer = clean(client, 1)
    assert (answer.status_code, answer.json()["code"]) == (503, "NothingPublished")


def test_verified_days_go_and_the_others_stay_with_a_reason(client, database, database_urls, settings, lake) -> None:
    published, missing = NOON - 20 * DAY, NOON - 10 * DAY
    store(database, [receipt("1", "anna", published), receipt("2", "anna", missing), receipt("3", "anna", NOON)])
    connected = settings_in(settings.home.path, database_url=database_urls.app)
    days = (published.date(), published.date())
    assert materialize(connected, build(connected), job_name("web_events"), days, [RAW_EVENTS.name]).has_succeeded
    build_generation(settings, lake, TABLES)
    wait_until(lambda: clean(client, 3000).status_code == 200)
    assert clean(client, 3000).json() == {"days": [], "failed_events": 0, "salts": 0}
    days_told = clean(client, 5).json()["days"]
    assert days_told == sorted(days_told, key=lambda each: each["received_date"])
    found = {each["received_date"]: each for each in days_told}
    gone, kept = found[published.date().isoformat()], found[missing.date().isoformat()]
    assert (gone["is_dropped"], gone["events"], gone["reason"]) == (True, 1, None)
    assert (kept["is_dropped"], kept["events"]) == (False, 0)
    assert "does not hold it" in kept["reason"]
    assert [row["event_id"] for row in stored_events(database)] == ["2", "3"]
    left = {date.fromisoformat(each["received_date"]) for each in clean(client, 5).json()["days"]}
    assert published.date() not in left


def test_a_retention_of_no_day_is_refused(client: httpx.Client) -> None:
    assert clean(client, 0).status_code == 422

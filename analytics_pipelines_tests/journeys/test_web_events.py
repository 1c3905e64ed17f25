import json
from datetime import timedelta

import pytest

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.web_events.import_log import import_log
from analytics_pipelines_tests.waiting import wait_until

pytestmark = pytest.mark.timeout(180)
METRICS = TABLES.named("out_web__daily_metrics")
LINE = '192.0.2.{host} - - [{day:%d/%b/%Y}:10:0{minute}:00 +0000] "GET {path} HTTP/1.1" 200 1234 "-" "Mozilla/5.0 Firefox/140"\n'


def send(house, number: int, visitor: str, path: str) -> dict:
    event = {
        "eventId": "event-" + str(number),
        "siteId": "example.org",
        "eventType": "pageview",
        "visitorId": visitor,
        "url": "https://example.org" + path,
    }
    agent = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
    answer = house.client.post("/collect", content=json.dumps(event), headers=agent)
    assert answer.status_code == 200, answer.text
    return answer.json()


def metrics(house, days) -> list[dict]:
    return house.lake.lazy(METRICS, days).collect().to_dicts()


def test_from_collected_events_to_the_days_visits(house, today):
    pages = [("anna", "/"), ("anna", "/pricing"), ("ben", "/")]
    for number, (visitor, path) in enumerate(pages):
        assert send(house, number, visitor, path)["message"] == "Event received and stored"
    assert send(house, 0, "anna", "/")["message"] == "Event already stored"

    house.make("web_events", today - timedelta(days=1), today)

    (day,) = metrics(house, [today])
    assert (day["site_id"], day["visitors"], day["visits"], day["pageviews"]) == ("example.org", 2, 2, 3)
    assert day["bounce_rate_pct"] == 50
    wait_until(lambda: house.answer("/etl/status")["events"]["stored"] == 3)
    wait_until(lambda: visits_at_home(house) == {today.isoformat(): 2})


def visits_at_home(house) -> dict[str, int]:
    state = house.client.get("/", headers={"accept": "application/json"}).json()
    return {point["day"]: point["value"] for point in state["curves"]["visits"]}


def test_from_an_access_log_to_the_days_visits_and_once_only(house, today, tmp_path):
    days = [today - timedelta(days=3), today - timedelta(days=2)]
    log = tmp_path / "access.log"
    lines = [
        LINE.format(host=1, day=days[0], minute=0, path="/"),
        LINE.format(host=1, day=days[0], minute=5, path="/a"),
    ]
    lines += [LINE.format(host=2, day=days[1], minute=0, path="/"), "no line of a log\n"]
    log.write_text("".join(lines))
    report = import_log(house.database, log, "logs.example")
    assert [rejected.line for rejected in report.rejected] == [4]
    assert import_log(house.database, log, "logs.example").duplicates == 3

    house.make("web_events", days[0], today)

    found = {row["metric_date"]: (row["visits"], row["pageviews"]) for row in metrics(house, days)}
    assert found == {days[0]: (1, 2), days[1]: (1, 1)}

"""The door of the caller's datasets."""

import base64
import csv
import io

from analytics_pipelines_tests.datasets.routes.house import CSV, MEAN, executed, uploaded

DATASETS = "/api/analytics/datasets/"
PNG = b"\x89PNG"


def test_a_dataset_is_listed_read_and_deleted_with_all_that_was_asked_of_it(berta, house):
    told = uploaded(berta, CSV)["metadata"]
    path = DATASETS + told["session_id"]
    listed = berta.get("/api/analytics/datasets").json()
    assert told["session_id"] in [each["session_id"] for each in listed]
    assert berta.get(path).json() == told
    executed(berta, told["session_id"], MEAN)
    assert len(berta.get("/api/analytics/history/" + told["session_id"]).json()) == 1
    gone = berta.delete(path)
    assert (gone.status_code, gone.content) == (204, b"")
    for way in (path, path + "/profile", "/api/analytics/history/" + told["session_id"]):
        assert berta.get(way).status_code == 404
    assert not [file for file in house.files() if told["id"] in file]
    kept = [each for each in berta.get("/api/analytics/audit").json() if each["subject"] == told["session_id"]]
    assert [each["outcome"] for each in kept] == ["succeeded"]


def test_no_number_is_too_large_to_be_refused(anna):
    for query in ("offset=99999999999999999999", "offset=-1", "limit=99999999999999999999"):
        assert anna.get("/api/analytics/datasets?" + query).status_code == 422
    assert anna.get("/api/analytics/datasets?offset=2147483648").json() == []


def test_the_original_is_kept_if_asked_for_and_opens_in_no_spreadsheet(anna, session):
    told = uploaded(anna, CSV, keep_original="true")["metadata"]
    answer = anna.get(DATASETS + told["session_id"] + "/original")
    assert answer.content == CSV
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="{told["id"]}.original"'
    assert anna.get(DATASETS + session + "/original").json()["code"] == "NothingKept"


def test_a_profile_tells_how_values_are_spread_and_shows_it(anna, session):
    profile = anna.get(DATASETS + session + "/profile").json()
    assert [each["name"] for each in profile["columns"]] == ["sold_at", "region", "price", "quantity"]
    region = profile["columns"][1]
    assert {each["value"]: each["count"] for each in region["top"]} == {"north": 30, "south": 30, "east": 30}
    assert sum(each["count"] for each in profile["columns"][2]["bins"]) == 90
    assert base64.b64decode(profile["chart_data"]).startswith(PNG)


def test_the_history_is_there_as_csv_that_runs_nothing(anna, session):
    evil = {"operation": "count", "filters": [{"column": "region", "operator": "==", "value": "=1+1"}]}
    executed(anna, session, evil)
    answer = anna.get("/api/analytics/history/" + session, params={"format": "csv", "limit": 1})
    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["success"], row["session_id"]) == ("true", session)
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "@"))]


def test_personal_answers_are_kept_by_nobody(anna, session):
    for path in ("/api/analytics/datasets", DATASETS + session):
        assert anna.get(path).headers["cache-control"] == "private, no-store"


def test_reads_are_somebodys_even_where_reads_are_open(house):
    assert house.nobody.get("/api/analytics/plan-schema").status_code == 200
    assert house.nobody.get("/api/analytics/datasets").status_code == 401

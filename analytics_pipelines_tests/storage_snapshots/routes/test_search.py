import csv
import io
from contextlib import suppress
from typing import get_args

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.storage_snapshots.ask.entry_json import ENTRY_COLUMNS
from analytics_pipelines.storage_snapshots.routes.search import AdvancedPage, EntryType, SearchPage, router
from analytics_pipelines.storage_snapshots.tables import TYPES
from analytics_pipelines_tests.apps import serving, small_app
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.storage_snapshots.ask.woods import OLDER, wood
from analytics_pipelines_tests.storage_snapshots.forests import generation_of


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    home = tmp_path_factory.mktemp("search")
    with generation_of(home, {OLDER: {"big": wood(1, "/srv/big", 300)}}) as (generations, _):
        app = small_app(settings_in(home, default_search_limit=5, max_search_limit=50), router, generations)
        with serving(app) as url, httpx.Client(base_url=url, timeout=30) as found:
            yield found


def page(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer, code, status=422):
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert answer.json()["code"] == code
    return answer.json()["detail"]


def ask(client, **question):
    return client.post("/api/search/advanced", json=question)


def test_a_search_answers_in_the_shape_that_the_docs_promise(client):
    answer = client.get("/api/search", params={"q": "report"})
    told = page(answer)
    assert SearchPage.model_validate(told).count == len(told["results"]) == 5
    assert list(told["results"][0]) == list(ENTRY_COLUMNS)
    assert (told["truncated"], told["total"], told["order"]) == (True, None, "name")
    assert answer.headers["etag"]
    following = page(client.get("/api/search", params={"q": "report", "cursor": told["next_cursor"]}))
    names = [each["name"].lower() for each in told["results"] + following["results"]]
    assert names == sorted(names)
    assert len(set(names)) == 10


def test_the_types_at_the_door_are_those_of_the_table():
    assert get_args(EntryType) == TYPES


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        pytest.param({"q": ""}, 422, "BadPattern", id="nothing"),
        pytest.param({"q": "x" * 1001}, 422, "PatternTooLong", id="too long"),
        pytest.param({"q": "(a{1000}){1000}", "mode": "regex"}, 422, "BadPattern", id="a regex that explodes"),
        pytest.param({"q": "(?=a)", "mode": "regex"}, 422, "BadPattern", id="no RE2"),
        pytest.param({"q": "a\x00b"}, 422, "BadPattern", id="a NUL"),
        pytest.param({"q": "a", "mode": "fuzzy"}, 422, "InvalidRequest", id="no such mode"),
        pytest.param({"q": "a", "type": "x"}, 422, "InvalidRequest", id="no such type"),
        pytest.param({"q": "a", "limit": 51}, 422, "LimitTooHigh", id="past the limit"),
        pytest.param({"q": "a", "limit": 0}, 422, "InvalidRequest", id="no rows"),
        pytest.param({"q": "a", "cursor": "nonsense"}, 422, "BadCursor", id="no cursor"),
        pytest.param({"q": "a", "path": "/srv/../etc"}, 422, "BadPath", id="dots"),
        pytest.param({"q": "a", "path": "/nowhere"}, 404, "UnknownPath", id="no such folder"),
        pytest.param({"q": "a", "share": "other"}, 404, "UnknownShare", id="no such share"),
        pytest.param({"q": "a", "snapshot": "2026-13-01"}, 422, "BadSnapshotDate", id="no date"),
        pytest.param({"q": "a", "snapshot": "2020-01-01"}, 404, "UnknownSnapshot", id="no such day"),
    ],
)
def test_what_can_not_be_searched_gets_a_typed_error(client, query, status, code):
    refused(client.get("/api/search", params=query), code, status)


def test_an_error_says_nothing_in_the_engines_words(client):
    told = client.get("/api/search", params={"q": "a(b", "mode": "regex"}).json()
    assert "missing" not in str(told)
    assert "Invalid Input" not in str(told)


def test_a_pattern_of_two_megabytes_is_refused_and_the_next_search_answers(client):
    answer = ask(client, filters=[{"field": "name", "op": "regex", "value": "(a|b)" * 400_000}])
    assert 400 <= answer.status_code < 500
    with suppress(httpx.TransportError):  # the server may close the connection on a line without end
        assert 400 <= client.get("/api/search?q=" + "a" * 60_000).status_code < 500
    assert page(client.get("/api/search", params={"q": "report"}))["count"] == 5


def test_filters_answer_in_the_shape_that_the_docs_promise(client):
    told = page(
        ask(
            client,
            filters=[{"field": "size", "op": "ge", "value": "1GB"}],
            sort=[{"by": "mtime", "order": "desc"}],
            with_totals=True,
        )
    )
    assert AdvancedPage.model_validate(told).count == 5
    times = [each["mtime"] for each in told["results"]]
    assert times == sorted(times, reverse=True)
    assert told["total"]["size"] == told["total"]["count"] * 10**9


@pytest.mark.parametrize(
    ("question", "code", "where"),
    [
        pytest.param(
            {"filters": [{"field": "colour", "op": "eq", "value": 1}]}, "UnknownField", "/filters/0/field", id="field"
        ),
        pytest.param(
            {"filters": [{"field": "size", "op": "glob", "value": "1"}]},
            "UnknownOperator",
            "/filters/0/op",
            id="operator",
        ),
        pytest.param(
            {"filters": [{"or": [{"field": "size", "op": "gt", "value": "many"}]}]},
            "BadValue",
            "/filters/0/or/0/value",
            id="value",
        ),
        pytest.param(
            {"filters": [{"not": {"field": "mtime", "op": "lt", "value": "soon"}}]},
            "BadValue",
            "/filters/0/not/value",
            id="time",
        ),
        pytest.param(
            {"filters": [{"field": "name", "op": "regex", "value": "("}]},
            "BadPattern",
            "/filters/0/value",
            id="pattern",
        ),
        pytest.param({"filters": [{}]}, "BadFilter", "/filters/0", id="shape"),
        pytest.param(
            {"filters": [{"field": "uid", "op": "in", "value": [1, "2"]}]},
            "BadValue",
            "/filters/0/value/1",
            id="one of several",
        ),
        pytest.param({"sort": [{"by": "colour"}]}, "UnknownField", "/sort/0/by", id="sort"),
        pytest.param({"sort": [{"by": "size"}] * 6}, "SortTooLong", "/sort", id="sort by many"),
        pytest.param({"limit": 51}, "LimitTooHigh", "", id="limit"),
        pytest.param({"path": "a//b"}, "BadPath", "", id="path"),
        pytest.param({"cursor": "x", "format": "csv"}, "NoPagesInExports", "", id="a page of a file"),
        pytest.param({"where": []}, "InvalidRequest", "", id="an unknown word"),
    ],
)
def test_a_bad_filter_is_named_by_where_it_stands(client, question, code, where):
    assert where in refused(ask(client, **question), code)


def test_half_a_surrogate_pair_is_refused(client):
    content = b'{"filters": [{"field": "name", "op": "eq", "value": "\\ud800"}]}'
    refused(
        client.post("/api/search/advanced", content=content, headers={"content-type": "application/json"}), "BadValue"
    )


@pytest.mark.parametrize("name", ["POST", "GET"])
def test_csv_and_parquet_hold_every_row_of_the_question(client, name):
    def get(form):
        if name == "POST":
            return ask(client, filters=[{"field": "name", "op": "contains", "value": "e"}], format=form)
        return client.get("/api/search", params={"q": "e", "case_sensitive": True, "format": form})

    parquet, text = get("parquet"), get("csv")
    table = pq.read_table(io.BytesIO(parquet.content))
    rows = list(csv.DictReader(io.StringIO(text.text)))
    assert len(rows) == table.num_rows == int(text.headers["x-row-count"]) > 50
    assert text.headers["x-truncated"] == "false"
    assert table.column_names == list(rows[0]) == list(ENTRY_COLUMNS)
    assert table.schema.field("mtime").type == pa.timestamp("us", "UTC")
    assert [row["path"] for row in rows] == table["path"].to_pylist()
    assert [int(row["size"]) for row in rows] == table["size"].to_pylist()


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/html, application/vnd.apache.parquet;q=0.9", "application/vnd.apache.parquet"),
    ],
)
def test_the_accept_header_chooses_the_format(client, accept, expected):
    answer = client.get("/api/search", params={"q": "report"}, headers={"accept": accept})
    assert answer.headers["content-type"].split(";")[0] == expected

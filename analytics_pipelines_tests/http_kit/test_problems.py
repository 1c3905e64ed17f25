"""Every error in one shape, whatever was sent."""

import pytest
import structlog
from fastapi import APIRouter, FastAPI
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from analytics_pipelines.foundation import errors
from analytics_pipelines.http_kit.multipart import UploadTooLarge
from analytics_pipelines.http_kit.problems import MOST_FAULTS, documented, install_problems, status_of
from analytics_pipelines.http_kit.scopes import open_to_all
from analytics_pipelines_tests.apps import small_app

KINDS = {
    errors.BadInput: 422,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.LimitExceeded: 422,
    errors.TimedOut: 504,
    errors.Unavailable: 503,
    errors.DiskFull: 503,
    errors.CheckFailed: 500,
    errors.SetupError: 500,
}


class TooManyDays(errors.LimitExceeded):
    """More days than one request may have.

    A second paragraph that no client needs.
    """


class Body(BaseModel):
    number: float
    texts: list[str] = []


router = APIRouter(dependencies=[open_to_all])


@router.get("/raise/{name}", responses=documented(TooManyDays, errors.NotFound))
def raise_error(name: str) -> None:
    raise {kind.__name__: kind for kind in KINDS}[name]("What happened.", limit="30 days", remedy="Ask for less.")


@router.get("/often")
def raise_often() -> None:
    raise errors.TooManyRequests("Ten a minute.", retry_after_s=42, limit="10")


class Resting(errors.Unavailable):
    """A part that knows when it is back."""

    retry_after_s = 7


@router.get("/resting")
def raise_resting() -> None:
    raise Resting("Later.")


@router.get("/faults/{count}")
def raise_faults(count: int) -> None:
    raise errors.BadInput("Wrong.", faults=[errors.FaultAt(f"/{n}", "X", "is \ud800 wrong") for n in range(count)])


@router.get("/large")
def raise_large() -> None:
    raise UploadTooLarge("Too large.", limit="10 bytes")


@router.get("/days")
def raise_days() -> None:
    raise TooManyDays("400 days are too many.", limit="366 days")


@router.get("/echo")
def raise_echo() -> None:
    raise errors.NotFound("There is no \ud800 here.")


@router.get("/older")
def raise_older() -> None:
    raise errors.Unavailable("What happened.")


@router.get("/older/broken")
def raise_unexpected() -> None:
    raise RuntimeError("hunter2")


@router.post("/body")
def read_body(body: Body) -> float:
    return body.number


@pytest.fixture
def client(settings, start):
    return start(small_app(settings, router))


@pytest.mark.parametrize(("kind", "status"), [pytest.param(*each, id=each[0].__name__) for each in KINDS.items()])
def test_each_kind_of_error_has_its_status_and_tells_all(client, kind, status):
    answer = client.get("/raise/" + kind.__name__, headers={"X-Request-ID": "request-1"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:analytics-pipelines:problem:" + kind.__name__,
        "title": kind.title,
        "status": status,
        "detail": "What happened.",
        "instance": "/raise/" + kind.__name__,
        "code": kind.__name__,
        "limit": "30 days",
        "remedy": "Ask for less.",
        "request_id": "request-1",
    }


def test_the_table_knows_every_kind():
    assert set(errors.AnalyticsError.__subclasses__()) <= {*KINDS, errors.TooManyRequests}


def test_a_rooms_error_has_the_status_of_its_kind(client):
    answer = client.get("/days")
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (422, "TooManyDays", "366 days")


def test_who_comes_too_often_is_told_when_to_come_again(client):
    answer = client.get("/often")
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["limit"]) == (429, "42", "10")


def test_what_is_away_and_knows_until_when_says_so(client):
    answer = client.get("/resting")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")


@pytest.mark.parametrize(("count", "told"), [(0, None), (2, 2), (1000, MOST_FAULTS)])
def test_faults_of_an_input_are_told_one_by_one(client, count, told):
    faults = client.get(f"/faults/{count}").json().get("errors")
    assert (faults and len(faults)) == told
    if faults:
        assert faults[1] == {"pointer": "/1", "code": "X", "message": "is \\ud800 wrong"}


def test_an_upload_that_is_too_large_has_the_status_for_it(client):
    assert client.get("/large").status_code == 413


def test_an_error_of_no_kind_is_ours_to_answer_for():
    assert status_of(errors.AnalyticsError) == 500


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        pytest.param(b'{"number": NaN, "texts": 1}', "body/texts", id="NaN beside a fault"),
        pytest.param(b'{"number": "1e400x"}', "body/number", id="a number that is none"),
        pytest.param(b'{"number": 1, "texts": ["\\ud800", 1]}', "body/texts", id="a lone surrogate"),
        pytest.param(b'{"number": ', "body/11", id="broken JSON"),
        pytest.param(b"", "body", id="nothing"),
    ],
)
def test_what_can_not_be_echoed_is_still_422(client, body, pointer):
    answer = client.post("/body", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    problem = answer.json()
    assert (problem["code"], problem["title"]) == ("InvalidRequest", "The request is not valid")
    assert any(fault["pointer"].startswith(pointer) for fault in problem["errors"])


def test_a_thousand_faults_are_cut(client):
    answer = client.post("/body", json={"number": 1, "texts": [1] * 1000})
    assert len(answer.json()["errors"]) == MOST_FAULTS


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        pytest.param("GET", "/nowhere", 404, "NotFound", id="no such route"),
        pytest.param("DELETE", "/days", 405, "MethodNotAllowed", id="no such method"),
    ],
)
def test_frameworks_errors_have_the_same_shape(client, method, path, status, code):
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["instance"]) == (code, path)
    assert ("allow" in answer.headers) == (status == 405)


def test_a_detail_that_is_no_text_is_still_told(client):
    answer = client.get("/echo")
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no \\ud800 here.")


def test_a_body_that_can_not_be_read_says_so(client):
    answer = client.post("/body", content=b"[" * 20_000, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["detail"]) == (400, "There was an error parsing the body")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/older", 503), ("GET", "/older/broken", 500), ("PUT", "/older", 405)]
)
def test_a_path_may_tell_errors_in_its_own_words(settings, start, method, path, status):
    app = small_app(settings, router)
    words = dict.fromkeys(["/older", "/older/broken"], lambda problem: PlainTextResponse(problem.code, problem.status))
    install_problems(app, words)
    with structlog.testing.capture_logs():
        answer = start(app).request(method, path)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (status, "text/plain")
    assert answer.headers.get("retry-after") == ("5" if status == 503 else None)
    assert ("allow" in answer.headers) == (status == 405)


def test_the_docs_name_each_error_of_a_route():
    app = FastAPI()
    app.include_router(router)
    responses = app.openapi()["paths"]["/raise/{name}"]["get"]["responses"]
    assert responses["422"]["description"] == "`TooManyDays`: More days than one request may have."
    schema = responses["404"]["content"]["application/problem+json"]["schema"]
    assert {"type", "title", "status", "detail", "code", "remedy"} <= set(schema["properties"])
    assert "$ref" not in str(schema)

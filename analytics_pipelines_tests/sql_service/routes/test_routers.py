"""All doors of the room are among its routers, and the document describes them."""

from pathlib import Path

from fastapi import FastAPI

from analytics_pipelines.sql_service import routes
from analytics_pipelines.sql_service.routes.parts import PREFIX
from analytics_pipelines.sql_service.routes.routers import ROUTERS

WITHOUT_DOORS = {"__init__", "answers", "models", "parts", "routers"}
DOORS = {
    ("/query", "post"),
    ("/batch", "post"),
    ("/explain", "post"),
    ("/queries", "get"),
    ("/queries/{query_id}", "delete"),
    ("/statistics", "get"),
    ("/health", "get"),
    ("/circuit-breaker/reset", "post"),
}


def test_every_file_with_doors_is_among_the_routers():
    files = {file.stem for file in Path(routes.__path__[0]).glob("*.py")} - WITHOUT_DOORS
    assert len(ROUTERS) == len(files)


def test_the_document_has_bodies_answers_and_errors():
    app = FastAPI()
    for router in ROUTERS:
        app.include_router(router)
    paths = app.openapi()["paths"]
    found = {(path.removeprefix(PREFIX), method) for path, methods in paths.items() for method in methods}
    assert found >= DOORS
    assert all(path.startswith(PREFIX + "/") for path in paths)
    query = paths[PREFIX + "/query"]["post"]
    assert query["requestBody"]["content"]["application/json"]["schema"]["properties"].keys() == {
        "query",
        "params",
        "fetch_mode",
        "limit",
        "timeout_s",
    }
    assert {"200", "304", "422", "429", "503", "504"} <= query["responses"].keys()
    assert {"application/json", "text/csv"} <= query["responses"]["200"]["content"].keys()
    assert paths[PREFIX + "/health"]["get"]["responses"].keys() == {"200", "503"}

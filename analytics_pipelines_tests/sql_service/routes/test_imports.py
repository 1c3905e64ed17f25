"""The door of imports over HTTP, with PostgreSQL and the process that reads files."""

import io
from contextlib import closing

import pyarrow as pa
import pytest
from pyarrow import parquet

from analytics_pipelines.accounts.tokens import create_token
from analytics_pipelines.accounts.users import Role
from analytics_pipelines.app import token_verifier
from analytics_pipelines.datasets.execution.platform import Platform
from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.http_kit.rate_limits import LIMITER, open_limiter
from analytics_pipelines.http_kit.wiring import Wiring, wire
from analytics_pipelines.sql_service.routes.imports import IMPORT_PATH, IMPORTER, router
from analytics_pipelines_tests.apps import small_app, start
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.datasets.routes.house import CSV, ROWS, made_user

__all__ = ["start"]


def written(table, **options):
    target = io.BytesIO()
    parquet.write_table(table, target, **options)
    return target.getvalue()


SALES = written(pa.table({"region": ["north", "south"] * 5, "price": [1.5, 2.5] * 5}))
BROKEN = SALES[:40] + bytes(60) + SALES[100:]


@pytest.fixture
def imported(database, tmp_path, start):
    """`imported(user, content)`: the answer to an import; the users are an admin and an analyst."""
    settings = settings_in(tmp_path / "home", max_upload_size=100_000, plan_timeout_s=20.0)
    app = small_app(settings, router)
    wire(
        app,
        Wiring(
            settings=settings,
            generations=Generations(settings),
            database=lambda: database,
            verifier=token_verifier(lambda: database, settings, now),
        ),
    )
    tokens = {
        "ada": made_user(settings, database, "ada", Role.ADMIN),
        "ann": made_user(settings, database, "ann", Role.ANALYST),
        "token": create_token(database, name="ci", scopes=["admin"]),
    }
    with closing(Platform.of(settings)) as platform, closing(open_limiter(settings)) as limiter:
        IMPORTER.fill(app, platform)
        LIMITER.fill(app, limiter)
        client = start(app)

        def send(user, content, name="sales.parquet", **fields):
            headers = {"Authorization": "Bearer " + tokens[user]}
            return client.post(IMPORT_PATH, files={"file": (name, content)}, data=fields, headers=headers)

        yield send


def test_files_become_private_datasets_and_others_are_refused_by_name(imported, tmp_path):
    whole = imported("ada", SALES)
    assert whole.status_code == 200, whole.text
    told = whole.json()
    assert (told["success"], told["session_id"]) == (True, told["metadata"]["session_id"])
    assert (told["metadata"]["filename"], told["metadata"]["row_count"]) == ("sales.parquet", 10)
    assert told["metadata"]["column_types"] == {"region": "text", "price": "number"}
    text = imported("ada", CSV, "sales.csv", keep_original="true").json()["metadata"]
    assert (text["row_count"], text["has_original"], text["column_types"]["sold_at"]) == (ROWS, True, "date")
    kept = sorted(path.name for path in (tmp_path / "home" / "uploads").rglob("*") if path.is_file())
    assert kept.count("data.parquet") == 2
    for content, status, code in (
        (written(pa.table({"a": [[1]]})), 422, "UnusableColumn"),
        (written(pa.table({"a": [1]}), compression="brotli"), 422, "CompressionRefused"),
        (BROKEN, 422, "BrokenParquet"),
        (b"PK\x03\x04" + bytes(100), 422, "NotATable"),
        (b"a,b\n" + b"1,2\n" * 30_000, 413, "UploadTooLarge"),
    ):
        refused = imported("ada", content)
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert sorted(path.name for path in (tmp_path / "home" / "uploads").rglob("*") if path.is_file()) == kept


def test_it_takes_an_admin_with_an_account(imported):
    assert (imported("ann", SALES).status_code, imported("ann", SALES).json()["code"]) == (403, "MissingScope")
    assert imported("token", SALES).json()["code"] == "AccountNeeded"

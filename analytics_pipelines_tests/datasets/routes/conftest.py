"""One real application for the doors of the room: PostgreSQL, processes, HTTP, two users and an admin."""

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from analytics_pipelines.accounts.users import Role
from analytics_pipelines.app import create_app
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines_tests.apps import serving
from analytics_pipelines_tests.conftest import TEMPLATE, PostgresServer, settings_in
from analytics_pipelines_tests.datasets.routes.house import CSV, House, made_user, publish_sales, uploaded


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[House]:
    """The application with a published table, and who may call it."""
    name = "datasets_" + str(next(postgres_server.numbers))
    urls = postgres_server.create(name, TEMPLATE)
    settings = settings_in(
        tmp_path_factory.mktemp("house") / "home",
        database_url=urls.app,
        log_level="ERROR",
        plan_timeout_s=20.0,
        max_upload_size=200_000,
        upload_limit_per_hour=1000,
        execution_limit_per_hour=1000,
    )
    publish_sales(settings)
    with ExitStack() as stack:
        database = Database(urls.app, name="test", settings=settings)
        stack.callback(postgres_server.drop, name)
        stack.callback(database.close)
        url = stack.enter_context(serving(create_app(settings)))
        users = {user: made_user(settings, database, user, Role.ANALYST) for user in ("anna", "berta")}
        users["admin"] = made_user(settings, database, "admin", Role.ADMIN)
        clients = {
            user: stack.enter_context(
                httpx.Client(base_url=url, timeout=60, headers={"Authorization": "Bearer " + token})
            )
            for user, token in users.items()
        }
        nobody = stack.enter_context(httpx.Client(base_url=url, timeout=60))
        yield House(settings=settings, database=database, clients=clients, nobody=nobody)


@pytest.fixture(scope="package")
def anna(house: House) -> httpx.Client:
    """An analyst."""
    return house.clients["anna"]


@pytest.fixture(scope="package")
def berta(house: House) -> httpx.Client:
    """Another one."""
    return house.clients["berta"]


@pytest.fixture(scope="package")
def session(anna: httpx.Client) -> str:
    """An upload of Anna's that no test deletes."""
    return uploaded(anna, CSV)["session_id"]

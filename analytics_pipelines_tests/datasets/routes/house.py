"""What the tests of the doors put into the house, and how they call."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta

import httpx
import psutil
import pyarrow as pa
import sqlalchemy as sa

from analytics_pipelines.accounts.access_tokens import make
from analytics_pipelines.accounts.secret_key import secret_key
from analytics_pipelines.accounts.tables import USERS
from analytics_pipelines.accounts.users import Role
from analytics_pipelines.datasets.folders import new_id
from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.acting import Duty, on_duty
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Table, Type
from analytics_pipelines.serving.build import build_generation

DAY = date(2026, 11, 20)
REGIONS = ("north", "south", "east")
ROWS = 90
CSV = b"sold_at,region,price,quantity\n" + b"".join(
    f"{date(2026, 1, 1) + timedelta(days=row)},{REGIONS[row % 3]},{10 + row * 0.5 + row % 7:.2f},{row % 9 + 1}\n".encode()
    for row in range(ROWS)
)
MEAN = {"operation": "mean", "target_column": "price", "group_by": ["region"]}
SALES = Table(
    name="core_shop__sales",
    room="shop",
    grain="one sale",
    partition="day of the sale",
    key=("sale_id",),
    columns=(
        Column(name="sold_date", type=Type.DATE, meaning="Day."),
        Column(name="sale_id", type=Type.INT, meaning="Number."),
        Column(name="customer", type=Type.TEXT, meaning="Who.", is_personal=True),
        Column(name="amount", type=Type.DOUBLE, meaning="Price."),
    ),
)


@dataclass(frozen=True)
class House:
    """The running application and those who call it."""

    settings: Settings
    database: Database
    clients: dict[str, httpx.Client]
    nobody: httpx.Client

    def files(self) -> set[str]:
        """Every file of every upload."""
        root = self.settings.uploads_folder
        return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def publish_sales(settings: Settings) -> None:
    """A day of sales in the lake, and the generation of it."""
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    rows = pa.table(
        {
            "sold_date": [DAY] * 4,
            "sale_id": [1, 2, 3, 4],
            "customer": ["Ada", "Ben", "Ada", "Cy"],
            "amount": [1.5, 2.5, 3.0, 5.0],
        }
    )
    lake.replace(SALES, DAY, Select(Sql("SELECT * FROM given"), reads={"given": ArrowRows(rows)}))
    build_generation(settings, lake, [SALES])
    lake.duck.close()


def made_user(settings: Settings, database: Database, username: str, role: Role) -> str:
    """An access token of a new user whose password nobody needs."""
    user_id = new_id()
    row = {
        "id": user_id,
        "email": username + "@example.com",
        "username": username,
        "hashed_password": "none",
        "is_active": True,
        "created_at": now(),
        "role": role.value,
        "token_version": 1,
        "password_changed_at": now(),
    }
    with database.writing() as connection:
        on_duty(connection, Duty.MANAGE_USERS)
        connection.execute(sa.insert(USERS).values(row))
    key = secret_key(settings)
    return make(key, user_id=user_id, token_version=1, life=timedelta(hours=1), at=now()).text


def sent(client: httpx.Client, content: bytes, name: str = "sales.csv", **fields: str) -> httpx.Response:
    """The answer to an upload."""
    return client.post("/api/analytics/upload", files={"file": (name, content, "text/csv")}, data=fields)


def uploaded(client: httpx.Client, content: bytes = CSV, **fields: str) -> dict:
    """What an upload that is taken answers."""
    answer = sent(client, content, **fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def executed(client: httpx.Client, session_id: str, plan: object) -> dict:
    """What a plan that may run answers."""
    answer = client.post("/api/analytics/execute", json={"session_id": session_id, "plan": plan})
    assert answer.status_code == 200, answer.text
    return answer.json()


@contextmanager
def halted_processes() -> Iterator[None]:
    """No process that computes goes on until the end of the block: what is asked meanwhile runs, and does not end."""
    halted = [
        each for each in psutil.Process().children(recursive=True) if "workers.zygote" in " ".join(each.cmdline())
    ]
    for each in halted:
        each.suspend()
    try:
        yield
    finally:
        for each in halted:
            with suppress(psutil.NoSuchProcess):
                each.resume()

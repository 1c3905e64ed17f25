"""Random passwords of the embedded server's roles, kept in one private file."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlalchemy import URL

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.files import write_whole
from analytics_pipelines.foundation.postgres.urls import DRIVER, DatabaseUrls

DATABASE = "analytics"
SUPERUSER = "postgres"
OWNER = "analytics_owner"
APP = "analytics_app"
FILE_NAME = "credentials.json"


@dataclass(frozen=True, slots=True)
class Credentials:
    """One password per role."""

    superuser: str = field(repr=False)
    owner: str = field(repr=False)
    app: str = field(repr=False)

    def urls(self, socket_folder: Path, database: str = DATABASE) -> DatabaseUrls:
        """URLs of a database by way of the socket."""
        app = _url(socket_folder, APP, self.app, database)
        return DatabaseUrls(app=app, owner=_url(socket_folder, OWNER, self.owner, database), source=app)

    def superuser_url(self, socket_folder: Path, database: str = SUPERUSER) -> str:
        """For set-up only."""
        return _url(socket_folder, SUPERUSER, self.superuser, database)


def _url(socket_folder: Path, user: str, password: str, database: str) -> str:
    query = {"host": str(socket_folder)}
    url = URL.create(DRIVER, username=user, password=password, database=database, query=query)
    return url.render_as_string(hide_password=False)


def drawn() -> Credentials:
    """Fresh random passwords."""
    return Credentials(*(secrets.token_urlsafe(32) for _ in range(3)))


def read_credentials(folder: Path) -> Credentials:
    """What was kept when the data folder was made; raises `SetupError` when it is lost."""
    try:
        return Credentials(**json.loads((folder / FILE_NAME).read_bytes()))
    except (OSError, ValueError, TypeError):
        raise SetupError(
            "The embedded database's credentials.json can not be read.",
            remedy="Put back the file that belongs to ANALYTICS_HOME/postgres/data.",
        ) from None


def keep(credentials: Credentials, folder: Path) -> None:
    """Write them for the next start, readable by the owner alone."""
    write_whole(folder / FILE_NAME, json.dumps(asdict(credentials)).encode(), staging=folder / "staging", mode=0o600)

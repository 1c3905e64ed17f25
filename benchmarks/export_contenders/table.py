"""The table that all contenders export, and how they are told of it."""

from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL

TABLE = "public.events"
SELECT = "SELECT id, user_id, kind, url, seen_at, price, is_new, score, CAST(props AS text) AS props FROM public.events"
GROUP_ROWS = 122_880


def uri_of(conninfo: str) -> str:
    """The connection string as the URI that other tools want."""
    given = {key: str(value) for key, value in conninfo_to_dict(conninfo).items()}
    host = given["host"]
    is_socket = host.startswith("/")
    url = URL.create(
        "postgresql",
        username=given["user"],
        password=given["password"],
        host="localhost" if is_socket else host,
        database=given["dbname"],
        query={"host": host} if is_socket else {},
    )
    return url.render_as_string(hide_password=False)

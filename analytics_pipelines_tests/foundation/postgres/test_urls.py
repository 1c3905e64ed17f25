"""Which PostgreSQL: what the settings say, what a running server says, and what libpq is told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL

from analytics_pipelines.foundation.errors import SetupError, Unavailable
from analytics_pipelines.foundation.postgres.urls import (
    DRIVER,
    DatabaseUrls,
    as_json,
    configured_urls,
    connection_file,
    conninfo,
    database_urls,
    with_driver,
)
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines_tests.conftest import settings_in

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1)
PUBLISHED = DatabaseUrls(app=DRIVER + "://a@/x", owner=DRIVER + "://o@/x", source=DRIVER + "://a@/x")


@pytest.mark.parametrize(
    "given_url",
    [
        pytest.param("postgresql://u:p%40@h:5/d?sslmode=disable", id="bare"),
        pytest.param("postgres://u:p%40@h:5/d?sslmode=disable", id="as other tools write it"),
        pytest.param("postgresql+psycopg2://u:p%40@h:5/d?sslmode=disable", id="another driver"),
    ],
)
def test_every_spelling_of_a_url_gets_our_driver(given_url: str) -> None:
    assert with_driver(given_url) == "postgresql+psycopg://u:p%40@h:5/d?sslmode=disable"


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("secret-password", id="no URL"),
        pytest.param("postgresql://u:secret-password@h:port/d", id="port that is no number"),
        pytest.param("mysql://u:secret-password@h/d", id="another database"),
    ],
)
def test_a_wrong_url_is_refused_without_repeating_it(wrong: str) -> None:
    with pytest.raises(SetupError) as raised:
        with_driver(wrong, "DATABASE_URL")
    assert "DATABASE_URL" in str(raised.value)
    assert "secret" not in str(raised.value)


@given(user=WORDS, password=WORDS, database=WORDS, host=WORDS)
def test_libpq_is_told_exactly_the_parts_of_the_url(user: str, password: str, database: str, host: str) -> None:
    url = URL.create(DRIVER, username=user, password=password, database=database, query={"host": "/" + host})
    told = conninfo_to_dict(conninfo(url.render_as_string(hide_password=False)))
    assert told == {"user": user, "password": password, "dbname": database, "host": "/" + host}


def test_several_hosts_reach_libpq_as_its_list() -> None:
    assert conninfo_to_dict(conninfo("postgresql://u@/d?host=a&host=b"))["host"] == "a,b"


def test_an_option_that_libpq_does_not_know_is_named() -> None:
    with pytest.raises(SetupError, match="colour"):
        conninfo("postgresql://u@h/d?colour=red")


def test_urls_hide_their_passwords_from_logs() -> None:
    assert "secret" not in repr(DatabaseUrls(app="secret", owner="secret", source="secret"))


@pytest.mark.parametrize(
    ("more", "owner", "source"),
    [
        pytest.param({}, "a", "a", id="one URL for all"),
        pytest.param({"database_owner_url": "postgresql://o@h/d"}, "o", "a", id="an owner of its own"),
        pytest.param({"source_database_url": "postgresql://s@h/d"}, "a", "s", id="a source of its own"),
    ],
)
def test_the_settings_say_who_connects_for_what(tmp_path: Path, more: dict[str, str], owner: str, source: str) -> None:
    urls = database_urls(settings_in(tmp_path, database_url="postgresql://a@h/d", **more))
    assert urls == DatabaseUrls(
        app=DRIVER + "://a@h/d", owner=DRIVER + "://" + owner + "@h/d", source=DRIVER + "://" + source + "@h/d"
    )
    settings = settings_in(tmp_path, database_url="postgresql://a@h/d", **more)
    assert settings.database_url is not None
    assert configured_urls(settings, settings.database_url) == urls


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="none was ever there"),
        pytest.param(as_json(PUBLISHED), id="stale: its supervisor was killed"),
        pytest.param(b"", id="empty"),
        pytest.param(b'{"app": 1}', id="of another version"),
        pytest.param(b"\xff{", id="garbage"),
    ],
)
def test_a_connection_file_that_nobody_stands_behind_is_not_believed(settings: Settings, content: bytes | None) -> None:
    settings.home.postgres.mkdir(parents=True)
    if content is not None:
        connection_file(settings.home).write_bytes(content)
    with pytest.raises(Unavailable, match="analytics up"):
        database_urls(settings)

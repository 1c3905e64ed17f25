"""Passwords: random, private, and missed when they are gone."""

from pathlib import Path

import pytest

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.postgres.server.credentials import (
    APP,
    FILE_NAME,
    OWNER,
    drawn,
    keep,
    read_credentials,
)
from analytics_pipelines.foundation.postgres.urls import parsed


def test_passwords_are_long_different_and_hidden_from_logs() -> None:
    credentials = drawn()
    assert len({credentials.superuser, credentials.owner, credentials.app}) == 3
    assert min(map(len, (credentials.superuser, credentials.owner, credentials.app))) >= 40
    assert credentials.app not in repr(credentials)


def test_they_are_kept_for_us_alone(tmp_path: Path) -> None:
    credentials = drawn()
    keep(credentials, tmp_path)
    assert read_credentials(tmp_path) == credentials
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [None, "", "{}", '{"superuser": "a", "owner": "b", "app": "c", "more": "d"}'])
def test_without_them_the_way_back_is_told(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(SetupError, match="Put back the file"):
        read_credentials(tmp_path)


def test_each_role_has_a_url_of_its_own_by_way_of_the_socket(tmp_path: Path) -> None:
    credentials = drawn()
    urls = credentials.urls(tmp_path / "a b", "other")
    found = {parsed(url).username: parsed(url) for url in (urls.app, urls.owner)}
    assert {name: url.password for name, url in found.items()} == {APP: credentials.app, OWNER: credentials.owner}
    assert {(url.database, url.query["host"]) for url in found.values()} == {("other", str(tmp_path / "a b"))}

"""The door finds the database late, and again when the server came back elsewhere."""

import os

import pytest

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.files import locked
from analytics_pipelines.foundation.postgres.urls import as_json, connection_file, supervisor_lock
from analytics_pipelines.http_kit.database_door import FollowedDatabase
from analytics_pipelines_tests.conftest import settings_in


def say(settings, urls) -> None:
    file = connection_file(settings.home)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.with_suffix(".new").write_bytes(as_json(urls))
    os.replace(file.with_suffix(".new"), file)


def test_a_configured_database_is_opened_once(settings, database_urls):
    door = FollowedDatabase(settings_in(settings.home.path, database_url=database_urls.app), name="api")
    with door().reading() as connection:
        assert connection.exec_driver_sql("SHOW application_name").scalar() == "api"
    assert door() is door()
    door.close()
    door.close()


def test_the_embedded_server_is_found_when_it_starts_after_us(settings, database_urls):
    door = FollowedDatabase(settings, name="api")
    with pytest.raises(Unavailable):
        door()
    with locked(supervisor_lock(settings.home), wait_s=0):
        say(settings, database_urls)
        assert door().url == database_urls.app
    door.close()


def test_a_server_that_came_back_elsewhere_is_followed(settings, postgres_server, database_urls):
    door = FollowedDatabase(settings, name="api")
    with locked(supervisor_lock(settings.home), wait_s=0):
        say(settings, database_urls)
        first = door()
        say(settings, database_urls)
        assert door() is first, "the same address again changes nothing"
        say(settings, postgres_server.urls("elsewhere"))
        assert door().url == postgres_server.urls("elsewhere").app
        connection_file(settings.home).unlink()
        with pytest.raises(Unavailable):
            door()
    door.close()

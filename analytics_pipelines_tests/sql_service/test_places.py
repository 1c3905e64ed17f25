"""The socket can be reached however deep the home lies."""

import socket

from analytics_pipelines.foundation.home import Home
from analytics_pipelines.sql_service.places import Places


def test_a_deep_home_has_a_short_address(tmp_path):
    places = Places.of(Home(tmp_path / ("deep" * 30) / "home"))
    places.folder.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as listener, places.short_path() as path:
        listener.bind(path)
        listener.listen()
        with socket.socket(socket.AF_UNIX) as caller, places.short_path() as again:
            caller.connect(again)
    assert places.socket.is_socket()

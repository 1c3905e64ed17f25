"""A server that listens everywhere is reached under the name that the caller used."""

import pytest

from analytics_pipelines.foundation.addresses import http_url

ANY = ".".join("0000")


@pytest.mark.parametrize(
    ("listens_on", "reached_as", "url"),
    [
        pytest.param("127.0.0.1", "example.org", "http://127.0.0.1:3000", id="on loopback"),
        pytest.param("example.net", None, "http://example.net:3000", id="on a name"),
        pytest.param(ANY, "example.org", "http://example.org:3000", id="everywhere"),
        pytest.param("::", None, "http://127.0.0.1:3000", id="everywhere, caller unknown"),
        pytest.param("::1", "x", "http://[::1]:3000", id="on an IPv6 address"),
    ],
)
def test_the_address_is_one_that_the_caller_can_open(listens_on: str, reached_as: str | None, url: str) -> None:
    assert http_url(listens_on, 3000, reached_as=reached_as) == url

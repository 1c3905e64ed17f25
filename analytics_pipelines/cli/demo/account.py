"""A user of the API who is there for a part of the demo alone."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from analytics_pipelines.foundation.errors import Unavailable

TIMEOUT_S = 60.0


@contextmanager
def account(url: str) -> Iterator[httpx.Client]:
    """A client logged in as somebody new, whose datasets and account are gone afterwards.

    Raises `Unavailable` for answers that tell of a failure.
    """
    try:
        with httpx.Client(base_url=url, timeout=TIMEOUT_S) as client:
            password = _log_in(client)
            yield client
            for each in client.get("/api/analytics/datasets").raise_for_status().json():
                client.delete("/api/analytics/datasets/" + each["session_id"]).raise_for_status()
            client.request("DELETE", "/api/auth/me", json={"password": password}).raise_for_status()
    except httpx.HTTPStatusError as error:
        told = f"The API answered {error.response.status_code} to {error.request.method} {error.request.url.path}."
        raise Unavailable(told) from error
    except httpx.HTTPError as error:
        raise Unavailable(f"The API did not answer the demo's user ({type(error).__name__}).") from error


def _log_in(client: httpx.Client) -> str:
    name, password = "demo-" + secrets.token_hex(4), secrets.token_urlsafe(24)
    given = {"email": name + "@example.com", "username": name, "password": password}
    client.post("/api/auth/register", json=given).raise_for_status()
    answer = client.post("/api/auth/login", json={"username": name, "password": password}).raise_for_status()
    client.headers["authorization"] = "Bearer " + answer.json()["access_token"]
    return password

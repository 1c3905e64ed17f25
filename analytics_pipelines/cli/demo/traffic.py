"""Sends the visitors' requests to the demo's own API, and cuts its access log to exactly those requests."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from analytics_pipelines.cli.demo.visitors import Request
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.files import write_whole

SENDERS = 4
MARK = b"POST /collect "


def drive(url: str, requests: list[Request], progress: Callable[[int], None]) -> Counter[str]:
    """Send every request; how many were stored and how many were known already. Raises `Unavailable`."""
    with httpx.Client(base_url=url, timeout=30) as client, ThreadPoolExecutor(SENDERS) as pool:
        outcomes: Counter[str] = Counter()
        for outcome in pool.map(lambda request: send(client, request), requests):
            outcomes[outcome] += 1
            progress(1)
    return outcomes


def send(client: httpx.Client, request: Request) -> str:
    """What the API says of one event: `stored` or `duplicate`."""
    try:
        answer = client.post("/collect", json=request.body, headers={"User-Agent": request.agent})
    except httpx.HTTPError as error:
        raise Unavailable(f"The API did not answer POST /collect ({type(error).__name__}).") from error
    if not answer.is_success:
        raise Unavailable(f"POST /collect was answered with {answer.status_code}: {answer.text[:200]}")
    return "duplicate" if "already" in answer.json()["message"] else "stored"


def keep_log(access_log: Path, kept: Path, staging: Path) -> Path:
    """The access log's lines of `POST /collect` as a file of its own; one that stands already is left as it is."""
    if not kept.exists():
        lines = [line for line in access_log.read_bytes().splitlines(keepends=True) if MARK in line]
        write_whole(kept, b"".join(lines), staging=staging)
    return kept

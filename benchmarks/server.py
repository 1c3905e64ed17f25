"""An application under uvicorn, for the benchmarks that ask it over HTTP."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx

from analytics_pipelines.foundation.processes import any_free_port
from benchmarks.load import HOST

API = "analytics_pipelines.app:create_app"
READY_S = 120.0


@contextmanager
def served(
    environment: Mapping[str, str], is_ready: Callable[[str], bool], *, app: str = API, workers: int = 1
) -> Iterator[int]:
    """The application on a free port, ended with the block; raises `TimeoutError` unless `is_ready(url)` in time."""
    port = any_free_port(HOST)
    manners = ("--no-access-log", "--no-proxy-headers", "--log-level", "warning", "--workers", str(workers))
    command = (sys.executable, "-m", "uvicorn", app, "--factory", "--host", HOST, "--port", str(port), *manners)
    process = subprocess.Popen(command, env=environment)
    try:
        _wait(f"http://{HOST}:{port}", is_ready)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait(url: str, is_ready: Callable[[str], bool]) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        try:
            if is_ready(url):
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise TimeoutError("the server does not answer")

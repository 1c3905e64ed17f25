"""The API with a clock that goes back by a day every other second: `uvicorn …:create_app --factory`."""

import time
from datetime import datetime, timedelta

from fastapi import FastAPI

from analytics_pipelines.app import create_app as real_app
from analytics_pipelines.foundation.clock import now

DAY = timedelta(days=1)


def jumping() -> datetime:
    """The present moment in even seconds, the same a day earlier in odd ones."""
    return now() - DAY * (int(time.monotonic()) % 2)


def create_app() -> FastAPI:
    """The application at that time."""
    return real_app(clock=jumping)

"""What the application hands to routes: settings, generations, database, verifier, clock.

`app.py` wires the real ones; a test of one router wires what that router needs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from fastapi import FastAPI, Request

from analytics_pipelines.foundation.clock import Clock, now
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.principals import Verifier

T = TypeVar("T")
DatabaseDoor = Callable[[], Database]
"""Gives the process's database; raises `Unavailable` while nobody knows where the server is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """One per application."""

    settings: Settings
    generations: Generations
    database: DatabaseDoor
    verifier: Verifier
    clock: Clock = now


def wire(app: FastAPI, wiring: Wiring) -> None:
    """Make the parts reachable from the application's routes."""
    app.state.wiring = wiring


def wiring_of(request: Request) -> Wiring:
    """The parts of the application that answers this request."""
    found: Wiring = request.app.state.wiring
    return found


class Slot(Generic[T]):
    """Where an application puts a part that one room knows, for as long as it runs; `name` tells slots apart."""

    def __init__(self, name: str) -> None:
        self._name = "slot_" + name

    def fill(self, app: FastAPI, part: T) -> None:
        """Make the part reachable from the application's routes."""
        setattr(app.state, self._name, part)

    def at(self, app: FastAPI) -> T | None:
        """The part, or None before the application has started."""
        found: T | None = getattr(app.state, self._name, None)
        return found

    async def of(self, request: Request) -> T:
        """The part, as a dependency of a route; raises `Unavailable` before the application has started."""
        found = self.at(request.app)
        if found is None:
            raise Unavailable("The application is not ready.", remedy="Try again in a moment.")
        return found

"""What the application hands to routes: settings, generations, database, verifier, clock.

`app.py` wires the real ones; a test of one router wires what that router needs.
"""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI, Request

from analytics_pipelines.foundation.clock import Clock, now
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.principals import Verifier

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

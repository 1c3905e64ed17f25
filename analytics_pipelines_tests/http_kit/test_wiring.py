"""What was wired is what routes find."""

from fastapi import FastAPI, Request

from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.http_kit.wiring import Wiring, wire, wiring_of
from analytics_pipelines_tests.apps import no_database


def test_a_request_finds_the_parts_of_its_own_application(settings):
    held = Generations(settings)
    wiring = Wiring(settings=settings, generations=held, database=no_database, verifier={}.get)
    app = FastAPI()
    wire(app, wiring)
    assert wiring_of(Request({"type": "http", "app": app})) is wiring
    assert wiring.clock is now

"""Real HTTP for the tests of this folder."""

from analytics_pipelines_tests.apps import start

__all__ = ["start"]

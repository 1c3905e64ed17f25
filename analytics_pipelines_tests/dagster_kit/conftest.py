"""Each test has a Dagster home of its own."""

from analytics_pipelines_tests.dagster_homes import _dagster_home, dagster_template

__all__ = ["_dagster_home", "dagster_template"]

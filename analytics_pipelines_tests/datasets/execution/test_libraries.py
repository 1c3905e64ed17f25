"""Versions of what numbers depend on."""

from importlib.metadata import version

from analytics_pipelines.datasets.execution.libraries import library_versions


def test_every_library_has_its_version():
    assert library_versions()["duckdb"] == version("duckdb")
    assert all(library_versions().values())

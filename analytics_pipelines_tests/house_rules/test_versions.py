"""Floors under what we lock: `pip-audit` without a network says that all is well."""

import tomllib

import pytest
from packaging.version import Version

from analytics_pipelines_tests.house_rules.repository import ROOT

LOCKED = {
    package["name"]: Version(package["version"])
    for package in tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    if "version" in package
}
FLOORS = {
    "h11": "0.16",
    "pillow": "12.3",
    "pyarrow": "17",
    "pyjwt": "2.13",
    "python-multipart": "0.0.32",
    "starlette": "1.3.1",
    "urllib3": "2.8",
}
DIRECT = {"h11", "pyarrow", "starlette", "urllib3"}
DAGSTER = Version("1.13.27")
DUCKDB = ("duckdb", "duckdb-extensions", "duckdb-extension-httpfs", "duckdb-extension-postgres-scanner")
REFUSED = {"python-jose": "unmaintained", "passlib": "unmaintained"}


@pytest.mark.parametrize(("package", "floor"), FLOORS.items())
def test_what_is_locked_is_above_its_floor(package, floor):
    assert package in LOCKED or package not in DIRECT
    assert LOCKED.get(package, Version(floor)) >= Version(floor)


def test_dagster_and_its_libraries_are_of_one_release():
    for package in ("dagster", "dagster-webserver", "dagster-graphql", "dagster-pipes"):
        assert LOCKED[package] == DAGSTER, package
    for package in ("dagster-postgres", "dagster-duckdb"):
        assert LOCKED.get(package, Version("0.29.27")) == Version("0.29.27"), package


def test_duckdb_and_its_extensions_are_of_one_version():
    assert {LOCKED[package] for package in DUCKDB} == {LOCKED["duckdb"]}


@pytest.mark.parametrize("package", REFUSED)
def test_what_is_refused_is_not_locked(package):
    assert package not in LOCKED

"""The libraries that numbers depend on, with their versions."""

from functools import cache
from importlib.metadata import version

NAMES = ("analytics-pipelines", "duckdb", "numpy", "scipy", "statsmodels", "altair", "vl-convert-python")


@cache
def library_versions() -> dict[str, str]:
    """Version by name."""
    return {name: version(name) for name in NAMES}

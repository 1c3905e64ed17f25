"""What the zygote is made with: nothing can be imported in the cage."""

SERVE = "analytics_pipelines.sql_service.worker.serve:serve"
PRELOADED = (
    # DuckDB asks for pandas at the first bound value.
    "duckdb",
    "numpy",
    "pandas",
    "pyarrow",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "pyarrow.vendored.version",
    "orjson",
    "encodings.idna",
    "pytz",
    "structlog",
    "analytics_pipelines.sql_service.worker.serve",
)
"""What the zygote imports."""

"""Self-hosted analytics on Dagster: five rooms over one Parquet lake.

Start with `docs/architecture.md`; every package says in its own docstring what lives in it.
"""

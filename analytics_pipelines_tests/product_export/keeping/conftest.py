"""All tests of kept rows share a database."""

from analytics_pipelines_tests.product_export.kept_database import database, kept_database

__all__ = ["database", "kept_database"]

"""All tests of the doors share a database."""

from analytics_pipelines_tests.product_export.kept_database import database, kept_database
from analytics_pipelines_tests.product_export.routes.doors import call

__all__ = ["call", "database", "kept_database"]

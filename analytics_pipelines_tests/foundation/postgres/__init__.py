"""Tests of PostgreSQL: the embedded server, connections, migrations, rows as a source."""

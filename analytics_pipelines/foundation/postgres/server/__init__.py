"""Parts of the embedded PostgreSQL server: binaries, account, folders, data, credentials, process.

`foundation.postgres.embedded` puts them together; nobody else needs them.
"""

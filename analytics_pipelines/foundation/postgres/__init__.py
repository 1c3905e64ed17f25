"""PostgreSQL without a domain: which server, connections to it, its schema, and DuckDB reading from it.

Here: URLs (`urls`), one pooled engine per process (`database`), the embedded server (`embedded`, its parts
in `server/`), migrations of all rooms (`migrate`), rows as a source for the lake (`duck_source`).
Not here: any table; those stand in the rooms' `tables.py` and `migrations/`.

    with running_database(settings) as urls:
        database = Database(urls.app, name="analytics", settings=settings)
        with database.reading() as connection:
            ...
"""

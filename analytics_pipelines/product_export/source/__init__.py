"""The source of an export: one snapshot of a PostgreSQL, its tables as its catalog describes them, their types.

Here: the moment that a run copies (`moment`, `session`), what a table is made of (`describe`, `described`), and each
type's way into Parquet (`types`, which `docs/product-export-types.md` is generated from). Not here: reading rows
(`reading`), and what is wished of a table (`planning`).

    with open_snapshot(conninfo, limits) as snapshot:
        table = describe(snapshot.connection, wish)
"""

"""The product's own tables, copied from PostgreSQL into the lake, and what people ask of them.

Here: the schema `product` (users, items), its daily export, who owns how many items, and the seed that the
demo fills it with. Not here: accounts of this platform (`accounts`, a schema of its own, not linked), and the
connection itself (`foundation.postgres`).

Tables: `raw_app__users`, `raw_app__items` as exported; `core_app__users`, `core_app__items` cleaned.

The source keeps no history, so the partition of a past day holds the rows created by the end of that day that
still exist, as they are when the export runs. A range of days therefore gives the same files as its days one
by one, and a day that has not begun is left alone.

    export_users(source_conninfo, day, today())  # a Select for lake.replace, or None
    queries.items_by_user(lease)
"""

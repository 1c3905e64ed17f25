"""Tables of any PostgreSQL, copied into the lake exactly and all of one moment; the product's users and items.

Here: which tables are wanted (`wishes`, `configuration`), how each is brought over (`source`, `reading`, `planning`,
`run`), how that is checked (`verify`); the product's own rows (`models`), who may change them (`keeping`), what is
asked of their copies (`queries`, `retention`), and the seed that the demo fills them with. Not here: accounts of this
platform (`accounts`, a schema of its own, not linked), and PostgreSQL itself (`foundation.postgres`).

Tables: `raw_app__<name>` of every table that is exported, `core_app__<name>` of those that are brought over in
changes; `core_app__users` and `core_app__items`, cleaned.

    export(parts, None, [today()], today=today(), watch=watch)  # all that the settings name, in one snapshot
    queries.items_by_user(lease)
"""

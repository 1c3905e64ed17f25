"""The shell entrance: `analytics demo | up | scan | import-log | materialize | migrate | …`.

Here: commands (typer), what they print (rich), the supervisor behind `up`, the demo. Not here: any work on
rows; a command builds `Settings`, calls a room's verb and shows what came back.

    analytics scan /srv/files --share files
    analytics materialize storage_snapshots --from 2026-11-01 --to 2026-11-20
"""

"""Whether the lake holds what the source held: counts and sums at every export, every value on demand and nightly.

`summary` sums both sides up in one cheap pass; `measures` says what is counted of which type. `digest` compares every
value by md5 sums over all columns; `differing` then finds the rows that differ and names column and key range.
Nothing here writes: the source is only read, in the snapshot that was exported, and so is the lake.

    offenders = differences(summary_of_source(connection, plan, None), summary_of_file(cursor, plan, file))
"""

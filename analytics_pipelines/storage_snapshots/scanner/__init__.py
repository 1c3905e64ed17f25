"""The scanner: a walk over a file system, in small processes, into one Parquet and its manifest.

Here: workers that walk (`walker`, `walk`), rows in shared memory (`sheet`), their turn into Arrow (`arrays`, `rows`)
and Parquet (`parquet`), content hashes (`hashing`), how a snapshot is put into place (`publishing`). `scan` is the way
in. Not here: snapshots that others bring (`producers`), what the lake makes of them (`intake`).
"""

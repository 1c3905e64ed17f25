"""Rows of the source become one Parquet file per table: slice by slice, several at once, all in one snapshot.

What lives here: cutting a table into ranges of pages (`slices`), the statements that read one and write it
(`statements`), a connection that runs them (`connections`), the threads that do so side by side, with rests and with
an end (`workers`), and the reader that joins the slices (`reader`).
What does not: which columns are read and how (`planning`), which rows (`incremental`, `append`).

    with open_snapshot(conninfo, limits) as snapshot, Reader(conninfo, snapshot, limits, duck, folder) as reader:
        reader.read(plan, day, target, progress=told)
"""

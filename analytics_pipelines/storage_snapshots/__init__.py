"""What fills our disks: scans of file systems, one Parquet per share and day, and exact sums per folder.

Here: the scanner and the files that it leaves (`scan`, `walk`, `rows`, `layout`), their typed copy in the lake
(`raw_fs__entries`), sums for every directory equal to GNU `du` (`core_fs__directories`), totals of each share and
what they gained since the day before (`out_fs__growth`), and `GET /api/snapshots`. Not here: when a scan runs, and
the generation that answers are read from.

    report = scan(Path("/srv/projects"), "projects", date(2026, 11, 21), settings.snapshots_folder)
    lake.replace(ENTRIES, day, received_entries(settings.snapshots_folder, day))
    lake.replace(DIRECTORIES, day, directories(lake.scan(ENTRIES, [day])))
"""

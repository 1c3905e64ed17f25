"""What fills our disks, exactly, and how it changes: scans of file systems, one Parquet per share and day.

Here: the scanner and other producers of snapshots, their typed copy in the lake (`raw_fs__entries`), sums for every
folder equal to GNU `du` (`core_fs__directories`, `…_types`, `…_bands`), what changed since the snapshot before
(`core_fs__changes`, `core_fs__directory_changes`), totals of each share (`out_fs__growth`, `out_fs__distribution`), hot
tables for the newest snapshot, and `/api/snapshots`, `/api/search`, `/api/folders`, `/api/analytics`. Not here: when a
scan runs, and how the generation that answers are read from is built and published.

    report = scan(Path("/srv/projects"), "projects", date(2026, 11, 21), settings.snapshots_folder)
    lake.replace(ENTRIES, day, received_entries(settings.snapshots_folder, day))
    lake.replace(DIRECTORIES, day, directories(lake.scan(ENTRIES, [day])))
"""

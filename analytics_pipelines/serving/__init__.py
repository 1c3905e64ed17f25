"""Builds generations and publishes them; nothing else.

Here: what goes into a generation and its id (`plan`), the room files with native and hot tables (`native`), hard
links (`links`), the build itself, its asset and sensor, the DuckDB file for other tools (`duckdb_file`). Not here:
reading a generation (`foundation.generation`), what its tables mean and how hot ones are made (the rooms).

    built = build_generation(settings, lake, TABLES)
    built.generation.id
"""

"""What changed between snapshots: `core_fs__changes` and `core_fs__directory_changes`.

Here: with which snapshots a day is compared (`last_known`), what differs (`changes`), what was moved (`moves`). Not
here: the comparison that somebody asks for (`ask.comparison`), versions with their ends (`hot`).
"""

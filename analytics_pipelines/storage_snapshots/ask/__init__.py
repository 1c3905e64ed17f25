"""Questions about snapshots: each module is one kind of question, answered from one generation.

Here: which snapshot is meant (`chosen`), folders, search, comparison, history, heavy and idle files, duplicates,
growth. Not here: parameters and bodies of HTTP (`routes`), what is precomputed (`hot`).
"""

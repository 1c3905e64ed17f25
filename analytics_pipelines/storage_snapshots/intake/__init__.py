"""From snapshot files of any producer to `raw_fs__entries` and `core_fs__snapshots`.

Here: which columns mean what (`columns`), what can not be trusted (`received`), clean paths in pre-order (`placed`,
`preorder`), which files are new (`arrivals`). `ingest` is the way in. Not here: the layout of the files (`layout`).
"""

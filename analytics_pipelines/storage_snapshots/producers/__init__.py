"""Snapshots that do not come from our scanner: ncdu's JSON, a git repository's history, made-up ones for first looks.

Each leaves the same files as a scan: `{YYYY-MM-DD}/{share}.parquet` and a manifest, written last.
"""

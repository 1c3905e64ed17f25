"""Sums of every folder, exact where files have several names, and totals of each share.

Here: `directories` for the three tables of folders, `distribution` and `growth` for the shares; below them the forest
of folders and its sums (`forest`, `planted`, `computed`, `bands`, `extensions`). Not here: what changed.
"""

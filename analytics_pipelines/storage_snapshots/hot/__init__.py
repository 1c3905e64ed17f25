"""Hot tables of the storage snapshots, made for a generation so that answers are instant.

The newest snapshot of each share in the orders that questions need, an index of its names, and every version of each
path and folder side by side. Here: declarations (`tables`) and the SQL that makes them. Not here: questions (`ask`).
"""

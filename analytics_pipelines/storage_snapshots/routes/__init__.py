"""HTTP doors of the storage snapshots, under the paths that the storage backend's clients know."""

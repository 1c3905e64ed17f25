SELECT share, path, depth = {depth} AS is_top, file_count, size_bytes, allocated_bytes
FROM ({folders}) AS folders
WHERE share = {share} AND pre BETWEEN {first} AND {last} AND depth BETWEEN {depth} AND {deepest}

SELECT share, path, name, parent_path, depth, moved_from, {is_folder} AS is_folder,
    change <> 'added' AS was_there, change <> 'removed' AS is_there, {after}, {before}
FROM ({changes}) AS changes
WHERE ({within}) AND ({below})

-- A path is its folder's path and its name; to read millions of paths and keep a few would cost most of the time.
SELECT chosen.share, entries.name, {keys}, {columns}, folders.path AS parent_path, {is_hidden} AS is_hidden,
    CASE WHEN entries.parent_pre IS NULL THEN roots.path WHEN folders.path = '/' THEN '/' || entries.name
        ELSE folders.path || '/' || entries.name END AS path
FROM differing AS chosen
JOIN {entries} AS entries ON entries.share = chosen.share AND entries.pre = chosen.{place}
LEFT JOIN {directories} AS folders ON folders.share = entries.share AND folders.pre = entries.parent_pre
LEFT JOIN {directories} AS roots
    ON roots.share = entries.share AND roots.pre = entries.pre AND roots.parent_pre IS NULL
LEFT JOIN {hiding} AS hidden ON hidden.share = entries.share AND hidden.pre = entries.parent_pre

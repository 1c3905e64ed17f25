-- Every folder adds up what is directly in each folder below it (ancestry, inside). That counts a file once a name;
-- so for each name but the first, its size is taken off again at the deepest folder that holds both this name and the
-- one before it in pre-order (repeats), and thereby in all folders above that one.
WITH RECURSIVE
folders AS (
    SELECT share, snapshot_date, pre, path, name, parent_path, depth, greatest(coalesce(size_bytes, 0), 0) AS size,
        greatest(coalesce(allocated_bytes, 0), 0) AS allocated, CASE WHEN error IS NULL THEN 0 ELSE 1 END AS errors
    FROM entries WHERE type = 'd'
),
parents AS (
    SELECT below.share, below.pre, above.pre AS parent
    FROM folders AS below
    JOIN folders AS above ON above.share = below.share AND above.path = below.parent_path AND above.pre < below.pre
),
ancestry AS (
    SELECT share, pre AS folder, pre AS above FROM folders
    UNION ALL
    SELECT ancestry.share, ancestry.folder, parents.parent
    FROM ancestry JOIN parents ON parents.share = ancestry.share AND parents.pre = ancestry.above
),
files AS (
    SELECT entries.share, folders.pre AS folder, entries.pre, modified_at, greatest(coalesce(size_bytes, 0), 0) AS size,
        greatest(coalesce(allocated_bytes, 0), 0) AS allocated,
        CASE WHEN type IN ('f', 'l') THEN greatest(coalesce(size_bytes, 0), 0) END AS plain,
        device, inode, link_count, CASE WHEN entries.error IS NULL THEN 0 ELSE 1 END AS errors
    FROM entries JOIN folders ON folders.share = entries.share AND folders.path = entries.parent_path
    WHERE type <> 'd'
),
names AS (
    SELECT share, folder, pre, size, allocated, plain,
        lag(pre) OVER (PARTITION BY share, device, inode ORDER BY pre) AS before,
        lag(pre) OVER (PARTITION BY share, device, inode, folder ORDER BY pre) AS before_inside
    FROM files WHERE coalesce(link_count, 2) > 1 AND inode IS NOT NULL
),
repeats AS (
    SELECT names.share, names.pre, max(ancestry.above) AS folder, max(size) AS size, max(allocated) AS allocated,
        max(plain) AS plain
    FROM names
    JOIN ancestry ON ancestry.share = names.share AND ancestry.folder = names.folder AND ancestry.above < names.before
    GROUP BY names.share, names.pre
),
inside AS (
    SELECT share, folder, 1 AS files, 0 AS links, 0 AS own_links, 0 AS dirs, errors, size, allocated, plain,
        modified_at, size AS own_size, allocated AS own_allocated
    FROM files
    UNION ALL SELECT share, folder, -1, 1, 0, 0, 0, -size, -allocated, -plain, NULL, 0, 0 FROM repeats
    UNION ALL SELECT share, folder, 0, 0, 1, 0, 0, 0, 0, 0, NULL, -size, -allocated FROM names
    WHERE before_inside IS NOT NULL
    UNION ALL SELECT share, pre, 0, 0, 0, 0, errors, size, allocated, 0, NULL, size, allocated FROM folders
    UNION ALL SELECT share, parent, 0, 0, 0, 1, 0, 0, 0, 0, NULL, 0, 0 FROM parents
),
own AS (
    SELECT share, folder, sum(files) AS files, sum(links) AS links, sum(dirs) AS dirs,
        sum(files) + sum(links) - sum(own_links) AS own_files, sum(errors) AS errors,
        sum(size) AS size, sum(allocated) AS allocated, sum(plain) AS plain, min(modified_at) AS earliest,
        max(modified_at) AS latest, sum(own_size) AS own_size, sum(own_allocated) AS own_allocated
    FROM inside GROUP BY share, folder
),
below AS (
    SELECT ancestry.share, ancestry.above AS pre, sum(files) AS files, sum(links) AS links, sum(dirs) AS dirs,
        sum(errors) AS errors, sum(size) AS size, sum(allocated) AS allocated, sum(plain) AS plain,
        min(earliest) AS earliest, max(latest) AS latest
    FROM ancestry JOIN own ON own.share = ancestry.share AND own.folder = ancestry.folder
    GROUP BY ancestry.share, ancestry.above
)
SELECT folders.share, snapshot_date, folders.pre, folders.pre + below.files + below.links + below.dirs AS last_pre,
    path, name, parent_path, depth, below.files AS file_count, below.links AS extra_link_count, below.dirs AS dir_count,
    below.errors AS error_count, least(below.allocated, 9223372036854775807) AS allocated_bytes,
    least(below.size, 9223372036854775807) AS size_bytes, least(below.plain, 9223372036854775807) AS file_size_bytes,
    below.earliest AS earliest_modified_at, below.latest AS latest_modified_at, own.own_files AS own_file_count,
    own.dirs AS own_dir_count, least(own.own_allocated, 9223372036854775807) AS own_allocated_bytes,
    least(own.own_size, 9223372036854775807) AS own_size_bytes, own.latest AS own_latest_modified_at
FROM folders
JOIN below ON below.share = folders.share AND below.pre = folders.pre
JOIN own ON own.share = folders.share AND own.folder = folders.pre

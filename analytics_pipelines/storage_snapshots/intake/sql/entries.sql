-- One share: what its file says under house names (received), put into pre-order (spans, by number of the row).
-- What has entries below it is a folder, whatever its type was said to be.
SELECT
    {share} AS share,
    CAST({day} AS DATE) AS snapshot_date,
    pre,
    last_pre,
    parent_pre,
    CASE WHEN way = '' THEN '/' ELSE way END AS path,
    CASE WHEN contains(way, '�') THEN path_raw END AS path_raw,
    CASE WHEN way = '' THEN '/' ELSE name END AS name,
    CASE
        WHEN parent_pre IS NULL THEN NULL
        WHEN length(way) = length(name) + 1 THEN '/'
        ELSE left(way, length(way) - length(name) - 1)
    END AS parent_path,
    depth,
    type,
    CASE
        WHEN type <> 'd' AND ending <> '' AND trim(left(name, length(name) - length(ending) - 1), '.') <> ''
            THEN lower(ending)
    END AS extension,
    size_bytes,
    coalesce(allocated_bytes, blocks * 512) AS allocated_bytes,
    accessed_at,
    modified_at,
    changed_at,
    born_at,
    mode,
    uid,
    gid,
    owner_name,
    group_name,
    device,
    inode,
    link_count,
    link_target,
    prefix_hash,
    content_hash,
    error
FROM (
    SELECT
        named.* EXCLUDE (type, number),
        spans.pre,
        spans.last_pre,
        spans.parent_pre,
        spans.depth,
        CASE WHEN spans.last_pre > spans.pre OR spans.depth = 0 THEN 'd' ELSE coalesce(named.type, 'f') END AS type,
        CASE WHEN contains(name, '.') THEN split_part(name, '.', -1) ELSE '' END AS ending
    FROM (SELECT received.*, split_part(way, '/', -1) AS name FROM ({received}) AS received) AS named
    JOIN {spans} AS spans ON spans.number = named.number
) AS placed

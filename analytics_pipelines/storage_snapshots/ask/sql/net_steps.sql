-- From the first state to the last: what came and went in between is not told, a move of several steps is one.
WITH RECURSIVE told AS (
    SELECT changes.*, {is_folder} AS is_folder,
        row_number() OVER (PARTITION BY share, path ORDER BY snapshot_date) AS place,
        row_number() OVER (PARTITION BY share, path ORDER BY snapshot_date DESC) AS place_from_end
    FROM ({changes}) AS changes
    WHERE {within}
),
net AS (
    SELECT closing.share, closing.path, closing.name, closing.parent_path, closing.depth, closing.is_folder,
        opening.change <> 'added' AS was_there, closing.change <> 'removed' AS is_there, {closing}, {opening}
    FROM told AS opening
    JOIN told AS closing ON closing.share = opening.share AND closing.path = opening.path
    WHERE opening.place = 1 AND closing.place_from_end = 1
        AND (opening.change <> 'added' OR closing.change <> 'removed')
        AND (opening.change = 'added' OR closing.change = 'removed' OR {differs})
),
arrivals AS (
    SELECT share, path, moved_from, snapshot_date,
        lead(snapshot_date) OVER (PARTITION BY share, path ORDER BY snapshot_date) AS next_date
    FROM told WHERE change = 'added'
),
chains AS (
    SELECT net.share, net.path, arrivals.moved_from AS origin, arrivals.snapshot_date
    FROM net
    JOIN arrivals ON arrivals.share = net.share AND arrivals.path = net.path AND arrivals.next_date IS NULL
    WHERE NOT net.was_there AND arrivals.moved_from IS NOT NULL
    UNION ALL
    SELECT chains.share, chains.path, arrivals.moved_from, arrivals.snapshot_date
    FROM chains
    JOIN arrivals ON arrivals.share = chains.share AND arrivals.path = chains.origin
        AND arrivals.snapshot_date < chains.snapshot_date
        AND (arrivals.next_date IS NULL OR arrivals.next_date >= chains.snapshot_date)
),
begun AS (
    SELECT chains.share, chains.path, chains.origin,
        row_number() OVER (PARTITION BY chains.share, chains.path ORDER BY snapshot_date) AS place
    FROM chains
),
origins AS (
    SELECT begun.share, begun.path, begun.origin
    FROM begun
    JOIN net AS gone ON gone.share = begun.share AND gone.path = begun.origin AND NOT gone.is_there
    WHERE begun.place = 1
)
SELECT net.share, net.path, net.name, net.parent_path, net.depth, origins.origin AS moved_from, net.is_folder,
    net.was_there, net.is_there, {after}, {before}
FROM net
LEFT JOIN origins ON origins.share = net.share AND origins.path = net.path
WHERE {below}

-- Each moved file votes for its folder having gone where the file went, and for the folders above as far up as their
-- names stay; a folder goes where more than half of the files went that it had, and each goes to one place.
WITH RECURSIVE votes AS (
    SELECT gone.share, gone.parent_path AS source, come.parent_path AS target, count(*) AS votes
    FROM {used} AS used
    JOIN gone ON gone.share = used.share AND gone.path = used.moved_from AND gone.type <> 'd'
    JOIN come ON come.share = used.share AND come.path = used.moved_to
    GROUP BY gone.share, gone.parent_path, come.parent_path
    UNION ALL
    SELECT votes.share, gone.parent_path, come.parent_path, votes.votes
    FROM votes
    JOIN gone ON gone.share = votes.share AND gone.path = votes.source AND gone.type = 'd'
    JOIN come ON come.share = votes.share AND come.path = votes.target AND come.type = 'd' AND come.name = gone.name
),
files AS (
    SELECT share, parent_path AS folder, count(*) AS files FROM gone WHERE type <> 'd' GROUP BY share, parent_path
    UNION ALL
    SELECT files.share, gone.parent_path, files.files
    FROM files JOIN gone ON gone.share = files.share AND gone.path = files.folder AND gone.type = 'd'
),
had AS (SELECT share, folder, sum(files) AS files FROM files GROUP BY share, folder),
counted AS (SELECT share, source, target, sum(votes) AS votes FROM votes GROUP BY share, source, target),
likely AS (
    SELECT counted.*, CASE WHEN come.name = gone.name THEN 0 ELSE 1 END AS renamed
    FROM counted
    JOIN had ON had.share = counted.share AND had.folder = counted.source AND counted.votes * 2 > had.files
    JOIN gone ON gone.share = counted.share AND gone.path = counted.source AND gone.type = 'd'
    JOIN come ON come.share = counted.share AND come.path = counted.target AND come.type = 'd'
    ANTI JOIN {used} AS sent ON sent.share = counted.share AND sent.moved_from = counted.source
    ANTI JOIN {used} AS taken ON taken.share = counted.share AND taken.moved_to = counted.target
),
ranked AS (
    SELECT share, source, target,
        row_number() OVER (PARTITION BY share, source ORDER BY votes DESC, renamed, target) AS place_of_target,
        row_number() OVER (PARTITION BY share, target ORDER BY votes DESC, renamed, source) AS place_of_source
    FROM likely
)
SELECT share, source AS moved_from, target AS moved_to FROM ranked WHERE place_of_target = 1 AND place_of_source = 1

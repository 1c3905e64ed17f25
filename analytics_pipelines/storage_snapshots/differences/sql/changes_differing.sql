-- Entries are found by their folder's place and their name, far shorter than paths; equal ones end here.
SELECT {share} AS share, after.pre, earlier.pre AS before_pre, {after}, {before}
FROM (
    SELECT entries.pre, folders.before_pre AS folder, entries.name, {columns}
    FROM after_entries AS entries
    LEFT JOIN (SELECT pre, before_pre FROM folders WHERE share = {share}) AS folders
        ON folders.pre = coalesce(entries.parent_pre, -1)
    WHERE entries.share = {share}
) AS after
FULL JOIN (
    SELECT pre, coalesce(parent_pre, -1) AS folder, name, {columns}
    FROM before_entries
    WHERE share = {share} AND snapshot_date = {previous}
) AS earlier
    ON earlier.folder = after.folder AND earlier.name = after.name
WHERE after.pre IS NULL OR earlier.pre IS NULL OR {differs}

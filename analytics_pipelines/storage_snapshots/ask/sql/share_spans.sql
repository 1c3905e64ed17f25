-- The last position of each share.
SELECT share, last_pre FROM ({folders}) AS folders WHERE pre = 0 ORDER BY share

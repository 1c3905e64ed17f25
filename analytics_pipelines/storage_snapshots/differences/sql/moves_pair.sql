SELECT gone.share, gone.path AS moved_from, come.path AS moved_to
FROM ({gone}) AS gone
JOIN ({come}) AS come
    ON come.share = gone.share AND come.type = gone.type AND come.place = gone.place AND {alike}
WHERE NOT coalesce({unless}, false)

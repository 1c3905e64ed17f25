SELECT side.*, row_number() OVER (PARTITION BY side.share, side.type, {key} ORDER BY side.path) AS place
FROM {side} AS side
SEMI JOIN {other} AS other ON other.share = side.share AND other.type = side.type AND {alike}
ANTI JOIN {used} AS used ON used.share = side.share AND used.{end} = side.path
WHERE {given}

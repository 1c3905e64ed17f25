-- Names in their order.
SELECT position, folded_name FROM {names} AS names

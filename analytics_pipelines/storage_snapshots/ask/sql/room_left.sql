SELECT share, capacity_bytes, available_bytes
FROM ({snapshots}) AS snapshots

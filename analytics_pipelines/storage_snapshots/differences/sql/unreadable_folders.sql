SELECT share, path FROM entries WHERE error IS NOT NULL AND type = 'd' ORDER BY share, path

SELECT path, pre, last_pre FROM directories
WHERE share = $share AND path IN (SELECT unnest($paths)) AND last_pre > pre
ORDER BY pre

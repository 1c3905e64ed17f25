-- Blocks of names in which three characters follow each other somewhere.
SELECT block FROM hot_fs__grams WHERE gram = $gram

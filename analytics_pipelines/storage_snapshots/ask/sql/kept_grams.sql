-- Every piece of names with the blocks that have it.
SELECT gram, block FROM {grams} AS grams

"""Tests of the house itself: sizes, signs, names, units, docs, imports."""

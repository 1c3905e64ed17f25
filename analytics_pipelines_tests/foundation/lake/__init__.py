"""Tests of the lake: round trips, repeatable bytes, readers and writers at once."""

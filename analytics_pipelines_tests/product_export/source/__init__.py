"""Tests of the source: its catalog, types, snapshot and failures."""

"""Tests of the cage: what is refused in it is tried in real processes."""

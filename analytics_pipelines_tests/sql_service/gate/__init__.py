"""Tests of the gate: what may run."""

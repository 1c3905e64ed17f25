"""Tests of the doors of accounts."""

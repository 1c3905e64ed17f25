"""Tests of what is kept of users' work."""

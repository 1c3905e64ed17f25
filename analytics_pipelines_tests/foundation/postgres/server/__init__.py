"""Tests of the parts of the embedded server."""

"""Tests of the package verify."""

"""Correlation and regression over arrays of numbers; who knows plans and rows hands complete ones in."""

"""Figures, measured side by side in one run: `uv run --extra bench python -m benchmarks.lake`.

Every benchmark prints its figures as ratios with the peers beside them, medians of several runs, and as its last
line one JSON object: `{"benchmark", "figures": {name: value}, "goals": {name: "<= 1.3"}, "missed": [name]}`.
"""

"""Pictures of answers: what is drawn (`source`), as Vega-Lite (`draw`), as PNG (`png`), and of a `profile`."""

"""What comes next in a series: models tried on its own past, the best of them carried on, with intervals.

Entrance: `forecast.forecast`. Everything is a function of the numbers given: no clock, no chance, no file.
"""

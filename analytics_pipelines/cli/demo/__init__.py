"""`analytics demo`: the main job once, on this machine's own data, end to end.

Here: the folder that changes between two scans, the visitors that browse, the steps with their times, the
summary. Not here: anything that a room can do; the demo only calls rooms the way any user would.

    analytics demo --no-serve
"""

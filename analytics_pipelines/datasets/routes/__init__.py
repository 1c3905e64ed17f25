"""The doors of the room: uploads and datasets, plans, what they gave, and tables of the lake as their subjects."""

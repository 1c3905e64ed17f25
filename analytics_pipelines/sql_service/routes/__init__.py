"""The HTTP doors of the room: queries, batches, explanations, what runs, health and statistics; exports and catalog."""

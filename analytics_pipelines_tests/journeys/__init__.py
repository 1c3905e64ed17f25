"""From a source to an answer, one journey a room."""

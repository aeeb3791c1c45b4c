"""From a chart to what the engine yields: notes, remarks and pieces of audio."""

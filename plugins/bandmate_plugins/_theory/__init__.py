"""Keys and chords of notes, in plain Python: the bridge imports it too."""

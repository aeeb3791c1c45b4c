"""What the engine hears of a recording: chords, key, strokes, a melody."""

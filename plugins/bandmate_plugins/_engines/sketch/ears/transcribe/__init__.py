"""What a recording plays, on a known grid: strokes, bass, melody and chords, and how clear they are."""

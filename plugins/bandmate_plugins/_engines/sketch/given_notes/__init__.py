"""Notes that the musician gives: who plays them, what band plays around them, and their key and chords."""

"""MIDI as it comes: notes from their events, and standard MIDI files."""

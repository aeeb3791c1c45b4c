"""MIDI as a face of the control model."""

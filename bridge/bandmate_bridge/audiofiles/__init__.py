"""The audio and MIDI files that Bandmate writes."""

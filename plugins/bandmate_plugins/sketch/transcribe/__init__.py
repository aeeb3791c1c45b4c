"""Writes down what a recording plays on a known grid: hits, bass, melody, chords, form, each with how sure it is."""

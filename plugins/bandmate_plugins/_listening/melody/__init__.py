"""Melodies: one note at a time, out of a mix or sung by a voice that is alone."""

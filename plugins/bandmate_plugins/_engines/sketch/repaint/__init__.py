"""Repainting: composes into a recording what fits to the music around a range, or anew what was made here.

docs/repaint.md says what is listened to, and how well it fits.
"""

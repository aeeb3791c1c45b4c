"""The version of what is detected."""

from __future__ import annotations

LISTENING_VERSION = "4"
"""Counts up whenever the same audio may give other beats, keys, chords, strokes or notes than before.

2: covers, accompaniments, repaints and analyses read chords and keys in the same way.
3: chords are also read by how well a plain triad fits, suspended ones are rarer, and music in many keys has chords.
4: music over clear roots that is in no clear key, as heavy riffs are, tells roots and fifths.
"""

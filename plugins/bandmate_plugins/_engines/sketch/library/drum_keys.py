"""The MIDI notes of drums."""

from __future__ import annotations

DRUM_PITCHES = {
    "snap": 26, "high_q": 27, "slapstick": 28, "scratch_push": 29, "scratch_pull": 30, "sticks": 31,
    "square_click": 32, "metronome_click": 33, "metronome_bell": 34, "kick_2": 35, "kick": 36, "rim": 37,
    "snare": 38, "clap": 39, "brush": 40, "deep_tom": 41, "hat": 42, "floor_tom": 43, "pedal": 44,
    "low_tom": 45, "open": 46, "mid_tom": 47, "hi_mid_tom": 48, "crash": 49, "high_tom": 50, "ride": 51,
    "china": 52, "bell": 53, "tambourine": 54, "splash": 55, "cowbell": 56, "crash_2": 57, "vibraslap": 58,
    "ride_2": 59, "bongo_high": 60, "bongo_low": 61, "conga_slap": 62, "conga": 63, "conga_low": 64,
    "timbale": 65, "timbale_low": 66, "agogo": 67, "agogo_low": 68, "cabasa": 69, "maracas": 70,
    "whistle": 71, "whistle_long": 72, "guiro": 73, "guiro_long": 74, "clave": 75, "block": 76,
    "block_low": 77, "cuica_mute": 78, "cuica": 79, "triangle_mute": 80, "triangle": 81, "shaker": 82,
    "sleigh_bells": 83, "bell_tree": 84, "castanets": 85, "surdo_mute": 86, "surdo": 87,
}  # fmt: skip
"""Drums by name and their General MIDI (level 2) notes; snaps have that of GS and XG, for GM has none."""

DRUM_NAMES = {pitch: name for name, pitch in DRUM_PITCHES.items()}
"""The same the other way round."""

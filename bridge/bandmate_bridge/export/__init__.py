"""Whole projects in another format: one of REAPER as a DAWproject, and the way back.

`to_dawproject` turns tracks and items into channels and clips, `to_reaper` lays out what was read of an archive; both
say what the other format cannot hold.
"""

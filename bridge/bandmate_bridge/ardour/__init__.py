"""Ardour sessions (of version 7 and later): read as a project, and extended without touching anything else.

What is read becomes the same tracks, items and tempo map as a REAPER project has, by the writer of
`xml_projects`. `session_clock` and the `read_` modules read; `new_elements` and `session_text` write; `session` is the
project.
"""

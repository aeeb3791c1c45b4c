"""DAWproject archives (format 1.0): read as a project, extended without touching anything else, and written.

What is read becomes the same tracks, items and tempo map as a REAPER project has, so that everything that works on
one works on the other. `archive` and `xml_tree` read safely; `reading` and what it uses turn the arrangement into
items; `writing` makes elements of what is put in.
"""

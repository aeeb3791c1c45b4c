"""DAWproject archives (format 1.0): read as a project, extended without touching anything else, and written.

What is read becomes the same tracks, items and tempo map as a REAPER project has, so that everything that works on
one works on the other. `archive` reads safely; `as_rpp` and the `read_` modules turn the arrangement into items;
`new_clips` makes elements of what is put in, and `project` is the project in hand.
"""

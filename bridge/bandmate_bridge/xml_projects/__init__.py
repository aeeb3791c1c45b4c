"""Projects that are XML: what DAWprojects and Ardour sessions have in common.

`xml_tree` reads safely and keeps the text. What was read is in `heard_clips` and `mixer_tracks`; `document_writer`
makes tracks and items of a REAPER project of it, and `project` is such a project in hand.
"""

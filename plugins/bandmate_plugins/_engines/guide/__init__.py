"""Guides: music by the embedded band, on the project's chords or melody, that leads the engine of a model.

An engine composes one with `GuideComposer`, and gives its audio to its model as it would a source to be covered.
"""

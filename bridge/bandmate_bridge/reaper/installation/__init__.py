"""Putting Bandmate into REAPER, and taking it out again."""

"""Backings and layers for a recording."""

"""Harmony, measures, form and rhythm."""

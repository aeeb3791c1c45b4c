"""Whose jobs these are."""

from __future__ import annotations

OWNER = "acestep-api"
"""Whose quota of jobs every client of this API shares."""

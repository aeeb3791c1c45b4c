"""Whose jobs these are."""

from __future__ import annotations

OWNER = "acestep-cpp-api"
"""Whose quota of jobs every client of this API shares."""

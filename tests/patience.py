"""How long tests wait for what must come: so long that only what never comes runs out of it."""

PATIENCE_SECONDS = 300.0
"""Less than the timeout of a test (pyproject.toml), whose report does not say what was waited for."""

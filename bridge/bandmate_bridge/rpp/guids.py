"""New ids in REAPER's form."""

import uuid


def new_guid() -> str:
    """Such as `{9B4E2A50-...}`; no two alike."""
    return "{" + str(uuid.uuid4()).upper() + "}"

"""Which folders there are to look at."""

from __future__ import annotations

from pathlib import Path

from bandmate_plugins._platform import home
from bandmate_protocol.errors import BandmateError
from bandmate_server.config import load_settings


def data_folder() -> Path:
    """As the settings have it; settings that cannot be read are another finding."""
    try:
        return load_settings().data
    except BandmateError:
        return home.data_dir()

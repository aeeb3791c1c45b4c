"""The REAPER bridge: the agent beside REAPER, the mailbox between the two, and what installs the scripts."""

from importlib import resources
from importlib.resources.abc import Traversable


def windows_installer() -> Traversable:
    """The file that installs Bandmate on Windows by a double click."""
    return resources.files(__name__) / "windows" / "install-bandmate.bat"

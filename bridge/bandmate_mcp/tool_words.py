"""Remedies in the words of an assistant: a tool does what a command does for people."""

from __future__ import annotations

import re

_COMMAND = re.compile(r"`bandmate (jobs (?:keep|drop|restore)|[a-z]+)[^`]*`")
_TOOLS = {
    "analyse": "analyse",
    "cancel": "cancel_job",
    "fetch": "save_job",
    "generate": "generate",
    "jobs": "list_jobs",
    "jobs drop": "drop_jobs",
    "jobs keep": "annotate_job",
    "jobs restore": "restore_jobs",
    "pull": "pull_model",
    "redo": "redo_job",
}
"""By the first words of a command. Others stay as they are: the user can run them."""


def in_tool_words(text: str) -> str:
    """A sentence or remedy with tools instead of commands."""
    return _COMMAND.sub(_tool_of, text)


def _tool_of(command: re.Match[str]) -> str:
    tool = _TOOLS.get(command[1])
    return f"`{tool}`" if tool else command[0]

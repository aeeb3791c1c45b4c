"""Prompts for usual wishes: which tools to call, in which order, and what to tell the musician."""

from __future__ import annotations

from mcp.server.mcpserver import MCPServer


def describe_song(project: str) -> str:
    """Describe a project: form, tempo, key, chords, energy."""
    return (
        f"Describe the project {project}. Call read_project, then analyse for the tracks with audio that "
        "matter. Say its form, tempo, metre, key and chords, and where it is loud and where it is quiet. Name "
        "bars as REAPER's ruler shows them. Change nothing."
    )


def add_part(project: str, wish: str) -> str:
    """Add a part to a song, such as a bass line in the chorus."""
    return (
        f"In the project {project}: {wish}. Call read_project first, to find the section and the tracks that "
        "play there. Then call generate once, with the section or a range. Say what was added, on which track "
        "and in which bars, and that one undo step removes it."
    )


def fix_passage(project: str, track: str, passage: str, wish: str) -> str:
    """Make a passage again; the old take stays."""
    return (
        f"In the project {project}, repaint {passage} of the track {track}: {wish}. Call read_project to find "
        "the bars, then repaint. Offer a second seed by redo_job if the musician does not like it. The old "
        "take stays."
    )


def band_around_recording(file: str, style: str) -> str:
    """Make a band around a voice or a solo instrument."""
    return (
        f"Analyse {file}, then call accompany with it: {style}. Take tempo and key from the analysis. Hand "
        "back a preview, and ask before you write files."
    )


def choose_take(first: str, second: str) -> str:
    """Compare two takes by what can be measured."""
    return (
        f"Call compare_takes with {first} and {second}, and preview for both. Say the measured differences in "
        "plain words. Leave the choice to the musician: measurements do not say what sounds better."
    )


def add_prompts(server: MCPServer) -> None:
    """Adds the prompts."""
    for prompt in (describe_song, add_part, fix_passage, band_around_recording, choose_take):
        server.prompt()(prompt)

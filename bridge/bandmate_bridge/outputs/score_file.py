"""A score as a file: ABC or MusicXML, as its ending says."""

from __future__ import annotations

from pathlib import Path

from bandmate_bridge.files import check_free, write_whole
from bandmate_plugins._score.abc_writer import write_abc
from bandmate_plugins._score.musicxml_writer import write_musicxml
from bandmate_plugins._score.score import Score
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_WRITERS = {".abc": write_abc, ".musicxml": write_musicxml, ".xml": write_musicxml}


def check_score_file(file: Path, *, replace: bool = False) -> None:
    """Raises RequestError: `bad_params` for an ending that is no score's, `file_exists`, `file_unusable`."""
    if file.suffix.lower() not in _WRITERS:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("{name} is neither ABC nor MusicXML.", name=file.name),
            "End the name with .abc or .musicxml.",
        )
    check_free(file, replace=replace)


def write_score(file: Path, score: Score, *, replace: bool = False) -> None:
    """Writes a score whole or not at all. Raises RequestError as `check_score_file`."""
    check_score_file(file, replace=replace)
    text = _WRITERS[file.suffix.lower()](score)
    write_whole(file, text.encode("utf-8"), replace=replace)

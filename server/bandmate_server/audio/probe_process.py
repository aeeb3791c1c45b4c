"""The process that looks into a file.

`python -m bandmate_server.audio.probe_process PATH` answers in JSON.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from bandmate_protocol.errors import RequestError
from bandmate_server.audio.decoder import AudioDecoder
from bandmate_server.audio.headers import AudioHeader, UnusableAudio


def probe_file(path: Path) -> AudioHeader | UnusableAudio:
    """What is in a file, or why it cannot be used."""
    try:
        decoder = AudioDecoder(path)
    except RequestError as error:
        return UnusableAudio(error.sentence, error.remedy)
    decoder.close()
    return decoder.header


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(probe_file(Path(sys.argv[1]))))

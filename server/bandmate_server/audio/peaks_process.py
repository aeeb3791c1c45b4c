"""The process that makes the peaks of a file that came up, or of a stem that has none.

`python -m bandmate_server.audio.peaks_process AUDIO TARGET [SAMPLE_RATE CHANNELS]`; the last two for a stem's bare
frames. Ends with 1 when the file is no audio.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bandmate_protocol.errors import RequestError
from bandmate_server.audio.decoder import AudioDecoder
from bandmate_server.audio.peaks import PeakMeter


def write_peaks(audio: Path, target: Path, layout: tuple[int, int] | None) -> None:
    """Reads a whole file. Raises RequestError (`input_unusable`) and OSError."""
    meter, decoder = PeakMeter(), AudioDecoder(audio, layout)
    try:
        for block in decoder.blocks(0, decoder.header.frames):
            meter.add(block)
    finally:
        decoder.close()
    meter.write_file(target)


if __name__ == "__main__":
    source, target, *layout = sys.argv[1:]
    try:
        write_peaks(Path(source), Path(target), (int(layout[0]), int(layout[1])) if layout else None)
    except RequestError as error:
        sys.exit(f"{error.sentence} {error.remedy}")

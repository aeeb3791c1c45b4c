"""DAWprojects as other programs write them, and readers of the archive that are not ours."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import soundfile

RATE = 48_000


def noise(seconds: float, seed: int = 0, channels: int = 2) -> np.ndarray:
    """Floats that no two frames share."""
    samples = np.random.default_rng(seed).uniform(-0.5, 0.5, (round(seconds * RATE), channels))
    return samples.astype(np.float32)


def wav(path: Path, samples: np.ndarray) -> Path:
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    return path


def audio(path: str = "audio/a.wav", seconds: float = 8.0, external: bool = False) -> str:
    outside = ' external="true"' if external else ""
    return (
        f'<Audio channels="2" duration="{seconds}" sampleRate="{RATE}"><File path="{path}"{outside}/></Audio>'
    )


def project(
    clips: str = "",
    *,
    lanes: str = 'timeUnit="beats"',
    tempo: str = "120",
    automation: str = "",
    markers: str = "",
    tracks: str = "",
    version: str = "1.0",
) -> str:
    """One audio track `Guitar` with clips, another with what is in ``tracks``, and a master."""
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Project version="{version}">
  <Application name="A DAW" version="5"/>
  <Transport>
    <Tempo max="666" min="20" unit="bpm" value="{tempo}" id="id0" name="Tempo"/>
    <TimeSignature denominator="4" numerator="4" id="id1"/>
  </Transport>
  <Structure>
    <Track contentType="audio" loaded="true" id="id2" name="Guitar" color="#a2eabf">
      <Channel audioChannels="2" destination="id9" role="regular" solo="false" id="id3">
        <Mute value="false" id="id4" name="Mute"/>
        <Pan max="1" min="0" unit="normalized" value="0.25" id="id5" name="Pan"/>
        <Volume max="2" min="0" unit="linear" value="0.5" id="id6" name="Volume"/>
      </Channel>
    </Track>{tracks}
    <Track contentType="audio notes" loaded="true" id="id8" name="Master">
      <Channel audioChannels="2" role="master" solo="false" id="id9"/>
    </Track>
  </Structure>
  <Arrangement id="id10">
    <Lanes {lanes} id="id11">
      <Lanes track="id2" id="id12">
        <Clips id="id13">{clips}</Clips>
      </Lanes>
    </Lanes>{markers}{automation}
  </Arrangement>
  <Scenes/>
</Project>
"""


def archive(path: Path, xml: str, *, seconds: float = 8.0, more: dict[str, bytes] | None = None) -> Path:
    """An archive with 8 s of noise as `audio/a.wav`, and the state of a plug-in."""
    file = wav(path.with_suffix(".wav"), noise(seconds))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("project.xml", xml)
        written.writestr("metadata.xml", "<MetaData><Title>A song</Title></MetaData>")
        written.write(file, "audio/a.wav")
        written.writestr("plugins/état.preset", bytes(range(256)) * 8)
        for name, data in (more or {}).items():
            written.writestr(name, data)
    file.unlink()
    return path


def read_xml(path: Path) -> ElementTree.Element:
    """`project.xml` by the standard library's parser."""
    with zipfile.ZipFile(path) as opened:
        assert opened.testzip() is None
        return ElementTree.fromstring(opened.read("project.xml"))


def records(path: Path) -> dict[str, bytes]:
    """Each entry as it lies in the file: header, packed bytes, all."""
    data = path.read_bytes()
    with zipfile.ZipFile(path) as opened:
        starts = sorted(info.header_offset for info in opened.infolist())
        ends = dict(zip(starts, [*starts[1:], opened.start_dir], strict=True))
        return {
            info.filename: data[info.header_offset : ends[info.header_offset]] for info in opened.infolist()
        }

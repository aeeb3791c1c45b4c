"""Small sessions as Ardour 7 writes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

RATE = 48_000
SUPERCLOCKS = 282_240_000
FRAME = SUPERCLOCKS // RATE
SECONDS = 12.0
END = round(SECONDS * SUPERCLOCKS)


def noise(seconds: float = SECONDS, seed: int = 0) -> np.ndarray:
    """Stereo floats that no two frames share."""
    samples = np.random.default_rng(seed).uniform(-0.5, 0.5, (round(seconds * RATE), 2))
    return samples.astype(np.float32)


def region(
    name: str = "Riff",
    start: float = 0.0,
    seconds: float = SECONDS,
    *,
    offset: float = 0.0,
    id_: int = 60,
    layer: int = 0,
    length: str = "",
    more: str = 'muted="0" opaque="1"',
    inside: str = "",
) -> str:
    """A region of both sources."""
    span = length or f"a{round(seconds * SUPERCLOCKS)}@a{round(start * SUPERCLOCKS)}"
    return (
        f'<Region name="{name}" {more} whole-file="0" start="a{round(offset * SUPERCLOCKS)}" length="{span}" '
        f'sync-position="a0" layering-index="{layer}" envelope-active="0" fade-in-active="1" '
        f'fade-out-active="1" scale-amplitude="1" id="{id_}" type="audio" source-0="50" source-1="51" '
        f'channels="2">\n        <Envelope default="yes"/>{inside}\n      </Region>'
    )


TEMPO = (
    '<Tempos><Tempo npm="120" enpm="120" note-type="4" type="Tempo::Constant" active="1" sclock="0" '
    'quarters="0:0" bbt="1|1|0" omega="0"/></Tempos>'
    '<Meters><Meter note-value="4" divisions-per-bar="4" sclock="0" quarters="0:0" bbt="1|1|0"/></Meters>'
)


def session(
    regions: str = "",
    *,
    version: str = "7002",
    rate: int = RATE,
    tempo: str = TEMPO,
    locations: str = "",
    playlists: str = "",
    master: bool = True,
) -> str:
    """A session with a track `Guitar`, at half its level, and a master bus."""
    bus = """
    <Route version="7002" id="20" name="Master" default-type="audio" active="1">
      <PresentationInfo order="0" flags="MasterOut,OrderSet" color="0"/>
      <IO name="Master" id="21" direction="Input" default-type="audio">
        <Port type="audio" name="Master/audio_in 1"/>
        <Port type="audio" name="Master/audio_in 2"/>
      </IO>
    </Route>"""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Session version="{version}" name="song" sample-rate="{rate}" session-range-is-free="1" id-counter="90">
  <ProgramVersion created-with="Ardour 7.3.0" modified-with="Ardour 7.3.0"/>
  <Config>
    <Option name="native-file-data-format" value="FormatFloat"/>
  </Config>
  <Metadata/>
  <Sources>
    <Source name="Guitar-1%L.wav" take-id="" type="audio" flags="" id="50" channel="0" origin="" gain="1"/>
    <Source name="Guitar-1%R.wav" take-id="" type="audio" flags="" id="51" channel="0" origin="" gain="1"/>
  </Sources>
  <Regions/>
  <Locations>
    <Location id="70" name="session" start="a0" end="a{END}" flags="IsSessionRange"/>{locations}
  </Locations>
  <Routes>{bus if master else ""}
    <Route version="7002" id="30" name="Guitar" default-type="audio" active="1" audio-playlist="40" mode="Normal">
      <PresentationInfo order="1" flags="AudioTrack,OrderSet" color="2733293567"/>
      <IO name="Guitar" id="31" direction="Output" default-type="audio">
        <Port type="audio" name="Guitar/audio_out 1">
          <Connection other="Master/audio_in 1"/>
        </Port>
      </IO>
      <Controllable name="mute" id="32" flags="Toggle,RealTime" value="0"/>
      <Processor id="33" name="Amp" active="1" type="amp">
        <Controllable name="gaincontrol" id="34" flags="GainLike" value="0.5"/>
      </Processor>
    </Route>
  </Routes>
  <Playlists>
    <Playlist id="40" name="Guitar" type="audio" orig-track-id="30">
      {regions or region()}
    </Playlist>
  </Playlists>
  <UnusedPlaylists>{playlists}</UnusedPlaylists>
  <TempoMap superclocks-per-second="{SUPERCLOCKS}">{tempo}<MusicTimes/></TempoMap>
  <Script lua="Lua 5.3">c2NyaXB0cyA9IHt9IA==</Script>
</Session>
"""


def write_session(folder: Path, xml: str, *, rate: int = RATE) -> Path:
    """A session's folder with its two files of audio; returns the session file."""
    media = folder / "interchange" / "song" / "audiofiles"
    media.mkdir(parents=True)
    for channel, side in enumerate("LR"):
        soundfile.write(media / f"Guitar-1%{side}.wav", noise()[:, channel], rate, subtype="FLOAT")
    file = folder / "song.ardour"
    file.write_text(xml, "utf-8")
    return file

"""Projects as REAPER 5, 6 and 7 write them, built here, and an independent reader of the format."""

from __future__ import annotations

import base64

import rpp

_BLOB = base64.b64encode(bytes(range(256)) * 2).decode()


def blob_lines(margin: str) -> list[str]:
    """The state of a plug-in, in lines of 128 characters as REAPER breaks them."""
    return [margin + _BLOB[at : at + 128] for at in range(0, len(_BLOB), 128)]


TEMPO_ENVELOPE_7 = [
    "  <TEMPOENVEX",
    "    EGUID {B0C12A33-2AF5-EE84-FE1F-54582F46C894}",
    "    ACT 1 -1",
    "    VIS 1 0 1",
    "    LANEHEIGHT 0 0",
    "    ARM 0",
    "    DEFSHAPE 1 -1 -1",
    '    PT 0 120 1 262148 0 1 0 "" 0 169 0 ABBB',
    '    PT 8 60 0 393219 0 1 0 "" 0 41 0 ABB',
    "    PT 16 120 1",
    "  >",
]
"""4/4 at 120, from 8 s on 3/6 from 60 to 120 at 16 s."""


def reaper7(*, newline: str = "\n") -> bytes:
    """Two tracks in a folder and one after it, takes, fades, a section, plug-ins, notes, extensions."""
    lines = [
        '<REAPER_PROJECT 0.1 "7.52/linux-x86_64" 1762965367 0',
        "  <NOTES 0 2",
        "    |A song > with < marks",
        '    |and "quotes" \' ` of all kinds',
        "    |>",
        "  >",
        "  RIPPLE 0 0",
        "  PROJOFFS 0 0 0",
        "  CURSOR 1.5",
        "  LOOP 1",
        '  RECORD_PATH "Audio files" ""',
        "  <RECORD_CFG",
        "    ZXZhdxgAAQ==",
        "  >",
        "  SAMPLERATE 44100 1 0",
        "  TEMPO 120 4 4 0",
        "  SELECTION 4 8",
        "  SELECTION2 2 6",
        *TEMPO_ENVELOPE_7,
        "  MARKER 1 2.5 Intro 0 0 1 R {5B0D4C1A-0000-4000-8000-000000000001} 0",
        '  MARKER 2 4 "Verse one" 1 16826485 1 R {5B0D4C1A-0000-4000-8000-000000000002} 0',
        '  MARKER 2 12 "" 1',
        "  <PROJBAY",
        "  >",
        *_track7("Band", "1 1", "{AAAAAAAA-0000-4000-8000-000000000001}"),
        *_track7("Drums", "0 0", "{AAAAAAAA-0000-4000-8000-000000000002}", *_takes7()),
        *_track7("\"My 'bass'\"", "2 -1", "{AAAAAAAA-0000-4000-8000-000000000003}", *_section7(), *_fx7()),
        *_track7('""', "0 0", "{AAAAAAAA-0000-4000-8000-000000000004}", *_midi7()),
        "  <EXTENSIONS",
        "    <S&M_CYCLACTIONS",
        '      "a b" 1',
        "    >",
        "  >",
        ">",
    ]
    return (newline.join(lines) + newline).encode()


def _track7(name: str, bus: str, guid: str, *inside: str) -> list[str]:
    return [
        f"  <TRACK {guid}",
        f"    NAME {name}",
        "    PEAKCOL 23136448",
        "    BEAT -1",
        f"    ISBUS {bus}",
        "    SHOWINMIX 1 0.6667 0.5 1 0.5 0 0 0 0",
        "    FIXEDLANES 9 0 0 0 0",
        "    SEL 1",
        f"    TRACKID {guid}",
        "    MAINSEND 1 0",
        *inside,
        "  >",
    ]


def _takes7() -> list[str]:
    return [
        "    <ITEM",
        "      POSITION 4",
        "      SNAPOFFS 0.25",
        "      LENGTH 3.99999999999999",
        "      LOOP 1",
        "      FADEIN 1 0.01 0 1 0 0 0",
        "      FADEOUT 1 0 0.5 1 0 0 0",
        "      MUTE 0 0",
        "      SEL 1",
        "      IGUID {BBBBBBBB-0000-4000-8000-000000000001}",
        "      IID 7",
        '      NAME "take one.wav"',
        "      VOLPAN 1 0 1 -1",
        "      SOFFS 0.5",
        "      PLAYRATE 1.25 0 -2 -1 0 0.0025",
        "      CHANMODE 3",
        "      GUID {CCCCCCCC-0000-4000-8000-000000000001}",
        "      <SOURCE WAVE",
        '        FILE "Audio files\\\\take one.wav"'.replace("\\\\", "\\"),
        "      >",
        "      TAKE NULL",
        "      TAKE SEL",
        "      NAME 'take \"two\"'",
        "      TAKEVOLPAN 0 1 -1",
        "      SOFFS 0",
        "      PLAYRATE 1 1 0 -1 0 0.0025",
        "      CHANMODE 0",
        "      GUID {CCCCCCCC-0000-4000-8000-000000000002}",
        "      <SOURCE FLAC",
        '        FILE "Audio files/two.flac" 1',
        "      >",
        "      SM 0 0 + 1 1.1",
        "    >",
    ]


def _section7() -> list[str]:
    return [
        "    <ITEM",
        "      POSITION 0.5",
        "      LENGTH 1",
        "      IGUID {BBBBBBBB-0000-4000-8000-000000000002}",
        "      NAME back",
        "      GUID {CCCCCCCC-0000-4000-8000-000000000003}",
        "      <SOURCE SECTION",
        "        LENGTH 2",
        "        MODE 2",
        "        STARTPOS 0.75",
        "        OVERLAP 0.01",
        "        <SOURCE _OFFLINE_WAVE",
        '          FILE "/music/bass.wav"',
        "        >",
        "      >",
        "    >",
    ]


def _fx7() -> list[str]:
    return [
        "    <FXCHAIN",
        "      BYPASS 0 0 0",
        '      <VST "VST3: Reverb (A > B)" "reverb.vst3" 0 "" 1234{00} ""',
        *blob_lines("        "),
        "      >",
        "      <JS \"utility/volume\" ''",
        "        0.000000 - - -",
        "      >",
        "      <VIDEO_EFFECT `a \"b\" 'c'`",
        "        <CODE",
        "          |<not a chunk",
        "          |>",
        "        >",
        "      >",
        "    >",
    ]


def _midi7() -> list[str]:
    return [
        "    <ITEM",
        "      POSITION 8",
        "      LENGTH 4",
        "      IGUID {BBBBBBBB-0000-4000-8000-000000000003}",
        "      NAME notes",
        "      GUID {CCCCCCCC-0000-4000-8000-000000000004}",
        "      <SOURCE MIDI",
        "        HASDATA 1 960 QN",
        "        E 0 90 3c 64",
        "        <X 0 0",
        "          /wN0ZXN0",
        "        >",
        "        E 960 80 3c 00",
        "      >",
        "    >",
    ]


def reaper6() -> bytes:
    """One track, no tempo envelope points, 6/8, the rate left to the device."""
    lines = [
        '<REAPER_PROJECT 0.1 "6.80/win64" 1600000000',
        "  SAMPLERATE 96000 0 0",
        "  TEMPO 90 6 8",
        "  <TEMPOENVEX",
        "    ACT 0 -1",
        "  >",
        "  <TRACK {AAAAAAAA-0000-4000-8000-000000000001}",
        "    NAME Guitar",
        "    PEAKCOL 16576",
        "    ISBUS 0 0",
        "    TRACKID {AAAAAAAA-0000-4000-8000-000000000001}",
        "  >",
        ">",
    ]
    return "\n".join([*lines, ""]).encode()


def reaper5() -> bytes:
    """CRLF, a name in Windows-1252, no ids, the project's end without a line end."""
    lines = [
        b'<REAPER_PROJECT 0.1 "5.983/x64" 1569000000',
        b"  SAMPLERATE 0 0 0",
        b"  TEMPO 100.5 3 4",
        b"  <TRACK",
        b"    NAME Fl\xfcgel",
        b"    ISBUS 0 0",
        b"    <ITEM",
        b"      POSITION 0.000000",
        b"      LENGTH 1.000000",
        b"    >",
        b"  >",
        b"",
        b">",
    ]
    return b"\r\n".join(lines)


def independent(data: bytes) -> rpp.Element:
    """The project as the `rpp` package reads it."""
    return rpp.loads(data.decode("utf-8", "replace"))


def added_lines(before: bytes, after: bytes) -> list[bytes]:
    """The lines that were put in; fails unless every old line is still there, in its place."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    added: list[bytes] = []
    at = 0
    for line in new:
        if at < len(old) and line == old[at]:
            at += 1
        else:
            added.append(line)
    assert at == len(old), f"changed or lost: {old[at]!r}"
    return added

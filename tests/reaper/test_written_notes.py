"""MIDI items in REAPER say the key and the chords of what is made beside them."""

import pytest

from bandmate_bridge.client import Client
from tests.bridge.project.written import tone
from tests.reaper.model import Item, Source, Take, Track

pytestmark = pytest.mark.parametrize("lua", ["5.3", "5.4"], indirect=True)

BAR = 4 * 960
CHORDS = [(58, 62, 65), (53, 57, 60)] * 4


def keys():
    """A track with a Bb and an F triad in turn, a bar each, at 120 bpm."""
    take = Take(source=Source("", "MIDI"))
    for bar, chord in enumerate(CHORDS):
        take.notes += [(bar * BAR, (bar + 1) * BAR, 0, pitch, 90) for pitch in chord]
    item = Item(takes=[take])
    item.values |= {"D_POSITION": 0.0, "D_LENGTH": 16.0}
    return Track("Keys", items=[item])


def newest(stage):
    with Client.connect(stage.server.address, token=stage.server.token) as client:
        return client.jobs(1)[0]


def said(timeline):
    return timeline.key, [mark.symbol for mark in timeline.chords]


def test_generate_reads_them(stage):
    stage.project.tracks.append(keys())
    stage.project.selection = (0.0, 8.0)
    stage.make("generate", prompt="upright bass")
    assert said(newest(stage).timeline) == ("Bb major", ["Bb", "F", "Bb", "F"])


@pytest.mark.parametrize("selection", [(0.0, 8.0), (0.0, 0.0)], ids=["selection", "item"])
def test_an_accompaniment_of_an_item_reads_them(stage, selection):
    tone(stage.song / "voice.wav", 233.08, rate=48_000)
    voice = Item(takes=[Take(source=Source(str(stage.song / "voice.wav")))], selected=True)
    voice.values |= {"D_POSITION": 0.0, "D_LENGTH": 8.0}
    stage.project.tracks += [keys(), Track("Voice", items=[voice])]
    stage.project.selection = selection
    stage.make("accompany", prompt="upright bass")
    assert said(newest(stage).timeline) == ("Bb major", ["Bb", "F", "Bb", "F"])


def test_the_time_selection_does_not_limit_what_is_extended(stage):
    tone(stage.song / "voice.wav", 233.08, rate=48_000)
    voice = Item(takes=[Take(source=Source(str(stage.song / "voice.wav")))], selected=True)
    voice.values |= {"D_POSITION": 0.0, "D_LENGTH": 8.0}
    stage.project.tracks.append(Track("Voice", items=[voice]))
    stage.project.selection = (2.0, 4.0)
    stage.make("extend", after=1)
    timeline = newest(stage).timeline
    assert (timeline.start_frame, timeline.frames) == (0, 8 * timeline.sample_rate)


def test_a_muted_track_says_nothing(stage):
    silent = keys()
    silent.values["B_MUTE"] = 1.0
    stage.project.tracks.append(silent)
    stage.project.selection = (0.0, 8.0)
    stage.make("generate", prompt="upright bass")
    assert said(newest(stage).timeline) == (None, [])

"""What is read of a DAWproject: where audio and notes sound, in beats and in seconds."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from bandmate_bridge.dawproject.project import DawProject
from bandmate_bridge.projects import load_project
from bandmate_bridge.rpp import Item, Project
from tests.bridge.dawproject.archives import RATE, archive, audio, noise, project, wav


def load(tmp_path: Path, xml: str) -> Project:
    return load_project(archive(tmp_path / "song.dawproject", xml))


def items(project: Project, track: int = 0) -> tuple[Item, ...]:
    return project.tracks[track].items


def spans(project: Project) -> list[tuple[int, int]]:
    return [(item.start_frame, item.end_frame) for item in items(project)]


def offset(item: Item) -> float:
    assert item.take
    return item.take.offset_seconds


def test_a_clip_of_seconds_lies_on_its_beat(tmp_path: Path) -> None:
    clip = (
        f'<Clip time="4" duration="4" contentTimeUnit="seconds" playStart="0.5" name="Riff">{audio()}</Clip>'
    )
    song = load(tmp_path, project(clip))
    (item,) = items(song)
    assert spans(song) == [(2 * RATE, 4 * RATE)]
    assert (offset(item), item.name) == (0.5, "Riff")
    assert item.take
    assert item.take.source
    assert item.take.source.file
    assert (soundfile.read(item.take.source.file, dtype="float32")[0] == noise(8)).all()


def test_units_are_inherited_and_changed_at_any_depth(tmp_path: Path) -> None:
    inner = f'<Clip time="1" duration="1" contentTimeUnit="seconds">{audio()}</Clip>'
    # The outer clip is on beat 2 of a timeline in beats; inside it counts in seconds from 0.5 s on.
    outer = (
        f'<Clip time="2" duration="8" contentTimeUnit="seconds" playStart="0.5"><Clips>{inner}</Clips></Clip>'
    )
    assert spans(load(tmp_path, project(outer))) == [(round(1.5 * RATE), round(2.5 * RATE))]
    # The same in a song that counts in seconds throughout.
    outer = f'<Clip time="1" duration="4" playStart="0.5"><Clips>{inner}</Clips></Clip>'
    assert spans(load(tmp_path, project(outer, lanes='timeUnit="seconds"'))) == [
        (round(1.5 * RATE), round(2.5 * RATE))
    ]
    # And in one that does not name its unit, which is beats then.
    outer = f'<Clip time="2" duration="4" playStart="1"><Clips>{inner}</Clips></Clip>'
    assert spans(load(tmp_path, project(outer, lanes=""))) == [(RATE, round(1.5 * RATE))]


def test_an_outer_clip_cuts_what_is_inside(tmp_path: Path) -> None:
    inner = f'<Clip time="0" duration="8" contentTimeUnit="seconds" playStart="1">{audio()}</Clip>'
    song = load(tmp_path, project(f'<Clip time="4" duration="2" playStart="2"><Clips>{inner}</Clips></Clip>'))
    assert spans(song) == [(2 * RATE, 3 * RATE)]
    assert offset(items(song)[0]) == pytest.approx(2.0)


def test_loops_repeat_from_their_start(tmp_path: Path) -> None:
    loop = 'playStart="1" loopStart="0.5" loopEnd="2" contentTimeUnit="seconds"'
    (item,) = items(load(tmp_path, project(f'<Clip time="0" duration="8" {loop}>{audio()}</Clip>')))
    assert item.loops
    assert item.take
    assert item.take.source
    assert (item.take.source.section_start_seconds, item.take.source.section_seconds, offset(item)) == (
        0.5,
        1.5,
        0.5,
    )
    # A loop of clips is followed pass by pass: 1 to 2 beats of the content, then 0 to 2 again and again.
    inner = f'<Clip time="0" duration="1" contentTimeUnit="seconds">{audio()}</Clip>'
    clip = (
        f'<Clip time="0" duration="6" playStart="1" loopStart="0" loopEnd="2"><Clips>{inner}</Clips></Clip>'
    )
    half = RATE // 2
    assert spans(load(tmp_path, project(clip))) == [
        (half, 2 * half),
        (3 * half, 4 * half),
        (5 * half, 6 * half),
    ]


def test_fades_in_their_unit_and_crossfades(tmp_path: Path) -> None:
    fades = 'fadeTimeUnit="beats" fadeInTime="1" fadeOutTime="0.5"'
    clip = f'<Clip time="4" duration="4" contentTimeUnit="seconds" {fades}>{audio()}</Clip>'
    (item,) = items(load(tmp_path, project(clip)))
    assert (item.fade_in_seconds, item.fade_out_seconds) == pytest.approx((0.5, 0.25))
    # A negative fade in begins so much earlier, with what comes before in the content.
    fades = 'fadeTimeUnit="seconds" fadeInTime="-0.25"'
    clip = f'<Clip time="4" duration="4" contentTimeUnit="seconds" playStart="1" {fades}>{audio()}</Clip>'
    song = load(tmp_path, project(clip))
    assert spans(song) == [(round(1.75 * RATE), 4 * RATE)]
    assert (offset(items(song)[0]), items(song)[0].fade_in_seconds) == pytest.approx((0.75, 0.25))


def warps(points: str, unit: str = "beats") -> str:
    return f'<Warps contentTimeUnit="seconds" timeUnit="{unit}">{audio()}{points}</Warps>'


def test_warps_are_pieces_of_one_speed(tmp_path: Path) -> None:
    straight = '<Warp time="0" contentTime="0"/><Warp time="4" contentTime="4"/>'
    song = load(tmp_path, project(f'<Clip time="4" duration="4">{warps(straight)}</Clip>'))
    (item,) = items(song)
    assert item.take
    assert (spans(song), item.take.play_rate) == ([(2 * RATE, 4 * RATE)], 2.0)
    bent = '<Warp time="0" contentTime="0"/><Warp time="2" contentTime="1"/><Warp time="4" contentTime="4"/>'
    song = load(tmp_path, project(f'<Clip time="4" duration="4" playStart="1">{warps(bent)}</Clip>'))
    found = [(item.take.play_rate, item.take.offset_seconds) for item in items(song) if item.take]
    assert found == [pytest.approx((1.0, 0.5)), pytest.approx((3.0, 1.0))]
    assert spans(song) == [(2 * RATE, round(2.5 * RATE)), (round(2.5 * RATE), 4 * RATE)]


def test_warps_follow_the_tempo(tmp_path: Path) -> None:
    points = '<RealPoint time="0" value="120" interpolation="hold"/><RealPoint time="2" value="60"/>'
    automation = f'<TempoAutomation unit="bpm"><Target parameter="id0"/>{points}</TempoAutomation>'
    straight = '<Warp time="0" contentTime="0"/><Warp time="4" contentTime="2"/>'
    song = load(
        tmp_path, project(f'<Clip time="0" duration="4">{warps(straight)}</Clip>', automation=automation)
    )
    assert [item.take.play_rate for item in items(song) if item.take] == pytest.approx([1.0, 0.5])
    assert spans(song) == [(0, RATE), (RATE, 3 * RATE)]


def test_a_ramp_in_beats_and_one_in_seconds(tmp_path: Path) -> None:
    points = '<RealPoint time="0" value="60" interpolation="linear"/><RealPoint time="12" value="120"/>'
    ramp = '<TempoAutomation {} unit="bpm"><Target parameter="id0"/>{}</TempoAutomation>'
    tempo = load(tmp_path, project(automation=ramp.format("", points))).tempo_map
    # Even in beats: 12 beats take 60 * 12 * ln(2) / 60 seconds; even in seconds: 12 s hold 18 beats.
    assert tempo.position_at(12) / RATE == pytest.approx(8.317766, abs=1e-5)
    assert tempo.bpm_at(tempo.position_at(6)) == pytest.approx(90, abs=0.01)
    tempo = load(tmp_path, project(automation=ramp.format('timeUnit="seconds"', points))).tempo_map
    assert tempo.quarters_at(12 * RATE) == pytest.approx(18)


def test_a_metre_inside_a_ramp_and_a_jump_after_it(tmp_path: Path) -> None:
    points = (
        '<RealPoint time="0" value="60" interpolation="linear"/><RealPoint time="8" value="120"/>'
        '<RealPoint time="8" value="90"/>'
    )
    metres = '<TimeSignaturePoint time="0" numerator="4" denominator="4"/>'
    metres += '<TimeSignaturePoint time="4" numerator="7" denominator="8"/>'
    automation = (
        f'<TempoAutomation unit="bpm"><Target parameter="id0"/>{points}</TempoAutomation>'
        f'<TimeSignatureAutomation><Target parameter="id1"/>{metres}</TimeSignatureAutomation>'
    )
    tempo = load(tmp_path, project(automation=automation)).tempo_map
    assert tempo.metre_at(tempo.position_at(4.1)) == (7, 8)
    assert tempo.bar_beat_at(tempo.position_at(7.5)) == (3, pytest.approx(0, abs=1e-4))
    assert tempo.bpm_at(tempo.position_at(8.1)) == 90
    assert tempo.bpm_at(tempo.position_at(7.999)) == pytest.approx(120, abs=0.1)


def test_notes_in_clips_that_begin_later_and_loop(tmp_path: Path) -> None:
    notes = '<Notes><Note time="0.5" duration="0.25" channel="3" key="60" vel="0.5"/></Notes>'
    clip = f'<Clip time="4" duration="4" playStart="0.25" loopStart="0" loopEnd="2">{notes}</Clip>'
    song = load(tmp_path, project(clip))
    played = [note for item in items(song) for note in song.played_notes(song.tracks[0], item)]
    assert [(note.start, note.end, note.pitch, note.channel) for note in played] == [
        (pytest.approx(4.25), pytest.approx(4.5), 60, 3),
        (pytest.approx(6.25), pytest.approx(6.5), 60, 3),
    ]
    assert {note.velocity for note in played} == {64}


def test_a_linked_clip_plays_what_it_refers_to(tmp_path: Path) -> None:
    notes = '<Notes id="n1"><Note time="0" duration="1" channel="0" key="62"/></Notes>'
    song = load(
        tmp_path,
        project(f'<Clip time="0" duration="4">{notes}</Clip><Clip time="8" duration="4" reference="n1"/>'),
    )
    assert [note.start for item in items(song) for note in song.played_notes(song.tracks[0], item)] == [
        0.0,
        8.0,
    ]


GROUP = """
    <Track contentType="tracks" id="g" name="Band">
      <Channel role="submix" destination="id9" id="gc"><Volume unit="decibel" value="-6" id="gv"/></Channel>
      <Track contentType="notes" id="k" name="Keys"><Channel role="regular" destination="gc" solo="true" id="kc">
        <Mute value="true" id="km"/>
        <Sends><Send destination="fc" type="pre" id="s"><Volume unit="linear" value="0.5" id="sv"/></Send></Sends>
      </Channel></Track>
    </Track>
    <Track contentType="audio" id="f" name="Hall"><Channel role="effect" destination="id9" id="fc"/></Track>"""


def test_groups_faders_and_sends(tmp_path: Path) -> None:
    song = load(tmp_path, project(tracks=GROUP))
    assert [(track.name, track.depth, track.is_folder) for track in song.tracks] == [
        ("Guitar", 0, False),
        ("Band", 0, True),
        ("Keys", 1, False),
        ("Hall", 0, False),
    ]
    guitar, band, keys, hall = song.tracks
    assert guitar.chunk.line("VOLPAN")[:2] == ["0.5", "-0.5"]
    assert guitar.colour == "#a2eabf"
    assert band.chunk.number("VOLPAN") == pytest.approx(10 ** (-6 / 20))
    assert (keys.muted, keys.chunk.line("MUTESOLO")[1]) == (True, "1")
    assert hall.chunk.line("AUXRECV")[:3] == ["2", "3", "0.5"]


def test_markers_and_disabled_clips(tmp_path: Path) -> None:
    markers = '<Markers timeUnit="seconds"><Marker time="3" name="Verse" color="#ff0000"/></Markers>'
    clip = f'<Clip time="0" duration="4" contentTimeUnit="seconds" enable="false">{audio()}</Clip>'
    song = load(tmp_path, project(clip, markers=markers))
    assert [(marker.name, marker.frame, marker.colour) for marker in song.markers] == [
        ("Verse", 3 * RATE, "#ff0000")
    ]
    assert items(song)[0].muted


def test_audio_outside_the_archive(tmp_path: Path) -> None:
    (tmp_path / "takes").mkdir()
    wav(tmp_path / "takes" / "b.wav", noise(1, 3))
    clip = f'<Clip time="0" duration="2" contentTimeUnit="seconds">{audio("takes/b.wav", 1, external=True)}</Clip>'
    (item,) = items(load(tmp_path, project(clip)))
    assert item.take
    assert item.take.source
    assert item.take.source.file == tmp_path / "takes" / "b.wav"


def test_what_is_not_read_is_said(tmp_path: Path) -> None:
    video = f'<Video channels="2" duration="4" sampleRate="{RATE}"><File path="v.mp4"/></Video>'
    song = load(tmp_path, project(f'<Clip time="0" duration="4">{video}</Clip>'))
    assert song.rate.remark.endswith("Not read from the project: 1 videos.")
    assert not DawProject.load(song.path).tracks[0].items

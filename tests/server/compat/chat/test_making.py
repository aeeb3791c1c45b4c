"""Music by chat completions, from a running server with the embedded engine, through to decoded audio."""

from __future__ import annotations

import numpy as np
import pytest

from tests.server.compat.chat.music import (
    COMPLETIONS,
    SECONDS,
    SHORT,
    ask,
    audio_part,
    decode,
    deltas,
    message_of,
    read_stream,
    request_for,
)


@pytest.fixture(scope="module")
def rhythm(chat):
    """Four seconds of drums, for tasks that work on audio."""
    config = {"duration": 4, "format": "wav", "bpm": 120}
    samples, rate, _ = decode(message_of(ask(chat, "rock drums", seed=3, audio_config=config))["audio"][0])
    return samples, rate


def test_an_answer_has_words_and_music(chat):
    completion = ask(chat, "mellow lo-fi, 92 bpm", seed=7)
    message = message_of(completion)
    samples, rate, form = decode(message["audio"][0])
    assert (samples.shape, rate, form) == ((SECONDS * 48_000, 2), 48_000, "WAV")
    assert np.abs(samples).max() > 0.05
    assert message["content"].startswith("## Metadata\n**Caption:** mellow lo-fi, 92 bpm\n**BPM:** 92\n")
    assert "**Duration:** 2s" in message["content"]
    assert message["audio"][0]["seed"] == 7
    assert completion["model"] == "bandmate/sketch"


def test_what_is_set_counts(chat):
    config = SHORT | {"bpm": 75, "key_scale": "Ebm", "time_signature": "3"}
    said = message_of(ask(chat, "waltz piano, 92 bpm", audio_config=config))["content"]
    assert "**BPM:** 75\n" in said
    assert "**Key:** Eb minor\n**Time Signature:** 3/4" in said


@pytest.mark.parametrize(("name", "form"), [("flac", "FLAC"), ("mp3", "MP3"), (None, "MP3")])
def test_formats(chat, name, form):
    config = {"duration": SECONDS, "format": name}
    samples, rate, found = decode(message_of(ask(chat, audio_config=config))["audio"][0])
    assert (found, rate, samples.shape[1]) == (form, 48_000, 2)
    # An MP3 is as long as its frames.
    assert SECONDS * 48_000 <= len(samples) <= SECONDS * 48_000 + 3 * 1_152


def test_a_batch_gives_all_of_its_audios_by_seed(chat):
    several = message_of(ask(chat, batch_size=3, seed="7,8"))["audio"]
    assert [each["seed"] for each in several[:2]] == [7, 8]
    assert len({each["seed"] for each in several}) == 3
    first, second = decode(several[0])[0], decode(several[1])[0]
    assert not np.array_equal(first, second)
    alone = decode(message_of(ask(chat, seed=8))["audio"][0])[0]
    np.testing.assert_array_equal(alone, second)


def test_a_length_that_nobody_says_is_half_a_minute_in_whole_bars(chat):
    said = message_of(ask(chat, "drum loop, 120 bpm", audio_config={"format": "wav"}))
    assert len(decode(said["audio"][0])[0]) == 30 * 48_000
    said = message_of(ask(chat, "2 bars of drums, 120 bpm", audio_config={"format": "wav"}))
    assert len(decode(said["audio"][0])[0]) == 4 * 48_000


def test_words_that_nobody_knows_make_music_too(chat):
    message = message_of(ask(chat, "xyzzy plugh"))
    assert len(decode(message["audio"][0])[0]) == SECONDS * 48_000
    assert "xyzzy" in message["content"].partition("## Remarks")[2]


def test_lyrics_are_in_the_answer(chat):
    tagged = "<prompt>soft piano</prompt><lyrics>[Verse]\nla la</lyrics>"
    said = message_of(ask(chat, tagged))["content"]
    assert "**Caption:** soft piano\n" in said
    assert "## Lyrics\n[Verse]\nla la\n" in said


def test_lyrics_alone_make_music(chat):
    message = message_of(ask(chat, "[Verse]\nla la la"))
    assert len(decode(message["audio"][0])[0]) == SECONDS * 48_000


def test_an_idea_is_written_first(chat):
    chunks = read_stream(
        chat("POST", COMPLETIONS, request_for("a sad song about rain", sample_mode=True, stream=True)).data
    )
    tasks = [each["task"] for each in deltas(chunks, "progress")]
    assert tasks[0] == "write"
    assert tasks[-1] == "generate"
    assert "ACE-Step" in "".join(deltas(chunks, "content")), "the embedded engine says who writes lyrics"


def test_a_stream_has_progress_words_and_the_same_audio(chat):
    answer = chat("POST", COMPLETIONS, request_for("lo-fi drums", seed=7, stream=True))
    assert answer.headers["content-type"].startswith("text/event-stream")
    chunks = read_stream(answer.data)
    first, last = chunks[0]["choices"][0], chunks[-1]["choices"][0]
    assert first["delta"] == {"role": "assistant", "content": "Generating music"}
    assert (last["delta"], last["finish_reason"]) == ({}, "stop")
    content = "".join(deltas(chunks, "content"))
    dots, _, words = content.removeprefix("Generating music").partition("\n\n")
    assert set(dots) <= {"."}
    assert words.startswith("## Metadata\n**Caption:** lo-fi drums")
    states = [each["state"] for each in deltas(chunks, "progress")]
    assert states[-1] == "done"
    steps = [each for each in deltas(chunks, "progress") if each.get("steps")]
    assert all(0 <= each["step"] <= each["steps"] for each in steps)
    ((part,),) = deltas(chunks, "audio")
    whole = message_of(ask(chat, "lo-fi drums", seed=7))["audio"][0]
    assert part["audio_url"] == whole["audio_url"]


def test_usage_comes_after_the_end_where_it_is_asked_for(chat):
    fields = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = read_stream(chat("POST", COMPLETIONS, request_for("drums", **fields)).data)
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["total_tokens"] == 0


def test_a_cover_is_as_long_as_what_it_covers(chat, rhythm):
    content = [{"type": "text", "text": "jazz trio"}, audio_part(*rhythm)]
    fields = {"task_type": "cover", "audio_cover_strength": 0.3}
    message = message_of(ask(chat, content, **fields))
    samples, rate, _ = decode(message["audio"][0])
    assert (len(samples), rate) == (len(rhythm[0]), rhythm[1])
    assert not np.array_equal(samples, rhythm[0])
    assert "**Duration:** 4s" in message["content"]
    detected = float(message["content"].partition("**BPM:** ")[2].partition("\n")[0])
    assert detected == pytest.approx(120, abs=0.5)


@pytest.mark.parametrize("rate", [48_000, 44_100])
def test_a_repaint_gives_the_whole_recording_with_its_range_new(chat, rhythm, rate):
    before = rhythm[0][: rate * 4]
    content = [{"type": "text", "text": "busier fill"}, audio_part(before, rate)]
    fields = {"task_type": "repaint", "repainting_start": 1.0, "repainting_end": 2.5}
    bpm = {"bpm": 120, "format": "flac"}
    after, found, _ = decode(message_of(ask(chat, content, audio_config=bpm, **fields))["audio"][0])
    assert (after.shape, found) == (before.shape, rate)
    first, last = rate, round(2.5 * rate)
    step = 1.5 / 2**15
    np.testing.assert_allclose(after[:first], before[:first], atol=step)
    np.testing.assert_allclose(after[last:], before[last:], atol=step)
    assert np.abs(after[first:last] - before[first:last]).max() > 0.02


def test_a_part_is_added_to_audio(chat, rhythm):
    content = [{"type": "text", "text": "warm bass"}, audio_part(*rhythm)]
    for task in ("lego", "complete"):
        message = message_of(
            ask(chat, content, task_type=task, track_name="bass", audio_config=SHORT | {"bpm": 120})
        )
        assert len(decode(message["audio"][0])[0]) == len(rhythm[0])


def test_a_track_is_taken_out_of_audio(chat, rhythm):
    message = message_of(ask(chat, [audio_part(*rhythm)], task_type="extract", track_name="drums"))
    assert len(decode(message["audio"][0])[0]) == len(rhythm[0])


def test_a_reference_comes_with_words(chat, rhythm):
    content = [{"type": "text", "text": "bass"}, audio_part(*rhythm)]
    assert len(decode(message_of(ask(chat, content))["audio"][0])[0]) == SECONDS * 48_000


def test_the_jobs_are_those_of_the_server(chat, compat_server):
    from tests.server.rest.client import RestClient

    (part,) = message_of(ask(chat, "lo-fi drums", seed=11))["audio"]
    job = RestClient(compat_server).get(f"/jobs/{part['job']}")
    assert (job["task"], job["state"], job["seed"]) == ("generate", "done", 11)
    assert job["params"]["prompt"] == "lo-fi drums"

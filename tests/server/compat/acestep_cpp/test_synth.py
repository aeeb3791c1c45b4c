"""`/synth`: bodies as clients of acestep.cpp send them, through to the audio."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
import soundfile

from bandmate_server.compat.acestep_cpp.wire import DEFAULTS
from tests.server.compat.acestep_cpp.flow import asked, ended, form, parts, result, status, tracks

RATE = 48_000
SHORT = {"caption": "lo-fi drums", "duration": 2.0, "bpm": 120, "output_format": "wav16"}


@pytest.fixture(scope="module")
def recording() -> bytes:
    """Two seconds of beats at 120 BPM, in stereo."""
    rng = np.random.default_rng(5)
    samples = np.zeros((2 * RATE, 2), np.float32)
    for start in range(0, 2 * RATE, RATE // 2):
        samples[start : start + 4_000] = 0.4 * rng.standard_normal((4_000, 2)).astype(np.float32)
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, "PCM_16", format="WAV")
    return file.getvalue()


def test_a_caption_becomes_music_of_the_length(acestep_cpp):
    (samples,) = tracks(acestep_cpp, SHORT)
    assert samples.shape == (2 * RATE, 2)
    assert np.abs(samples).max() > 0.01


def test_what_other_programs_send_in_full_is_the_same_request(acestep_cpp):
    full = {**DEFAULTS, "shift": 0.0, "solver": "euler", "peak_clip": 10, "adapter": "", "adapter_scale": 1.0}
    body = {**full, **SHORT, "seed": 7, "synth_model": "acestep-v15-turbo-Q8_0.gguf"}
    (first,) = tracks(acestep_cpp, body)
    (again,) = tracks(acestep_cpp, {**SHORT, "seed": 7})
    assert np.array_equal(first, again)


def test_a_prompt_is_a_caption_unless_there_is_one(acestep_cpp):
    (first,) = tracks(acestep_cpp, {**SHORT, "seed": 7})
    renamed = {("prompt" if name == "caption" else name): value for name, value in SHORT.items()}
    for body in (renamed, {**SHORT, "prompt": "jazz"}, {**renamed, "caption": ""}):
        (again,) = tracks(acestep_cpp, {**body, "seed": 7})
        assert np.array_equal(first, again)


def test_a_length_and_a_tempo_that_are_open_are_filled_in(acestep_cpp):
    body = {"caption": "4 bars of slow waltz", "bpm": 0, "duration": 0, "output_format": "wav16"}
    (samples,) = tracks(acestep_cpp, body)
    assert 4 * RATE < len(samples) < 60 * RATE


def test_several_requests_and_variations_are_parts_of_one_answer(acestep_cpp):
    body = [{**SHORT, "seed": 3, "synth_batch_size": 2}, {**SHORT, "seed": 4, "duration": 1.0}]
    first, second, third = tracks(acestep_cpp, body)
    assert [len(first), len(second), len(third)] == [2 * RATE, 2 * RATE, RATE]
    assert not np.array_equal(first, second)
    (counted,) = tracks(acestep_cpp, {**SHORT, "seed": 4})
    assert np.array_equal(second, counted)


@pytest.mark.parametrize(
    ("name", "subtype"), [("wav16", "PCM_16"), ("wav24", "PCM_24"), ("wav32", "FLOAT"), ("mp3", None)]
)
def test_the_formats(acestep_cpp, name, subtype):
    answer = result(acestep_cpp, asked(acestep_cpp, "/synth", {**SHORT, "seed": 7, "output_format": name}))
    ((kind, data),) = parts(answer)
    assert int(answer.headers["content-length"]) == len(answer.data)
    info = soundfile.info(io.BytesIO(data))
    if subtype is None:
        assert (kind, info.format) == ("audio/mpeg", "MP3")
    else:
        assert (kind, info.subtype, info.frames) == ("audio/wav", subtype, 2 * RATE)


@pytest.mark.parametrize("as_file", [True, False])
def test_a_cover_of_a_recording_is_as_long_as_it(acestep_cpp, recording, as_file):
    request = {**SHORT, "caption": "jazz", "task_type": "cover", "audio_cover_strength": 0.5}
    body, headers = form(request, {"audio": recording}, as_file=as_file)
    (samples,) = tracks(acestep_cpp, body, headers)
    assert len(samples) == 2 * RATE


def test_a_repaint_leaves_the_rest_as_it_was(acestep_cpp, recording):
    request = {**SHORT, "task_type": "repaint", "repainting_start": 1.0, "repainting_end": 1.5}
    body, headers = form(request, {"audio": recording})
    (samples,) = tracks(acestep_cpp, body, headers)
    before, _ = soundfile.read(io.BytesIO(recording), dtype="float32")
    assert samples.shape == before.shape
    assert np.allclose(samples[: RATE - 2_400], before[: RATE - 2_400], atol=1e-4)
    assert not np.allclose(samples[RATE : RATE + 12_000], before[RATE : RATE + 12_000], atol=1e-2)


def test_a_repaint_before_the_source_makes_that_alone(acestep_cpp, recording):
    request = {**SHORT, "task_type": "repaint", "repainting_start": -1.0, "repainting_end": -1.0}
    body, headers = form(request, {"audio": recording})
    (samples,) = tracks(acestep_cpp, body, headers)
    before, _ = soundfile.read(io.BytesIO(recording), dtype="float32")
    assert len(samples) == 3 * RATE
    assert np.allclose(samples[RATE + 2_400 :], before[2_400:], atol=1e-4)


def test_a_track_is_extracted(acestep_cpp, recording):
    body, headers = form({**SHORT, "task_type": "extract", "track": "drums"}, {"audio": recording})
    (samples,) = tracks(acestep_cpp, body, headers)
    assert len(samples) == 2 * RATE


def test_a_job_is_cancelled(acestep_cpp):
    job = asked(acestep_cpp, "/synth", {**SHORT, "duration": 500.0})
    assert acestep_cpp("POST", f"/job?id={job}&cancel=1").json == {"status": "cancelled"}
    assert status(acestep_cpp, job) == {"status": "cancelled"}
    refused = acestep_cpp("GET", f"/job?id={job}&result=1")
    assert (refused.status, "cancelled" in refused.json["error"]) == (404, True)


def test_a_job_that_is_done_stays_done(acestep_cpp):
    job = asked(acestep_cpp, "/synth", {**SHORT, "seed": 7})
    assert ended(acestep_cpp, job) == {"status": "done"}
    assert acestep_cpp("POST", f"/job?id={job}&cancel=1").json == {"status": "done"}


def test_a_job_that_fails_says_why(acestep_cpp):
    job = asked(acestep_cpp, "/synth", {**SHORT, "duration": 1e9})
    found = ended(acestep_cpp, job)
    assert found["status"] == "failed"
    assert "at most" in found["error"]
    refused = acestep_cpp("GET", f"/job?id={job}&result=1")
    assert (refused.status, refused.json["error"]) == (404, found["error"])


def test_without_a_planner_the_same_request_makes_music_all_the_same(acestep_cpp):
    refused = acestep_cpp("POST", "/lm", SHORT)
    assert refused.status == 501
    assert "No planner is here" in refused.json["error"]
    assert tracks(acestep_cpp, SHORT)


def test_a_recording_is_understood(acestep_cpp, recording):
    body, headers = form({"lm_model": "acestep-5Hz-lm-4B-Q8_0.gguf"}, {"audio": recording})
    ((kind, data),) = parts(result(acestep_cpp, asked(acestep_cpp, "/understand", body, headers)))
    assert kind == "application/json"
    (found,) = json.loads(data)
    assert found["duration"] == 2.0
    assert set(DEFAULTS) <= set(found)
    assert found["vocal_language"] == "unknown"


def test_what_is_understood_can_be_made(acestep_cpp, recording):
    body, headers = form(None, {"audio": recording})
    ((_, data),) = parts(result(acestep_cpp, asked(acestep_cpp, "/understand", body, headers)))
    (samples,) = tracks(acestep_cpp, [{**json.loads(data)[0], "output_format": "wav16"}])
    assert len(samples) == 2 * RATE


def test_props_and_health(acestep_cpp):
    assert acestep_cpp.raw("GET", "/health").json["status"] == "ok"
    props = acestep_cpp("GET", "/props").json
    assert props["models"]["dit"] == ["sketch"]
    assert (props["models"]["lm"], props["adapters"]) == ([], [])
    assert props["default"] == dict(DEFAULTS)
    assert props["cli"]["max_batch"] == 8

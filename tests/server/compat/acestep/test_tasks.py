"""Tasks from the request to decoded audio, by the embedded engines."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.server.compat.acestep.flow import RATE, decoded, ended, fetch, made, multipart, release, wav_bytes


@pytest.fixture(scope="session")
def recording(acestep):
    """Eight seconds of a band, as a WAV file."""
    (item,) = made(
        acestep,
        {
            "prompt": "funk with drums and bass",
            "audio_duration": 8,
            "bpm": 120,
            "key_scale": "E minor",
            "time_signature": "4",
            "batch_size": 1,
            "audio_format": "wav32",
            "use_random_seed": False,
            "seed": 7,
        },
    )
    return decoded(acestep, item)


def with_source(recording, **fields):
    return multipart(
        {name: str(value) for name, value in fields.items()}, {"src_audio": wav_bytes(recording)}
    )


def test_a_batch_has_an_item_for_each_seed(acestep):
    items = made(
        acestep,
        {
            "prompt": "slow piano",
            "lyrics": "[Instrumental]",
            "param_obj": json.dumps({"duration": 3, "bpm": 90}),
            "metas": {"keyscale": "C major", "timesignature": "3"},
            "batch_size": 2,
            "use_random_seed": False,
            "seed": "11,12",
            "audio_format": "flac",
        },
    )
    assert [item["seed_value"] for item in items] == ["11", "12"]
    for item in items:
        assert len(decoded(acestep, item)) == 3 * RATE
        assert item["metas"]["bpm"] == 90
        assert item["metas"]["duration"] == 3.0
        assert item["metas"]["keyscale"] == "C major"
        assert item["metas"]["timesignature"] == "3"
        assert (item["metas"]["genres"], item["metas"]["prompt"]) == ("N/A", "slow piano")
        assert (item["prompt"], item["progress"], item["stage"], item["status"]) == (
            "slow piano",
            1.0,
            "succeeded",
            1,
        )


def test_nothing_but_a_prompt_gets_two_mp3s_of_a_length_of_its_own(acestep):
    items = made(acestep, {"prompt": "2 bars of techno"})
    assert len(items) == 2
    answer = fetch(acestep, items[0])
    assert answer.headers["content-type"] == "audio/mpeg"
    assert abs(len(decoded(acestep, items[0])) / RATE - items[0]["metas"]["duration"]) < 0.1
    assert items[0]["metas"]["bpm"] != "N/A"


def test_a_sample_query_is_written_before_it_is_played(acestep):
    items = made(acestep, {"sample_query": "2 bars of bossa nova", "batch_size": 1, "duration": 2})
    assert items[0]["prompt"] == "2 bars of bossa nova"
    assert len(decoded(acestep, items[0])) / RATE == pytest.approx(2.0, abs=0.1)


def test_a_cover_is_as_long_as_its_source(acestep, recording):
    body = with_source(
        recording, task_type="cover", caption="jazz trio", bpm=120, batch_size=1, audio_format="wav"
    )
    (item,) = made(acestep, *body)
    samples = decoded(acestep, item)
    assert len(samples) == len(recording)
    assert np.abs(samples).max() > 0.01


def test_a_cover_without_a_tempo_has_it_found(acestep, recording):
    body = with_source(recording, task_type="cover", caption="jazz trio", batch_size=1, audio_format="wav")
    (item,) = made(acestep, *body)
    assert item["metas"]["bpm"] == pytest.approx(120, rel=0.02)
    assert len(decoded(acestep, item)) == len(recording)


def test_a_repaint_keeps_all_outside_of_its_range(acestep, recording):
    body = with_source(
        recording,
        task_type="repaint",
        prompt="funk",
        bpm=120,
        repainting_start=2,
        repainting_end=4,
        batch_size=1,
        audio_format="wav32",
    )
    (item,) = made(acestep, *body)
    samples = decoded(acestep, item)
    assert len(samples) == len(recording)
    assert np.array_equal(samples[: 2 * RATE], recording[: 2 * RATE])
    assert np.array_equal(samples[4 * RATE :], recording[4 * RATE :])
    assert not np.array_equal(samples[2 * RATE : 4 * RATE], recording[2 * RATE : 4 * RATE])


def test_a_repaint_beyond_both_ends_makes_the_music_longer(acestep, recording):
    body = with_source(
        recording[: 4 * RATE],
        task_type="repaint",
        prompt="funk",
        bpm=120,
        repainting_start=4,
        repainting_end=6,
        batch_size=1,
        audio_format="wav32",
    )
    (item,) = made(acestep, *body)
    after = decoded(acestep, item)
    assert len(after) == 6 * RATE
    assert np.array_equal(after[: 3 * RATE], recording[: 3 * RATE])
    assert np.abs(after[4 * RATE :]).max() > 0.01
    body = with_source(
        recording[: 4 * RATE],
        task_type="repaint",
        prompt="funk",
        bpm=120,
        repainting_start=-2,
        repainting_end=1,
        batch_size=1,
        audio_format="wav32",
    )
    (item,) = made(acestep, *body)
    before = decoded(acestep, item)
    assert len(before) == 6 * RATE
    assert np.array_equal(before[3 * RATE :], recording[1 * RATE : 4 * RATE])


def test_lego_adds_one_track_in_its_range(acestep, recording):
    body = with_source(
        recording,
        task_type="lego",
        track_name="percussion",
        prompt="shaker",
        global_caption="funk",
        instruction="Generate the PERCUSSION track based on the audio context:",
        bpm=120,
        repainting_start=2,
        repainting_end=6,
        batch_size=1,
        audio_format="wav32",
    )
    (item,) = made(acestep, *body)
    samples = decoded(acestep, item)
    assert len(samples) == len(recording)
    assert not samples[: 2 * RATE].any()
    assert not samples[6 * RATE :].any()
    assert samples[2 * RATE : 6 * RATE].any()


def test_complete_plays_along(acestep, recording):
    body = with_source(
        recording,
        task_type="complete",
        track_classes='["keyboard", "strings"]',
        bpm=120,
        batch_size=1,
        audio_format="wav",
    )
    (item,) = made(acestep, *body)
    assert len(decoded(acestep, item)) == len(recording)


def test_extract_gives_several_stems_in_one_task(acestep, recording):
    body = with_source(
        recording, task_type="extract", track_name="drums", track_classes="bass", audio_format="wav"
    )
    items = made(acestep, *body)
    assert [item["stem"] for item in items] == ["Drums", "Bass"]
    assert {len(decoded(acestep, item)) for item in items} == {len(recording)}


@pytest.mark.parametrize(("count", "stems"), [(2, 2), (4, 4)])
def test_stem_separation_adds_up_to_the_source(acestep, recording, count, stems):
    body = with_source(
        recording, task_type="stem_separation", stem_count=count, engine="demucs", audio_format="wav32"
    )
    items = made(acestep, *body)
    assert len(items) == stems
    # All at once, as a page fetches them, and more of them than are made at one time.
    with ThreadPoolExecutor(8) as pool:
        fetched = list(pool.map(lambda item: decoded(acestep, item), items * (8 // stems)))
    whole = sum(fetched[:stems])
    assert np.abs(whole - recording).max() < 1e-3


def test_an_analysis_says_tempo_and_key(acestep, recording):
    body = with_source(recording, full_analysis_only="true")
    (item,) = made(acestep, *body)
    assert item["metas"]["bpm"] == pytest.approx(120, rel=0.02)
    assert item["metas"]["duration"] == pytest.approx(8.0)
    assert item["file"] == ""


def test_files_of_this_machine_are_read_from_allowed_folders_alone(
    acestep, recording, music_folder, tmp_path
):
    inside, outside = music_folder / "a b.wav", tmp_path / "secret.wav"
    for path in (inside, outside):
        path.write_bytes(wav_bytes(recording[:RATE]))
    link = music_folder / "link.wav"
    if not link.exists():
        link.symlink_to(outside)
    asked = {"task_type": "extract", "track_name": "drums", "audio_format": "wav"}
    (item,) = made(acestep, asked | {"src_audio_path": str(inside)})
    assert len(decoded(acestep, item)) == RATE
    for path in (
        str(outside),
        str(link),
        f"{music_folder}/../{outside.name}",
        "relative.wav",
        "/etc/passwd",
        str(music_folder),
        f"{music_folder}/no\0.wav",
        f"{music_folder}/missing.wav",
        "x" * 5000,
    ):
        answer = acestep("POST", "/release_task", asked | {"src_audio_path": path})
        assert answer.status in (403, 404), (path, answer.data)
        assert answer.json["detail"]


def test_the_statistics_count_the_jobs_of_this_api(acestep):
    made(acestep, {"prompt": "funk", "duration": 1, "bpm": 120, "batch_size": 1})
    said = acestep("GET", "/v1/stats").json["data"]
    assert said["jobs"]["succeeded"] >= 1
    assert said["jobs"]["total"] == sum(
        said["jobs"][name] for name in ("queued", "running", "succeeded", "failed")
    )
    assert said["avg_job_seconds"] > 0
    health = acestep.raw("GET", "/health").json["data"]
    assert (health["models_initialized"], health["loaded_model"]) == (True, "sketch")


def test_a_cancelled_task_ends(acestep):
    task = release(acestep, {"prompt": "a long drone", "duration": 600, "bpm": 60, "batch_size": 2})
    assert acestep("POST", "/cancel_task", {"task_id_list": [task]}).status == 200
    status, items = ended(acestep, task)
    assert (status, items[0]["error"], items[0]["stage"]) == (2, "Cancelled.", "failed")


def test_ids_come_as_a_list_or_as_json_text_and_unknown_ones_have_failed(acestep):
    task = release(acestep, {"prompt": "x", "duration": 1, "bpm": 120, "batch_size": 1})
    for ids in ([task, "nobody"], json.dumps([task, "nobody"])):
        answer = acestep("POST", "/query_result", {"task_id_list": ids}).json["data"]
        assert [entry["task_id"] for entry in answer] == [task, "nobody"]
        assert answer[1]["status"] == 2
        assert "no task of this id" in json.loads(answer[1]["result"])[0]["error"]
    ended(acestep, task)


def test_audio_is_served_by_its_exact_name_and_in_ranges(acestep):
    (item,) = made(
        acestep, {"prompt": "x", "duration": 1, "bpm": 120, "batch_size": 1, "audio_format": "wav"}
    )
    whole = fetch(acestep, item).data
    part = acestep.raw("GET", item["file"], headers={"Range": "bytes=0-3"})
    assert (part.status, part.data) == (206, whole[:4])
    # A player on a page asks without an Origin; no page can make up the name.
    player = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "audio"}
    assert acestep.raw("GET", item["file"], headers=player).data == whole
    assert acestep.raw("GET", item["file"], headers=player | {"Host": "evil.example"}).status == 403
    assert acestep.raw("GET", item["file"], headers=player | {"Origin": "http://evil.example"}).status == 403
    job, stem, seal = item["file"].removeprefix("/v1/audio?path=").removesuffix(".wav").split("-")
    for path in (
        f"{job}-{stem}-{'0' * 32}.wav",
        f"{job}-1-{seal}.wav",
        f"{job}-{stem}-{seal}.flac",
        "",
        "/etc/passwd",
    ):
        answer = acestep.raw("GET", f"/v1/audio?path={path}")
        assert answer.status == 403, path

"""What the clients of ACE-Step send, replayed field by field, up to decoded audio.

The fields are those of the VST3 plugin (ace-step/acestep.vst3), of the browser DAW (ace-step/ACE-Step-DAW) and of
upstream's skills for assistants, which use curl.
"""

import json
import subprocess

import numpy as np
import pytest

from tests.server.compat.acestep.flow import RATE, decoded, ended, fetch, made, multipart, release, wav_bytes
from tests.server.compat.client import CompatClient
from tests.server.compat.conftest import ORIGIN


class Tokenless(CompatClient):
    """The plugin sends no header at all."""

    def __call__(self, method, path, body=None, headers=None):
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        return self.raw(method, path, data, headers or {"Content-Type": "application/json"})


@pytest.fixture
def plugin(open_server):
    return Tokenless(open_server, "acestep_api")


def plugin_body(**more):
    return {
        "prompt": "warm funk with bass and drums",
        "lyrics": "",
        "task_type": "text2music",
        "audio_duration": 4.0,
        "batch_size": 1,
        "audio_format": "wav",
        "thinking": False,
        "use_random_seed": False,
        "seed": 42,
        "inference_steps": 8,
        "guidance_scale": 7.0,
        "model": "acestep-v15-turbo",
        **more,
    }


def test_the_plugin_makes_music_and_covers_a_file_by_its_path(plugin, music_folder):
    assert plugin.raw("GET", "/health").json["data"]["status"] == "ok"
    (item,) = made(plugin, plugin_body())
    samples = decoded(plugin, item)
    assert len(samples) == 4 * RATE
    assert item["metas"]["duration"] == 4.0
    assert item["metas"]["keyscale"] != "N/A"
    source = music_folder / "plugin.wav"
    source.write_bytes(wav_bytes(samples))
    body = plugin_body(
        task_type="cover", src_audio_path=str(source), audio_cover_strength=0.5, audio_code_string="", bpm=100
    )
    (cover,) = made(plugin, body)
    assert len(decoded(plugin, cover)) == len(samples)
    refused = plugin("POST", "/release_task", body | {"src_audio_path": "/etc/hostname"})
    assert refused.status == 403
    assert "not in a folder" in refused.json["error"]


def test_the_plugin_reads_that_there_are_no_adapters(plugin):
    status = plugin("GET", "/v1/lora/status").json
    assert (status["code"], status["data"]["lora_loaded"], status["data"]["adapters"]) == (200, False, [])
    for verb in ("load", "unload", "scale", "toggle"):
        answer = plugin("POST", f"/v1/lora/{verb}", {"lora_path": "x", "scale": 1, "use_lora": True})
        assert (answer.status, answer.json["code"]) == (200, 400)
        assert "adapters" in answer.json["error"]


class Page:
    """The browser DAW, on a page of an allowed origin."""

    def __init__(self, client):
        self.client, self.base = client, client.base
        self.raw = client.raw

    def __call__(self, method, path, body=None, headers=None):
        shown = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", **(headers or {})}
        answer = self.client(method, path, body, shown)
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        return answer


@pytest.fixture
def page(acestep):
    return Page(acestep)


def test_the_browser_daw_asks_what_is_there(page):
    assert page("GET", "/health").json["data"]["status"] == "ok"
    for path in ("/v1/model_inventory", "/v1/models"):
        found = page("GET", path).json["data"]
        assert "sketch" in [model["name"] for model in found["models"]]
        assert [model["is_default"] for model in found["models"]].count(True) == 1
    assert page("GET", "/v1/stats").json["data"]["jobs"]["total"] >= 0
    answer = page("POST", "/v1/init", {"model": "sketch", "init_llm": False}).json
    assert (answer["code"], answer["data"]["loaded_model"]) == (200, "sketch")
    missing = page("POST", "/v1/init", {"model": "acestep-v15-base"}).json
    assert missing["code"] == 400
    assert "acestep-v15-base" in missing["error"]


def test_the_browser_daw_asks_for_words(page):
    sample = page("POST", "/v1/create_sample", {"query": "a slow song about rain", "instrumental": True}).json
    assert sample["code"] == 200
    assert sample["data"]["caption"]
    assert sample["data"]["bpm"] > 0
    random = page("POST", "/create_random_sample", {"sample_type": "simple_mode"}).json["data"]
    assert {"think", "caption", "lyrics", "bpm", "duration", "keyscale", "language", "timesignature"} <= set(
        random
    )
    asked = {"prompt": "funk", "lyrics": "", "param_obj": json.dumps({"bpm": 96, "key": "E minor"})}
    shaped = page("POST", "/format_input", asked).json
    assert (shaped["code"], shaped["data"]["bpm"], shaped["data"]["key_scale"]) == (200, 96, "E minor")
    assert shaped["data"]["caption"]


def test_the_browser_daw_adds_a_layer_and_takes_a_mix_apart(page):
    time = np.arange(4 * RATE) / RATE
    mix = np.column_stack([0.2 * np.sin(2 * np.pi * 110 * time)] * 2).astype(np.float32)
    fields = {
        "task_type": "lego",
        "track_name": "drums",
        "prompt": "tight funk drums",
        "global_caption": "funk",
        "instruction": "Generate the DRUMS track based on the audio context:",
        "lyrics": "",
        "bpm": "100",
        "key_scale": "A minor",
        "time_signature": "4",
        "audio_duration": "4",
        "repainting_start": "0",
        "repainting_end": "4",
        "chunk_mask_mode": "auto",
        "inference_steps": "50",
        "guidance_scale": "7",
        "batch_size": "1",
        "audio_format": "wav",
        "thinking": "false",
    }
    (layer,) = made(page, *multipart(fields, {"src_audio": wav_bytes(mix)}))
    assert len(decoded(page, layer)) == len(mix)
    separation = {
        "task_type": "stem_separation",
        "stem_count": "2",
        "engine": "bs_roformer",
        "audio_format": "wav",
    }
    stems = made(page, *multipart(separation, {"src_audio": wav_bytes(mix)}))
    assert [stem["stem"] for stem in stems] == ["Vocals", "Instrumental"]
    six = release(page, *multipart(separation | {"stem_count": "6"}, {"src_audio": wav_bytes(mix)}))
    status, items = ended(page, six)
    assert status == 2
    assert "guitar" in items[0]["error"]


def test_the_skills_flow_with_curl(acestep, tmp_path):
    def curl(*arguments):
        command = ["curl", "-sS", "-H", f"Authorization: Bearer {acestep.token}", *arguments]
        return subprocess.run(command, capture_output=True, check=True, timeout=120).stdout

    assert json.loads(curl(f"{acestep.base}/health"))["data"]["status"] == "ok"
    asked = {
        "prompt": "house with piano",
        "lyrics": "[Instrumental]",
        "thinking": True,
        "use_format": False,
        "use_cot_caption": True,
        "use_cot_language": False,
        "sample_mode": False,
        "audio_duration": 2,
        "batch_size": 1,
        "seed": -1,
        "vocal_language": "en",
    }
    said = curl(
        "-X",
        "POST",
        f"{acestep.base}/release_task",
        "-H",
        "Content-Type: application/json",
        "-d",
        json.dumps(asked),
    )
    task = json.loads(said)["data"]["task_id"]
    status, (item,) = ended(acestep, task)
    assert status == 1, item
    target = tmp_path / "song.mp3"
    curl("-o", str(target), f"{acestep.base}{item['file']}")
    assert target.read_bytes() == fetch(acestep, item).data
    assert abs(len(decoded(acestep, item)) - 2 * RATE) < RATE / 10


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"ai_token": "TOKEN", "task_id_list": []}', {"Content-Type": "application/json"}),
        (b'{"ai_token": "TOKEN", "task_id_list": []}', {"Content-Type": "application/vnd.api+json"}),
        (b'{"ai_token": "TOKEN", "task_id_list": []}', {}),
        (b"ai_token=TOKEN&task_id_list=[]", {"Content-Type": "application/x-www-form-urlencoded"}),
        (b"ai_token=TOKEN&task_id_list=[]", {}),
        multipart({"ai_token": "TOKEN", "task_id_list": "[]"}, {}),
    ],
    ids=["json", "+json", "json without a type", "form", "form without a type", "multipart"],
)
def test_the_token_in_the_body_counts_alone(acestep, body, headers):
    good = acestep.raw("POST", "/query_result", body.replace(b"TOKEN", acestep.token.encode()), headers)
    assert (good.status, good.json["data"]) == (200, [])
    wrong = body.replace(b"TOKEN", b"f" * 64)
    assert acestep.raw("POST", "/query_result", wrong, headers).status == 401
    right_header = {**headers, "Authorization": f"Bearer {acestep.token}"}
    assert acestep.raw("POST", "/query_result", wrong, right_header).status == 401

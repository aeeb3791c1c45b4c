"""OpenAI's own packages for Python and JavaScript make music on a running server, plain and streamed."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import openai
import pytest
import soundfile

from tests.material.npm_packages import OPENAI, modules_folder
from tests.patience import PATIENCE_SECONDS
from tests.server.compat.chat.music import SECONDS, SHORT, audio_part, decode

FRAMES = round(SECONDS * 48_000)
MESSAGES = [{"role": "user", "content": "lo-fi drums"}]


@pytest.fixture(scope="module")
def client(chat):
    with openai.OpenAI(base_url=f"{chat.base}/v1", api_key=chat.token, timeout=PATIENCE_SECONDS) as made:
        yield made


def test_python_gets_the_whole_answer(client):
    found = client.chat.completions.create(
        model="auto", messages=MESSAGES, seed=3, extra_body={"audio_config": SHORT, "batch_size": 2}
    )
    (choice,) = found.choices
    assert choice.finish_reason == "stop"
    assert choice.message.content.startswith("## Metadata\n**Caption:** lo-fi drums")
    decoded = [decode(each.to_dict()) for each in choice.message.audio]
    assert [(len(samples), rate, form) for samples, rate, form in decoded] == [(FRAMES, 48_000, "WAV")] * 2


def test_python_streams(client):
    audio, content, progress = [], "", []
    with client.chat.completions.create(
        model="auto",
        messages=MESSAGES,
        stream=True,
        stream_options={"include_usage": True},
        extra_body={"audio_config": SHORT | {"format": "flac"}},
    ) as stream:
        for chunk in stream:
            for choice in chunk.choices:
                content += choice.delta.content or ""
                audio += getattr(choice.delta, "audio", None) or []
                progress.append(getattr(choice.delta, "progress", None))
    samples, rate, form = decode(audio[0].to_dict())
    assert (len(audio), len(samples), rate, form) == (1, FRAMES, 48_000, "FLAC")
    assert "**Caption:** lo-fi drums" in content
    assert {"state": "done", "task": "generate", "audio": 1, "audios": 1} in progress
    assert chunk.usage.total_tokens == 0


def test_python_lists_models(client):
    assert [model.id for model in client.models.list()] == ["bandmate/sketch"]
    assert client.models.retrieve("bandmate/sketch").owned_by == "sketch"
    with pytest.raises(openai.NotFoundError, match="Did you mean `bandmate/sketch`"):
        client.models.retrieve("bandmate/skech")


def test_python_needs_no_version_in_its_address(client, chat):
    assert client.with_options(base_url=chat.base).models.list().data


def test_python_raises_what_fits(client, chat):
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model="auto", messages=MESSAGES, extra_body={"batch_size": 99})
    assert (refused.value.param, refused.value.code) == ("batch_size", "bad_params")
    with pytest.raises(openai.NotFoundError, match="bandmate/sketch") as refused:
        client.chat.completions.create(model="gpt-9", messages=MESSAGES)
    assert refused.value.code == "model_not_found"
    stranger = client.with_options(api_key="wrong")
    with pytest.raises(openai.AuthenticationError, match="token"):
        stranger.models.list()


def test_python_raises_for_a_job_that_fails_in_a_stream(client):
    """That the recording is silent is known once it has been listened to, and the stream has begun."""
    content = [{"type": "text", "text": "jazz"}, audio_part(np.zeros((48_000, 2)), 48_000)]
    words = []

    def listen():
        asked = {"model": "auto", "messages": [{"role": "user", "content": content}]}
        with client.chat.completions.create(
            **asked, stream=True, extra_body={"task_type": "cover"}
        ) as stream:
            words.extend(chunk.choices[0].delta.content for chunk in stream)

    with pytest.raises(openai.APIError, match="silent") as failed:
        listen()
    assert failed.value.code == "input_unusable"


SCRIPT = """
import OpenAI from "openai";
import { writeFileSync } from "node:fs";

const client = new OpenAI({ baseURL: process.env.ADDRESS + "/v1", apiKey: process.env.TOKEN });
const asked = { model: "auto", messages: [{ role: "user", content: "lo-fi drums" }] };
const save = (name, part) => writeFileSync(name, Buffer.from(part.audio_url.url.split(",")[1], "base64"));

const plain = await client.chat.completions.create({ ...asked, audio_config: { duration: 2, format: "wav" } });
save("plain.wav", plain.choices[0].message.audio[0]);
const stream = await client.chat.completions.create(
  { ...asked, audio_config: { duration: 2, format: "flac" }, stream: true });
let content = "", states = [], reason = null;
for await (const chunk of stream) {
  const { delta, finish_reason } = chunk.choices[0];
  content += delta.content ?? "";
  if (delta.progress) states.push(delta.progress.state);
  if (delta.audio) save("streamed.flac", delta.audio[0]);
  reason = finish_reason ?? reason;
}
let refused;
try {
  await client.chat.completions.create({ ...asked, model: "gpt-9" });
} catch (error) {
  refused = [error.constructor.name, error.status, error.code, error.param];
}
const models = [];
for await (const model of client.models.list()) models.push(model.id);
console.log(JSON.stringify({ content, last: states.at(-1), reason, refused, models }));
"""


def test_javascript(chat, tmp_path):
    (tmp_path / "node_modules").symlink_to(modules_folder(OPENAI), target_is_directory=True)
    (tmp_path / "client.mjs").write_text(SCRIPT)
    ran = subprocess.run(
        ["node", "client.mjs"],
        cwd=tmp_path,
        env={"ADDRESS": chat.base, "TOKEN": chat.token, "PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert "**Caption:** lo-fi drums" in said["content"]
    assert (said["last"], said["reason"], said["models"]) == ("done", "stop", ["bandmate/sketch"])
    assert said["refused"] == ["NotFoundError", 404, "model_not_found", "model"]
    for name, form in (("plain.wav", "WAV"), ("streamed.flac", "FLAC")):
        found = soundfile.info(tmp_path / name)
        assert (found.format, found.samplerate, found.frames) == (form, 48_000, FRAMES)

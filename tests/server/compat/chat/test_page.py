"""The examples of docs/chat-api.md, and a flow as ACE-Step's skills have it, run against a server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import soundfile

from tests.material.npm_packages import OPENAI, modules_folder
from tests.patience import PATIENCE_SECONDS

PAGE = Path(__file__).parents[4] / "docs" / "chat-api.md"
SKILL = """
call() { curl -sS -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" "$@"; }
model=$(call "$API/v1/models" | jq -r '.data[0].id')
jq -n --arg model "$model" '{model: $model, stream: false, thinking: true, use_format: false, sample_mode: false,
  use_cot_caption: true, use_cot_language: true, lyrics: "[Verse]\\nla la", batch_size: 2, seed: "1,2",
  messages: [{role: "user", content: "soft piano"}],
  audio_config: {duration: 2, format: "mp3", vocal_language: "en", bpm: 90}}' > request.json
call "$API/v1/chat/completions" -d @request.json > answer.json
count=$(jq '.choices[0].message.audio | length' answer.json)
for ((i = 0; i < count; i++)); do
  jq -r ".choices[0].message.audio[$i].audio_url.url" answer.json | sed 's/^data:[^,]*,//' | base64 -d > "$i.mp3"
done
call "$API/v1/chat/completions" -d '{"model": "nobody", "messages": [{"role": "user", "content": "x"}]}' | jq -r .detail
"""


def run(folder, chat, *command):
    environ = os.environ | {"API": chat.base, "TOKEN": chat.token}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    return done


def blocks(language):
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found
    return "\n".join(found)


def frames(path, form):
    found = soundfile.info(path)
    assert (found.format, found.samplerate) == (form, 48_000)
    return found.frames


def test_the_examples_for_bash_run(chat, tmp_path):
    done = run(tmp_path, chat, "bash", "-euo", "pipefail", "-c", blocks("bash"))
    assert "**BPM:** 80" in done.stdout
    assert frames(tmp_path / "lofi.wav", "WAV") == 6 * 48_000


def test_the_examples_for_python_run(chat, tmp_path):
    run(tmp_path, chat, sys.executable, "-c", blocks("python"))
    for number in (0, 1):
        assert frames(tmp_path / f"drums-{number}.flac", "FLAC") == 4 * 48_000


def test_the_examples_for_javascript_run(chat, tmp_path):
    (tmp_path / "node_modules").symlink_to(modules_folder(OPENAI), target_is_directory=True)
    (tmp_path / "client.mjs").write_text(blocks("js"))
    done = run(tmp_path, chat, "node", "client.mjs")
    assert "**Caption:** string quartet, slow" in done.stdout
    assert re.search(r"\d+ of \d+", done.stderr)
    assert frames(tmp_path / "quartet.mp3", "MP3") >= 4 * 48_000


def test_the_flow_of_a_skill_runs(chat, tmp_path):
    done = run(tmp_path, chat, "bash", "-euo", "pipefail", "-c", SKILL)
    for number in (0, 1):
        assert frames(tmp_path / f"{number}.mp3", "MP3") >= 2 * 48_000
    assert done.stdout.startswith("There is no model `nobody`.")

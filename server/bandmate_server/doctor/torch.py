"""What torch and the graphics card make of each other. torch is asked in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from bandmate_plugins._platform.devices import CAP, vram_cap_gb
from bandmate_plugins._platform.installation import how_to_reinstall
from bandmate_protocol.texts import say
from bandmate_server.doctor.finding import Finding
from bandmate_server.doctor.planner import check_planners

_MIN_CAPABILITY = (7, 5)
"""Cards below sm_75 are not in torch 2.13's CUDA builds."""

_TORCH_PROBE = """
import json, torch
from bandmate_plugins._platform.devices import choose_device
cuda = torch.cuda.is_available()
choice = choose_device()
print(json.dumps({
    "version": torch.__version__, "cuda_build": torch.version.cuda, "cuda": cuda,
    "mps": torch.backends.mps.is_available(),
    "name": torch.cuda.get_device_name(0) if cuda else "",
    "capability": torch.cuda.get_device_capability(0) if cuda else None,
    "free_bytes": torch.cuda.mem_get_info(0)[0] if cuda else None,
    "device": choice.name, "format": choice.number_format, "trouble": choice.sentence,
}))
"""


def check_torch() -> Iterator[Finding]:
    """Whether the model engines would run on the graphics card."""
    try:
        version("torch")
    except PackageNotFoundError:
        yield Finding("note", "models", "torch is not installed; the embedded engines work without it.")
        return
    answer = _ask_torch()
    if isinstance(answer, str):
        remedy = how_to_reinstall("torch", "torchaudio")
        yield Finding("bad", "torch", say("torch cannot be imported: {answer}", answer=answer), remedy)
        return
    yield judge_torch(answer, nvidia_card())
    if answer["free_bytes"] is not None:
        yield from check_planners(answer["free_bytes"], vram_cap_gb())
    yield from check_memory_cap(os.environ.get(CAP, ""))


def check_memory_cap(said: str) -> Iterator[Finding]:
    """What the environment says of the card's memory."""
    if said and vram_cap_gb() is None:
        yield Finding(
            "bad",
            CAP,
            say("{cap}={said} is not a number of GB, so it is ignored.", cap=CAP, said=said),
            "Use a number such as 8.",
        )
    elif said:
        yield Finding(
            "note",
            CAP,
            say("Models use at most {vram_cap_gb:g} GB of the card.", vram_cap_gb=vram_cap_gb()),
            say("Unset {cap} to allow all of it.", cap=CAP),
        )


def judge_torch(torch: dict[str, Any], card: str | None) -> Finding:
    """What torch's answer means, given the card that the driver names (None without one)."""
    major, minor = torch["capability"] or (0, 0)
    if torch["cuda"] and (major, minor) < _MIN_CAPABILITY:
        sentence = say(
            "{card} (sm_{major}{minor}) is too old for torch {version}.",
            card=torch["name"],
            major=major,
            minor=minor,
            version=torch["version"],
        )
        return Finding("bad", "torch", sentence, "The embedded engines and the CPU still work.")
    if torch["cuda"] or torch["mps"]:
        return _device_finding(torch)
    if card and not torch["cuda_build"]:
        sentence = say(
            "torch {version} is a CPU-only build, but there is a {card}.", version=torch["version"], card=card
        )
        return Finding("bad", "torch", sentence, "Install torch's CUDA build.")
    if card:
        sentence = say("torch {version} does not detect the {card}.", version=torch["version"], card=card)
        return Finding("bad", "torch", sentence, "Update the card's driver.")
    return Finding(
        "note",
        "torch",
        say("{version}, no graphics card: models run on the CPU, slowly.", version=torch["version"]),
    )


def _device_finding(torch: dict[str, Any]) -> Finding:
    """What became of a matrix product on the device, and how much of its memory is free."""
    name = torch["name"] or "Apple silicon"
    free = torch.get("free_bytes")
    room = say(", {free_gb:.1f} GB free", free_gb=free / 1e9) if free is not None else ""
    sentence = say("{version} on {name}{room}", version=torch["version"], name=name, room=room)
    trouble = str(torch.get("trouble") or "")
    if not trouble:
        return Finding("good", "torch", sentence)
    if torch.get("device") == "cpu":
        remedy = "Models run on the CPU, slowly. Update the card's driver, or install torch's own CUDA build."
        return Finding(
            "bad", "torch", say("{sentence}, but {trouble}.", sentence=sentence, trouble=trouble), remedy
        )
    remedy = (
        "Bandmate works around it. Updating the card's driver may make the faster format available again."
    )
    return Finding("note", "torch", say("{sentence}; {trouble}.", sentence=sentence, trouble=trouble), remedy)


def nvidia_card() -> str | None:
    """The card's name from NVIDIA's driver."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    arguments = [program, "--query-gpu=name", "--format=csv,noheader"]
    try:
        answer = subprocess.run(arguments, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return next(iter(answer.stdout.strip().splitlines()), None)


def _ask_torch() -> dict[str, Any] | str:
    try:
        answer = subprocess.run(
            [sys.executable, "-c", _TORCH_PROBE], capture_output=True, text=True, timeout=180, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    if answer.returncode != 0:
        return next(reversed(answer.stderr.strip().splitlines()), f"exit status {answer.returncode}")
    found: dict[str, Any] = json.loads(answer.stdout)
    return found

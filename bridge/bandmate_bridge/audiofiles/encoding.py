"""Writes what arrived as floats in another format, by a process of the server part, which has numpy."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from bandmate_bridge.audiofiles.formats import AudioFormat
from bandmate_bridge.audiofiles.wav import WavFile, create_pcm_wav
from bandmate_bridge.file_errors import file_errors
from bandmate_plugins._platform.installation import how_to_add
from bandmate_plugins._platform.wav_header import WavShape
from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.texts import say

_PROGRAM = "bandmate_server.audio.encode_process"
_NEEDED = ("numpy", "scipy", "soundfile")


class _EncodeAnswer(msgspec.Struct, frozen=True):
    error: str = ""
    errno: int = 0
    clipped: int = 0
    true_peak_dbtp: float | None = None


def check_encoder(audio_format: AudioFormat) -> None:
    """Raises RequestError (`engine_unavailable`) when this installation writes floats only."""
    if audio_format.is_float:
        return
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise RequestError(
            ErrorCode.ENGINE_UNAVAILABLE,
            say(
                "{title} needs {names}, which is not installed here.",
                title=audio_format.title,
                names=", ".join(missing),
            ),
            say("{how_to_add} A 32-bit float WAV file needs nothing extra.", how_to_add=how_to_add("server")),
        )


class AudioEncoder:
    """Converts finished files; use it as a context manager. Errors and remarks name the user's own file."""

    def __init__(self, audio_format: AudioFormat) -> None:
        self._format = audio_format
        self._process: subprocess.Popen[bytes] | None = None

    def encode(self, source: WavFile, sha256: str, target: Path, named: Path) -> list[str]:
        """Writes a new file ``target`` from one whose frames have that hash; returns what to say about it.

        Raises RequestError: `disk_full`, `file_unusable`; then there is no ``target``.
        """
        try:
            answer = self._send_request(self._encode_request(source, sha256, target, named))
            with file_errors(named):
                if answer.error:
                    raise OSError(answer.errno, answer.error)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return _clipping_remarks(answer, named, self._format)

    def _encode_request(self, source: WavFile, sha256: str, target: Path, named: Path) -> bytes:
        shape = WavShape(source.sample_rate, source.channels, source.frames, self._format.bits)
        is_wav = self._format.container == "wav"
        request = {
            "source": os.fsencode(source.path),
            "source_at": source.data_at,
            "target": os.fsencode(target),
            "target_at": create_pcm_wav(target, shape, named=named) if is_wav else 0,
            "container": self._format.container,
            "bits": shape.bits,
            "sample_rate": shape.sample_rate,
            "channels": shape.channels,
            "frames": shape.frames,
            "seed": sha256,
        }
        return msgspec.json.encode(request)

    def _send_request(self, request: bytes) -> _EncodeAnswer:
        process = self._process or self._start_process()
        assert process.stdin is not None, "it was piped"
        assert process.stdout is not None, "it was piped"
        try:
            process.stdin.write(request + b"\n")
            process.stdin.flush()
            return msgspec.json.decode(process.stdout.readline(), type=_EncodeAnswer)
        except (OSError, msgspec.DecodeError) as error:
            raise self._failure_error(process) from error

    def _start_process(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Ctrl-C is for the command, which then ends this process.
            start_new_session=os.name != "nt",
        )
        return self._process

    def _failure_error(self, process: subprocess.Popen[bytes]) -> BandmateError:
        process.kill()
        _, said = process.communicate()
        last = said.decode("utf-8", "replace").strip().splitlines()
        reason = last[-1] if last else f"exit status {process.returncode}"
        return BandmateError(
            ErrorCode.INTERNAL,
            say("Writing {title} failed: {reason}.", title=self._format.title, reason=reason),
            "Remove --bits and --format; `bandmate fetch` fetches the job's result again.",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()


def _clipping_remarks(answer: _EncodeAnswer, named: Path, audio_format: AudioFormat) -> list[str]:
    if not answer.clipped:
        return []
    peak = "" if answer.true_peak_dbtp is None else f": its true peak is {answer.true_peak_dbtp:+.1f} dBTP"
    samples = f"{answer.clipped} sample{'s' if answer.clipped > 1 else ''}"
    return [
        say(
            "{named} is clipped at {samples}, because {bits} bits end at full scale{peak}. Lower its level, or "
            "keep the peaks with --bits 32.",
            named=named.name,
            samples=samples,
            bits=audio_format.bits,
            peak=peak,
        )
    ]

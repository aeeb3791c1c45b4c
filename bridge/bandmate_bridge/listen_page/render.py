"""Renders examples through a server into a folder of audio files, and gathers what the page shows."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bandmate_bridge.client import Client
from bandmate_bridge.files import temporary_folder
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.jobs.job_run import run_job
from bandmate_bridge.jobs.receive import ReceivedStem, StemReceiver
from bandmate_bridge.listen_page.audio import write_16_bit
from bandmate_bridge.listen_page.examples import PageExample
from bandmate_bridge.listen_page.picture import draw_spectrogram, draw_waveform, read_mono
from bandmate_bridge.progress import ProgressCallback
from bandmate_bridge.requests.timing import suggest_tempo_and_key
from bandmate_protocol.errors import BandmateError
from bandmate_protocol.forms import option_schemas, task_schemas

AUDIO = "audio"
"""The folder beside the page that holds the sound."""
_RATE = 48_000


@dataclass
class PageEntry:
    """One example as the page shows it."""

    name: str
    example: PageExample
    failure: str = ""
    """A sentence, where it could not be made."""
    audio: str = ""
    """The sound file, from the page's folder."""
    waveform: str = ""
    """A PNG as a data address."""
    spectrogram: str = ""
    bpm: float = 0.0
    metre: str = ""
    key: str = ""
    seconds: float = 0.0
    took: float = 0.0
    """Seconds from the request to the last of the audio."""
    lufs: float | None = None
    peak_dbtp: float | None = None
    engine: str = ""
    report: dict[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


KeepMix = Callable[[ReceivedStem, PageEntry], None]
"""Takes a mix out of a folder that is gone afterwards."""


def render_example(
    client: Client, name: str, example: PageExample, folder: Path, progress: ProgressCallback
) -> PageEntry:
    """Makes one example's mix. What the server refuses is told on the page; raises RequestError for files."""
    return render_mix(
        client, name, example, lambda received, shown: _show_mix(received, shown, folder), progress
    )


def render_mix(
    client: Client, name: str, example: PageExample, keep: KeepMix, progress: ProgressCallback
) -> PageEntry:
    """Makes one example's mix for `keep`. What the server refuses is the entry's failure."""
    shown = PageEntry(name, example)
    try:
        feel = suggest_tempo_and_key(
            client, example.prompt, example.feel, example.engine, example.seed, progress
        )
        timeline = feel.timeline(example.length, _RATE)
    except BandmateError as error:
        shown.failure = str(error)
        return shown
    params = _example_params(example, accepts_sound(client))
    request = JobRequest("generate", timeline, params, engine=example.engine, seed=example.seed)
    shown.bpm, shown.key = timeline.tempo[0].bpm, timeline.key or ""
    shown.metre = f"{timeline.tempo[0].numerator}/{timeline.tempo[0].denominator}"
    _receive_example(client, request, shown, keep, progress)
    return shown


def accepts_sound(client: Client) -> bool:
    """Whether an engine for `generate` lets one choose where acoustic instruments come from."""
    catalogue = client.describe()
    generate = next((task for task in catalogue.tasks if task.name == "generate"), None)
    if generate is None:
        return False
    forms = [task_schemas(generate), *(option_schemas(engine, generate) for engine in catalogue.engines)]
    return any("sound" in form for form in forms)


def _example_params(example: PageExample, sound: bool) -> dict[str, Any]:
    params: dict[str, Any] = {"prompt": example.prompt, "mix": True} | example.options
    if example.lyrics:
        params |= {"lyrics": example.lyrics, "language": example.language}
    return params | {"sound": example.sound} if sound else params


def _receive_example(
    client: Client, request: JobRequest, shown: PageEntry, keep: KeepMix, progress: ProgressCallback
) -> None:
    with temporary_folder() as place:
        receiver = StemReceiver(Path(place))
        try:
            accepted, outcome = run_job(client, request, receiver, progress)
        except BandmateError as error:
            shown.failure = str(error)
            return
        kept = receiver.keep(lambda stem: Path(place) / f"{stem.stem}.wav")
        if not kept:
            shown.failure = "The engine produced no audio."
            return
        shown.engine, shown.took = accepted.engine, outcome.seconds
        shown.report, shown.remarks = dict(outcome.done.report), outcome.done.remarks
        shown.lufs, shown.peak_dbtp = kept[0].end.loudness_lufs, kept[0].end.true_peak_dbtp
        shown.seconds = request.timeline.frames / request.timeline.sample_rate
        keep(kept[0], shown)


def _show_mix(received: ReceivedStem, shown: PageEntry, folder: Path) -> None:
    stem = received.stem
    shown.audio = f"{AUDIO}/{shown.name}.wav"
    mono = read_mono(received.path, stem.channels)
    shown.waveform = _data_url(draw_waveform(mono))
    shown.spectrogram = _data_url(draw_spectrogram(mono, stem.sample_rate))
    write_16_bit(
        received.path, folder / shown.audio, rate=stem.sample_rate, channels=stem.channels, frames=stem.frames
    )


def _data_url(picture: bytes) -> str:
    return f"data:image/png;base64,{b64encode(picture).decode()}"

"""What `bandmate generate` does with its options."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from bandmate_bridge.audiofiles.formats import FormatRequest
from bandmate_bridge.cli.connect import connect_client
from bandmate_bridge.cli.display import ProgressDisplay
from bandmate_bridge.cli.options.audio import check_sections_alone
from bandmate_bridge.cli.options.input_files import readable_audio_file
from bandmate_bridge.cli.options.notes import NotesOptions
from bandmate_bridge.cli.play import play_results
from bandmate_bridge.cli.report import print_result
from bandmate_bridge.cli.routed import route_to_reaper
from bandmate_bridge.files import temporary_folder
from bandmate_bridge.outputs.into_project import ProjectOutput, TrackLayout
from bandmate_bridge.outputs.output import ResultOutput
from bandmate_bridge.projects import load_project
from bandmate_bridge.requests.followed_score import FollowedScore
from bandmate_bridge.requests.given_chart import chart_decides_key
from bandmate_bridge.requests.given_notes import (
    ONLY,
    NotesSource,
    files_notes,
    note_params,
    place_notes,
    project_notes_range,
    track_notes,
)
from bandmate_bridge.requests.placement import placement_remarks
from bandmate_bridge.requests.ranges import GivenRanges
from bandmate_bridge.requests.sections import new_music_range, section_target
from bandmate_bridge.requests.surroundings import SurroundingMusic, gather_song
from bandmate_bridge.requests.timing import (
    MusicLength,
    TempoMetreKey,
    suggest_length,
)
from bandmate_bridge.rpp import Project
from bandmate_bridge.runs.engine_names import check_engine
from bandmate_bridge.runs.generate import GenerateRequest, generate_variations
from bandmate_bridge.runs.new_music import NewMusic
from bandmate_bridge.runs.new_notes import notes_timeline
from bandmate_bridge.runs.on_audio import output_on_file
from bandmate_bridge.runs.run_result import RunResult
from bandmate_bridge.watch.routed import ReaperRoute
from bandmate_protocol.messages import JobTarget, Timeline
from bandmate_protocol.tempo import TempoMap
from bandmate_protocol.texts import say

_DEFAULT_RATE = 48_000


@dataclass(frozen=True)
class GenerateOptions:
    """The options as click read them."""

    prompt: str
    output: str | None
    into: Path | None
    at: str | None
    bars: float | None
    beats: float | None
    seconds: float | None
    track: str | None
    flat: bool
    bpm: float | None
    key: str | None
    metre: tuple[int, int] | None
    rate: int | None
    engine: str | None
    seed: int | None
    variations: int
    midi: bool
    context: Path | None
    alone: bool
    reference: Path | None
    sung: Mapping[str, Any]
    """Chords and lyrics, and how a model is run."""
    play: bool
    as_json: bool
    force: bool
    files: FormatRequest
    """The format of files."""
    notes: NotesOptions = field(default_factory=NotesOptions)
    """Notes that are to be played."""
    sections: tuple[str, ...] = ()
    """The names of the sections that it fills."""
    score: FollowedScore | None = None
    """A score that it follows."""

    @property
    def uses_project_context(self) -> bool:
        """To what the project plays there; a FILE to go with takes its place."""
        return not self.alone and self.context is None

    @property
    def params(self) -> Mapping[str, Any]:
        """Parameters of the task, besides the prompt."""
        if self.notes.is_empty:
            return self.sung
        return {**self.sung, **note_params(self.notes.use or ONLY, humanise=self.notes.humanise)}

    @property
    def variation_remarks(self) -> list[str]:
        """That several variations are all the same, where only given notes are played."""
        exact = not self.notes.is_empty and self.notes.use in (None, ONLY) and not self.notes.humanise
        if self.variations == 1 or not exact:
            return []
        return ["The notes are played exactly, so all variations are the same; --humanise makes them differ."]

    @property
    def ranges(self) -> GivenRanges:
        """Where in a project it goes."""
        return GivenRanges((), self.at, self.length, self.sections)

    @property
    def length(self) -> MusicLength:
        """The length, if one was given."""
        return MusicLength(self.bars, self.beats, self.seconds)


def run_generate(options: GenerateOptions) -> None:
    """Checks all that can be checked without a server, then makes the music and says where it is."""
    _check_options(options)
    if options.into is not None and _run_in_reaper(options, options.into):
        return
    options = replace(
        options,
        context=readable_audio_file(options.context) if options.context else None,
        reference=readable_audio_file(options.reference) if options.reference else None,
    )
    with ExitStack() as stack:
        output, timeline = _prepare_output(options, stack)
        source = _read_notes(options, output)
        output.check(options.variations)
        result = _make_music(options, output, timeline, source)
        if options.output is None and options.into is None:
            # What is only played lies in a temporary folder.
            result.lines.clear()
            result.files.clear()
        print_result(result, as_json=options.as_json)
        if options.play:
            play_results(result.received)


def _read_notes(options: GenerateOptions, output: ResultOutput) -> NotesSource | None:
    """The notes that are to be played; None for none. Raises RequestError."""
    notes = options.notes
    if options.score is not None:
        return options.score.source()
    if notes.files:
        uses = notes.uses if len(notes.files) > 1 else ()
        return files_notes(notes.files, notes.track, uses)
    if notes.track is None:
        return None
    assert isinstance(output, ProjectOutput), "a track without a file is one of the project"
    return track_notes(output.project, notes.track)


def _make_music(
    options: GenerateOptions, output: ResultOutput, timeline: Timeline | None, source: NotesSource | None
) -> RunResult:
    # Drawn here, so that what is suggested follows from it too, and the seed that is told repeats it all.
    seed = secrets.randbits(31) if options.seed is None else options.seed
    with ProgressDisplay() as display, connect_client(display) as client:
        check_engine(client, options.engine)
        decided: list[str] = []
        origin, tempo = 0.0, None
        if source is not None and isinstance(output, ProjectOutput):
            timeline, origin = project_notes_range(output.project, source, options.ranges, options.key)
            tempo = output.project.tempo_map
        elif source is not None:
            placed = notes_timeline(client, _new_music(options, seed), source, display)
            timeline, decided, tempo, origin = placed.timeline, placed.remarks, placed.tempo, placed.origin
        elif timeline is None:
            timeline, said_of_tempo = _new_music(options, seed).timeline(client, display)
            decided = [said_of_tempo] if said_of_tempo else []
        elif isinstance(output, ProjectOutput) and options.at is not None and options.length.is_open:
            length = suggest_length(client, options.prompt, options.length, options.engine, seed, display)
            timeline = _project_range(output.project, options, length)
        params, said_of_score = _follow_score(options, timeline, tempo, origin)
        around = SurroundingMusic()
        # Of the project as it is before the result is in it.
        said = placement_remarks(output.project, timeline) if isinstance(output, ProjectOutput) else []
        if isinstance(output, ProjectOutput) and options.uses_project_context:
            around = gather_song(client, output.project, timeline, params, display)
            timeline = around.apply_to(timeline)
        if source is not None and isinstance(output, ProjectOutput):
            timeline, decided = place_notes(source, timeline, output.project.tempo_map, origin)
        ask = GenerateRequest(
            options.prompt,
            seed,
            engine=options.engine,
            variations=options.variations,
            context=options.context,
            reference=options.reference,
            beside=around.inputs,
            params=params,
        )
        result = generate_variations(client, ask, timeline, output, display)
        result.decided += [*decided, *said_of_score, *said, *around.remarks, *options.variation_remarks]
        return result


def _follow_score(
    options: GenerateOptions, timeline: Timeline, tempo: TempoMap | None, origin: float
) -> tuple[Mapping[str, Any], list[str]]:
    """The parameters with the chords of the score where the range has its bars, and what is said of it."""
    score = options.score
    if score is None or tempo is None:
        return options.params, []
    chart = score.chart(timeline, tempo, origin)
    params = {**options.params, "chords": chart} if chart else options.params
    return params, score.remarks(timeline, tempo, origin)


def _new_music(options: GenerateOptions, seed: int) -> NewMusic:
    """What decides the timeline where no project does."""
    return NewMusic(
        options.prompt,
        TempoMetreKey(options.bpm, options.metre, options.key),
        options.length,
        options.rate or _DEFAULT_RATE,
        options.engine,
        seed,
        song=options.context,
        key_follows=bool(options.context or options.reference)
        or chart_decides_key(options.sung)
        or (options.score is not None and options.score.has_chords),
    )


def _run_in_reaper(options: GenerateOptions, project: Path) -> bool:
    """Has it made into the project inside REAPER, where that has it open; whether it was.

    Several variations, audio to go with, a reference, a MIDI file, a score, and playing are the command line's own.
    """
    own = options.variations > 1 or options.context or options.reference or options.play
    if own or options.force or options.notes.files or options.score:
        return False
    target = JobTarget(
        track=options.track,
        at=options.at,
        bars=options.bars,
        beats=options.beats,
        seconds=options.seconds,
        key=options.key,
        alone=options.alone,
        flat=options.flat,
        midi=options.midi,
        midi_track=options.notes.track,
    )
    target = section_target(target, project, options.sections, new_music=True)
    params = {"prompt": options.prompt, **options.params}
    route = ReaperRoute(project, "generate", params, target, options.engine, options.seed)
    return route_to_reaper(route, as_json=options.as_json)


def _check_options(options: GenerateOptions) -> None:
    """Refuses what cannot go together. Raises click.UsageError."""
    options.notes.check(has_project=options.into is not None)
    lengths = [name for name in ("bars", "beats", "seconds") if getattr(options, name) is not None]
    if len(lengths) > 1:
        raise click.UsageError(
            say(
                "Give one length: --{first} or --{second}, not both.",
                first=lengths[0],
                second=lengths[1],
            )
        )
    check_sections_alone(options.sections, options.at, *lengths)
    if options.into is None:
        _check_without_project(options)
        return
    if options.output is not None:
        raise click.UsageError("Give -o for files or --into for a project, not both.")
    for name in ("bpm", "metre", "rate"):
        if getattr(options, name) is not None:
            raise click.UsageError(say("The project sets its own {name}. Remove --{name}.", name=name))


def _check_without_project(options: GenerateOptions) -> None:
    if options.sections:
        raise click.UsageError("--section needs a project; add --into song.rpp.")
    for name in ("at", "track"):
        if getattr(options, name) is not None:
            raise click.UsageError(
                say("--{name} is a position in a project; add --into song.rpp.", name=name)
            )
    for name in ("flat", "alone"):
        if getattr(options, name):
            raise click.UsageError(say("--{name} needs tracks in a project; add --into song.rpp.", name=name))
    if options.output is None and not options.play:
        raise click.UsageError(
            "No output given. Use -o out.wav, -o folder/, -o song.dawproject, --into song.rpp, or --play."
        )


def _prepare_output(options: GenerateOptions, stack: ExitStack) -> tuple[ResultOutput, Timeline | None]:
    """The output, and the timeline where a project or the options decide it."""
    if options.into is not None:
        project = load_project(options.into)
        layout = TrackLayout(options.prompt, track=options.track, flat=options.flat, midi=options.midi)
        output = ProjectOutput(project, layout, force=options.force)
        if not options.notes.is_empty or options.score is not None:
            return output, None
        return output, _project_range(project, options, options.length)
    text = options.output
    if text is None:
        text = str(Path(stack.enter_context(temporary_folder())) / "play.wav")
    written = output_on_file(
        Path(text),
        text,
        force=options.force,
        patches=False,
        midi=options.midi,
        asked=options.files,
        title=options.prompt,
    )
    feel = TempoMetreKey(options.bpm, options.metre, options.key)
    # A length that cannot be is found before anything starts.
    timeline = feel.timeline(options.length, options.rate or _DEFAULT_RATE)
    return written, timeline if feel.is_complete and not options.length.is_open else None


def _project_range(project: Project, options: GenerateOptions, length: MusicLength) -> Timeline:
    return new_music_range(project, replace(options.ranges, length=length), options.key)

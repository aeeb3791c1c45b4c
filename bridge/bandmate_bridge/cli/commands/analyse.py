"""`bandmate analyse`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from bandmate_bridge.cli.options.audio import bare_source_options, take_common_options
from bandmate_protocol.messages import JobTarget


@click.command()
@bare_source_options
@click.option(
    "--tempo",
    type=click.Choice(["hear", "project", "audio"]),
    default="hear",
    show_default=True,
    help="hear: detect beats, and keep the project's tempo where it agrees; project: use the project's tempo, "
    "for music played to it; audio: ignore the project's tempo.",
)
@click.option("--tempo-map", is_flag=True, help="Write the detected tempo to the project if it is reliable.")
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path),
    help="Write the whole report to this file; - prints it.",
)
@click.option("--png", "png_file", type=click.Path(path_type=Path), help="Draw the analysis as a PNG.")
def analyse(
    tempo: str, tempo_map: bool, json_file: Path | None, png_file: Path | None, **options: Any
) -> None:
    """Detect tempo, metre, key, chords, sections and loudness.

    In a project, chords become markers and sections become regions.

    \b
    bandmate analyse mix.wav --png picture.png
    bandmate analyse --into song.rpp --track Mix
    """
    from bandmate_bridge.cli.run_on_audio import AudioCommand, run_in_reaper
    from bandmate_bridge.requests.audio_jobs import TaskOptions
    from bandmate_bridge.runs.analyse import check_files
    from bandmate_bridge.runs.on_audio import GivenTempo

    common = take_common_options(options)
    common.place(prompt=False)
    if common.into is None and (tempo_map or tempo == "project"):
        raise click.UsageError("--tempo and --tempo-map need a project; add --into song.rpp.")
    if tempo_map and tempo == "project":
        raise click.UsageError("--tempo-map uses the detected tempo. Remove --tempo project.")
    if common.into is None:
        tempo = "audio"
    check_files(json_file, png_file, force=common.force)
    task = AudioCommand(
        TaskOptions("analyse", {"tempo": tempo}, engine=common.engine),
        common,
        None,
        GivenTempo(needs_music=False),
    )
    if common.into and not (json_file or png_file) and run_in_reaper(task, JobTarget(tempo_map=tempo_map)):
        return
    if common.into and _report_midi_items(common, json_file, png_file, tempo_map=tempo_map):
        return
    _run_analysis(task, tempo_map, json_file, png_file)


def _run_analysis(task: Any, tempo_map: bool, json_file: Path | None, png_file: Path | None) -> None:
    from bandmate_bridge.analysis.report import AnalysisReport, report_summary
    from bandmate_bridge.cli.connect import connect_client
    from bandmate_bridge.cli.display import ProgressDisplay
    from bandmate_bridge.cli.options.input_files import readable_audio_file
    from bandmate_bridge.cli.run_on_audio import select_in_project
    from bandmate_bridge.cli.write_song import song_lines
    from bandmate_bridge.runs import analyse as analysis
    from bandmate_bridge.runs.engine_names import check_engine

    common = task.common
    file, _ = common.place(prompt=False)
    if file is not None:
        file = readable_audio_file(file)
    selected = select_in_project(task) if file is None else None
    draw, said = analysis.load_drawer() if png_file else None, list[str]()
    with ProgressDisplay() as display, connect_client(display) as client:
        check_engine(client, common.engine)
        if selected is not None:
            outcome, said = analysis.analyse_item(client, selected, task.wanted, display)
        else:
            assert file is not None, "without a project there is a file"
            outcome = analysis.analyse_file(client, file, common.ranges, task.wanted, task.said, display)
    values = outcome.done.report
    report = AnalysisReport.from_values(values)
    title, ruler_start = file.name if file else "", 0.0
    if selected is not None:
        title = f"{selected.project.path.stem}: {selected.heard.track.title}"
        ruler_start = selected.project.ruler_start
    begins = report.start_frame / report.sample_rate + ruler_start
    if json_file is not None:
        analysis.write_json(values, json_file, force=common.force)
    if png_file is not None and draw is not None:
        analysis.write_picture(draw, values, png_file, title=title, begins=begins, force=common.force)
    lines = report_summary(report, ruler_start)
    if isinstance(song := values.get("song"), Mapping):
        lines += ["", "As the planner understands it:", *song_lines(song)]
    if selected is not None:
        lines += analysis.mark_project(selected.project, report, tempo_map=tempo_map, force=common.force)
    lines += [f"  {remark}" for remark in (*said, *outcome.done.remarks)]
    _tell(lines, json_file, png_file)


def _tell(lines: Sequence[str], *files: Path | None) -> None:
    """The report in words, and the files there are; not in between where standard output has the JSON."""
    from bandmate_bridge.files import STANDARD_OUTPUT

    aside = STANDARD_OUTPUT in files
    for line in (*lines, *(path for path in files if path is not None and path != STANDARD_OUTPUT)):
        click.echo(line, err=aside)


def _report_midi_items(
    common: Any, json_file: Path | None, png_file: Path | None, *, tempo_map: bool
) -> bool:
    """Tells what the notes of MIDI items say; whether the track has them where it is to be analysed."""
    import msgspec

    from bandmate_bridge.analysis.report import report_summary
    from bandmate_bridge.analysis.written_report import written_report
    from bandmate_bridge.projects import load_project
    from bandmate_bridge.runs import analyse as analysis

    project = load_project(common.into)
    report = written_report(project, common.track, common.ranges)
    if report is None:
        return False
    if png_file is not None or tempo_map:
        raise click.UsageError("This is MIDI and has no audio. Remove --png and --tempo-map.")
    if json_file is not None:
        analysis.write_json(msgspec.to_builtins(report), json_file, force=common.force)
    lines = [*report_summary(report, project.ruler_start), "  Detected key and chords from the MIDI notes."]
    lines += analysis.mark_project(project, report, tempo_map=False, force=common.force)
    _tell(lines, json_file)
    return True

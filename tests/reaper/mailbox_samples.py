"""Two messages of every kind of the mailbox: one with every field, and one with only those that must be there."""

from __future__ import annotations

from bandmate_bridge.reaper.mailbox_messages import (
    AgentAlive,
    AgentHello,
    AgentMessage,
    AnalysisMarks,
    AskModel,
    AttachJob,
    CancelWork,
    ContextChanged,
    DescribeServer,
    EngineForm,
    EngineModels,
    FetchModel,
    FileSending,
    FilesGrown,
    FollowPull,
    FormField,
    JobAccepted,
    JobCancelled,
    JobDone,
    JobMoved,
    JobsPlanned,
    MarkerFact,
    MarkFact,
    ModelAsked,
    ModelEntry,
    ModelOffer,
    NoteFact,
    NotesWritten,
    PreviewLine,
    PreviewTask,
    ProjectFact,
    PullEnded,
    PullMoved,
    ReaperFacts,
    RedoJob,
    RefuseInvoke,
    RequestDropped,
    RunTask,
    ScriptMessage,
    ScriptsBye,
    ScriptsHello,
    ServerCatalogue,
    ServerState,
    SpotFact,
    StemPlace,
    StemsStarted,
    StemWritten,
    TaskForm,
    TaskInvoked,
    TempoFact,
    TempoMark,
    TextFact,
    TrackFact,
    WorkFailed,
)
from tests.protocol.samples import FULL_TARGET

JOB = "k3x9q2ab"
ASK = "{3B0C5E1A-0000-4000-8000-00000000000A}"
ITEM = "{7D1F2A33-0000-4000-8000-0000000000B1}"
TRACK = "{7D1F2A33-0000-4000-8000-0000000000A1}"
MEDIA = "/home/ida/Märchen 東京/audio"

CHUNK = f"""\
<ITEM
POSITION 4.000000000000000
LENGTH 2.500000000000000
SEL 1
IGUID {ITEM}
NAME "Loop"
<SOURCE WAVE
FILE "{MEDIA}/loop.wav"
>
>"""

FACTS = ReaperFacts(
    project=ProjectFact(
        id="{5F1C22AA-0000-4000-8000-000000000001}",
        file="/home/ida/Märchen 東京/song.rpp",
        media=MEDIA,
        sample_rate=44_100,
        bar_offset=-2,
        time_offset_seconds=3590.0,
    ),
    bpm=118.5,
    numerator=7,
    denominator=8,
    points=(
        TempoFact(seconds=0.0, bpm=118.5, numerator=7, denominator=8, linear=True, flags=1),
        TempoFact(seconds=12.25, bpm=90.0),
    ),
    markers=(
        MarkerFact(name="F#m7", start_seconds=4.0),
        MarkerFact(name="Bb", start_seconds=5.0, end_seconds=6.5),
    ),
    selection_seconds=(4.0, 6.5),
    cursor_seconds=4.0,
    position_seconds=5.125,
    playing=True,
    recording=True,
    looping=True,
    tracks=(
        TrackFact(
            guid=TRACK,
            number=3,
            name='A "quoted" name',
            selected=True,
            razor_seconds=((4.0, 5.0), (5.5, 6.0)),
            items=(CHUNK,),
            muted=True,
            gain=0.25,
        ),
    ),
)
BARE_FACTS = ReaperFacts(project=ProjectFact(id="userdata: 0x55d0"))

SPOT = SpotFact(item=ITEM, position_seconds=4.0, length_seconds=2.5, phase_seconds=-0.00001, track=TRACK)

SCRIPT_SAMPLES: tuple[ScriptMessage, ...] = (
    ScriptsHello(id="0f1e2d3c4b5a6978", version="0.1.0", mailbox_version=2),
    ScriptsHello(),
    ScriptsBye(),
    DescribeServer(id="0f1e2d3c4b5a6978"),
    DescribeServer(),
    PreviewTask(
        id=ASK,
        task="repaint",
        facts=FACTS,
        params={"prompt": "busier"},
        engine="sketch",
        seed=7,
        takes=True,
        mixed=True,
        midi=True,
        bars=4.0,
        where=FULL_TARGET,
    ),
    PreviewTask(id=ASK, task="generate", facts=BARE_FACTS),
    RunTask(
        id=ASK,
        task="repaint",
        facts=FACTS,
        params={"prompt": "busier", "strength": 0.5, "mix": True},
        engine="sketch",
        seed=4_294_967_295,
        takes=True,
        mixed=True,
        midi=True,
        bars=16.0,
        where=FULL_TARGET,
        invoke="into-00ff",
        again=True,
    ),
    RunTask(id=ASK, task="generate", facts=BARE_FACTS),
    AttachJob(
        id=JOB,
        job=JOB,
        media=MEDIA,
        title="Loop, busier",
        spot=SPOT,
        sample_rate=44_100,
        expected=2,
        midi=True,
        files={"0": f"{MEDIA}/drums.wav", "1": f"{MEDIA}/bass.wav"},
    ),
    AttachJob(job=JOB, media=MEDIA),
    RedoJob(
        id=ASK,
        job=JOB,
        media=MEDIA,
        title="Loop, busier",
        spot=SPOT,
        sample_rate=44_100,
        expected=2,
        midi=True,
        seed=8,
    ),
    RedoJob(job=JOB, media=MEDIA),
    CancelWork(id=JOB, job=JOB),
    CancelWork(id=ASK, ask=ASK),
    ContextChanged(id="0f1e2d3c4b5a6978", facts=FACTS),
    ContextChanged(facts=BARE_FACTS),
    RefuseInvoke(id="0f1e2d3c4b5a6978", request="press", sentence="No item is selected."),
    RefuseInvoke(request="press", sentence="No item is selected."),
    AskModel(id=ASK, model="htdemucs"),
    FetchModel(id=ASK, model="htdemucs", licence="mit", most_gb=0.085),
    FetchModel(id=ASK, model="htdemucs"),
    FollowPull(id=JOB, job=JOB, model="htdemucs", licence="mit", most_gb=0.085),
    FollowPull(id=JOB, job=JOB, model="htdemucs"),
)

TASK_FORM = TaskForm(
    task="cover",
    title="Cover",
    summary="Plays it again in another style.",
    source="required",
    result="tracks",
    can_be_take=True,
    mixed=True,
    listens=True,
    fields=(
        FormField(
            name="prompt", title="Prompt", about="What it should sound like", kind="string", default=""
        ),
        FormField(
            name="strength",
            title="Strength",
            kind="number",
            default=0.5,
            lowest=0.0,
            highest=1.0,
            unit="of 1",
            advanced=True,
        ),
        FormField(name="style", title="Style", kind="choice", default="dub", choices=("dub", "ska")),
        FormField(name="mix", title="Mix", kind="boolean", default=True),
        FormField(name="steps", title="Steps", kind="integer", default=8, lowest=1, highest=64),
    ),
    engines=(
        EngineForm(
            name="sketch",
            title="Embedded band",
            fields=(FormField(name="sound", title="Sound", kind="choice", choices=("auto", "own")),),
        ),
    ),
)

STEM = StemPlace(
    stem=1,
    name="Bass",
    role="bass",
    colour="#4aa8a0",
    file=f"{MEDIA}/bass.wav",
    position_seconds=4.0,
    length_seconds=2.5,
    frames=110_250,
    offset_seconds=0.001,
    part="176400",
    begin_seconds=4.001,
    end_seconds=6.5,
)

MARKS = AnalysisMarks(
    markers=(
        MarkFact(name="Am7", start_seconds=4.5),
        MarkFact(name="Verse", start_seconds=4.0, end_seconds=6.5, colour="#c05030"),
    ),
    tempo=(TempoMark(seconds=0.0, bpm=118.5, numerator=7, denominator=8),),
    lyrics=(TextFact(text="[Verse]\nRain on the roof", start_seconds=4.0, length_seconds=2.5),),
    summary="118.5 bpm, 7/8, A minor, -14.1 LUFS",
)

AGENT_SAMPLES: tuple[AgentMessage, ...] = (
    AgentHello(
        re="0f1e2d3c4b5a6978",
        version="0.2.0",
        pid=4321,
        mailbox_version=2,
        stale="The scripts in REAPER have version 0.1.0, but Bandmate has 0.2.0.",
        remedy="Run `bandmate install reaper`, then run the action again.",
    ),
    AgentHello(version="0.2.0", pid=4321),
    AgentAlive(),
    ServerState(
        state="gone",
        address="127.0.0.1:7893",
        sentence="The server ended.",
        remedy="`bandmate serve` starts it.",
    ),
    ServerState(state="ready"),
    ServerCatalogue(
        re="0f1e2d3c4b5a6978",
        tasks=(TASK_FORM, TaskForm(task="generate", title="Generate", source="none")),
        models=(
            EngineModels(
                engine="demucs",
                title="HTDemucs",
                state="HTDemucs needs weights.",
                models=(
                    ModelEntry(name="htdemucs", about="Four stems", size="84.0 MB", licence="mit", here=True),
                    ModelEntry(name="htdemucs_6s"),
                ),
            ),
            EngineModels(engine="roformer", title="RoFormer"),
        ),
    ),
    ServerCatalogue(tasks=()),
    PreviewLine(re=ASK, text="3.1 to 5.1  118.5 bpm, 7/8  2.50 s"),
    JobsPlanned(re=ASK, count=2),
    FileSending(re=ASK, text="Sending loop.wav", done_bytes=1_000_000, total_bytes=4_000_000),
    JobAccepted(
        re=ASK,
        job=JOB,
        task="repaint",
        engine="sketch",
        reason="The only engine that is ready.",
        seed=7,
        ahead=1,
        index=1,
        item=ITEM,
        items=(ITEM, "{7D1F2A33-0000-4000-8000-0000000000B2}"),
        track=TRACK,
        title="Loop, busier",
        spot=SPOT,
    ),
    JobAccepted(re=ASK, job=JOB, task="generate", engine="sketch", seed=7),
    RequestDropped(re=ASK),
    TaskInvoked(
        request="into-00ff",
        task="repaint",
        params={"prompt": "busier"},
        engine="sketch",
        seed=7,
        where=FULL_TARGET,
    ),
    TaskInvoked(request="press", task="separate"),
    JobMoved(job=JOB, stage="Rendering", step=3, steps=8, seconds_left=12.5, reached_seconds=4.75),
    JobMoved(job=JOB, stage="Waiting", step=0, steps=0),
    StemsStarted(
        job=JOB,
        stems=(
            StemPlace(
                stem=0, name="Drums", file=f"{MEDIA}/drums.wav", position_seconds=4.0, length_seconds=2.5
            ),
            STEM,
        ),
    ),
    FilesGrown(job=JOB, filled_frames={"0": 44_100, "1": 22_050}, reached_seconds=4.5),
    FilesGrown(job=JOB, filled_frames={"0": 110_250}),
    StemWritten(job=JOB, stem=1, lufs=-14.1),
    StemWritten(job=JOB, stem=1),
    NotesWritten(
        job=JOB,
        stem=1,
        notes=(
            NoteFact(start_seconds=4.0, length_seconds=0.25, pitch=36, velocity=100, channel=9),
            NoteFact(start_seconds=4.5, length_seconds=0.125, pitch=38, velocity=90, channel=0),
        ),
    ),
    JobDone(
        job=JOB,
        seconds=1.25,
        remarks=("Understood: drums.", "1 MIDI item could not be read."),
        models=("htdemucs",),
        marks=MARKS,
        note="peak: 0.5",
    ),
    JobDone(job=JOB, seconds=1.25),
    JobCancelled(job=JOB),
    WorkFailed(
        code="engine_unavailable",
        sentence="No weights of HTDemucs are installed.",
        remedy="`bandmate models pull htdemucs` fetches them.",
        models=("htdemucs",),
        job=JOB,
        re=ASK,
        index=1,
        model="htdemucs",
    ),
    WorkFailed(code="no_server", sentence="There is no server yet."),
    ModelAsked(re=ASK, job=JOB, ahead=1),
    ModelAsked(re=ASK, job=JOB),
    ModelOffer(
        re=ASK, model="htdemucs", licence="mit", lines=("htdemucs: 84.0 MB, licence: mit.",), most_gb=0.085
    ),
    PullMoved(
        re=ASK,
        job=JOB,
        model="htdemucs",
        stage="2.0 MB of 6.0 MB, 33 %",
        share=0.33,
        seconds_left=8.0,
        licence="mit",
        most_gb=0.085,
    ),
    PullMoved(job=JOB, model="htdemucs", stage="Waiting", share=0.0),
    PullEnded(
        job=JOB,
        model="htdemucs",
        state="failed",
        sentence="The hub is out of reach.",
        remedy="Try again.",
        code="no_hub",
        licence="mit",
        most_gb=0.085,
    ),
    PullEnded(job=JOB, model="htdemucs", state="done"),
)

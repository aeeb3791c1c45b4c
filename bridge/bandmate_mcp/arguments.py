"""The arguments that several tools have, as an assistant reads them: in few words, since each tool repeats them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

ProjectPath = Annotated[
    str | None, Field(description="REAPER project (.rpp) to work in. Default: the one in focus in the DAW.")
]
SourceFile = Annotated[str | None, Field(description="Audio file to work on, instead of a project.")]
OutputPath = Annotated[
    str | None,
    Field(description=".wav or .flac file for a mix, or a folder/ for stems. Default: kept with the job."),
]
TrackName = Annotated[
    str | None, Field(description="Name, number from 1, or folder/name. Default: the selected one.")
]
Start = Annotated[str | None, Field(description='"9.1" is bar 9, beat 1; "12.5s" is in seconds.')]
End = Annotated[str | None, Field(description="As start. Not included.")]
Section = Annotated[str | None, Field(description="Instead of start and end: a name, such as chorus.")]
Bars = Annotated[float | None, Field(gt=0, description="Length.")]
Seconds = Annotated[float | None, Field(gt=0, description="Length, instead of bars.")]
Bpm = Annotated[float | None, Field(gt=0, description="Quarter notes a minute. Not with a project.")]
Metre = Annotated[str | None, Field(description='Such as "7/8". Not with a project.')]
KeyName = Annotated[str | None, Field(description='Such as "A minor". Default: detected.')]
Engine = Annotated[str | None, Field(description="One of list_tasks. Default: the best that is ready.")]
Seed = Annotated[int | None, Field(ge=0, lt=2**32, description="Same seed, same audio. Default: random.")]
Params = Annotated[
    dict[str, Any] | None, Field(description="Further parameters of the task; describe_task lists them.")
]
Alone = Annotated[bool, Field(description="Ignore what the other tracks play.")]

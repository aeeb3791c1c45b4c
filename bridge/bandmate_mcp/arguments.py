"""The arguments that several tools have, as an assistant reads them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

ProjectPath = Annotated[
    str | None,
    Field(description="Path of a REAPER project (.rpp). The result goes in there. Without it and without a "
    "file, the project in focus in the DAW is used."),
]  # fmt: skip
SourceFile = Annotated[
    str | None, Field(description="Path of an audio file to work on, instead of a project.")
]
OutputPath = Annotated[
    str | None,
    Field(description="Where to write the audio: a .wav or .flac file for a mix, or a folder with a slash at "
    "its end for one file a stem. Without it, the audio stays with the job; save_job writes it later."),
]  # fmt: skip
TrackName = Annotated[
    str | None,
    Field(
        description="Track of the project: name, number from 1, or folder/name. Default: the selected one."
    ),
]
Start = Annotated[
    str | None, Field(description='Start of the range: "9.1" is bar 9, beat 1; "12.5s" is in seconds.')
]
End = Annotated[str | None, Field(description="End of the range, written as the start. Not included.")]
Section = Annotated[
    str | None,
    Field(description="A section by name instead of start and end, such as chorus. read_project lists them."),
]
Bars = Annotated[float | None, Field(gt=0, description="Length in bars.")]
Seconds = Annotated[
    float | None, Field(gt=0, description="Length in seconds. Give bars or seconds, not both.")
]
Bpm = Annotated[
    float | None, Field(gt=0, description="Tempo in quarter notes a minute. Only without a project.")
]
Metre = Annotated[str | None, Field(description='Metre, such as "4/4" or "7/8". Only without a project.')]
KeyName = Annotated[str | None, Field(description='Key, such as "A minor". Default: detected.')]
Engine = Annotated[
    str | None,
    Field(description="Engine that makes it; list_tasks names them. Default: the best that is ready."),
]
Seed = Annotated[
    int | None, Field(ge=0, lt=2**32, description="The same seed gives the same audio. Default: random.")
]
Params = Annotated[
    dict[str, Any] | None,
    Field(description="Further parameters of the task and options of its engine; describe_task lists them."),
]
Alone = Annotated[bool, Field(description="Ignore what the other tracks of the project play.")]

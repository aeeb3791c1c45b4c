r"""Types that carry a unit and its bounds; the wire refuses what lies outside them.

Lengths and positions of audio are whole frames. A frame is one sample of every channel at one instant.

Patterns end in ``$(?!\n)``: alone, ``$`` would let a line end pass after the text, though only in Python.
"""

import re
from typing import Annotated, Any

from msgspec import Meta

MAX_INTEGER = 2**53
"""The largest whole number that every peer can hold exactly, those with only doubles too."""

WholeFrames = Annotated[int, Meta(ge=0, le=MAX_INTEGER, description="frames", extra={"unit": "frames"})]
"""A length in frames, or an absolute position counted from the start of the project or file."""

FractionalFrames = Annotated[
    float, Meta(ge=-MAX_INTEGER, le=MAX_INTEGER, description="frames, fractional", extra={"unit": "frames"})
]
"""A position between two frames, as tempo points have; may lie before the start of the project."""

Bytes = Annotated[int, Meta(ge=0, le=MAX_INTEGER, description="bytes", extra={"unit": "bytes"})]
Milliseconds = Annotated[int, Meta(ge=0, le=MAX_INTEGER, description="milliseconds", extra={"unit": "ms"})]
DurationSeconds = Annotated[float, Meta(ge=0, le=1e9, description="seconds", extra={"unit": "s"})]
SampleRate = Annotated[int, Meta(ge=8_000, le=384_000, description="hertz", extra={"unit": "Hz"})]
Channels = Annotated[int, Meta(ge=1, le=64, description="channels")]
Bpm = Annotated[float, Meta(ge=1, le=2_000, description="quarter notes per minute", extra={"unit": "bpm"})]
Index = Annotated[int, Meta(ge=0, le=65_535, description="counted from zero")]
Count = Annotated[int, Meta(ge=0, le=MAX_INTEGER, description="a count")]
Seed = Annotated[int, Meta(ge=0, le=2**32 - 1, description="a random seed")]
Lufs = Annotated[float, Meta(ge=-1_000, le=1_000, description="LUFS", extra={"unit": "LUFS"})]
Dbtp = Annotated[float, Meta(ge=-1_000, le=1_000, description="dBTP", extra={"unit": "dBTP"})]

Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", description="SHA-256, lower-case hexadecimal")]
JOB_ID_LENGTH = 8
JobId = Annotated[str, Meta(pattern=r"^[0-9a-z]{8}$(?!\n)", description="a job's id, given by the server")]
RequestId = Annotated[str, Meta(min_length=1, max_length=64, description="chosen by the sender, echoed")]
Name = Annotated[str, Meta(min_length=1, max_length=64, description="a short name")]
Word = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$(?!\n)", description="a name for programs")]
Label = Annotated[
    str, Meta(max_length=256, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)", description="text for people, one line")
]
"""Without control characters; `one_line` makes one of any text."""

MAX_MODEL_NAMES = 64
ModelNames = Annotated[tuple[Label, ...], Meta(max_length=MAX_MODEL_NAMES, description="names of models")]
"""Models by the names that the task `pull` and `bandmate models pull` take."""

Sentence = Annotated[str, Meta(max_length=4_096, description="a sentence for people")]
Rating = Annotated[int, Meta(ge=0, le=5, description="stars; 0 for no rating")]
NoteText = Annotated[str, Meta(max_length=4_096, description="text for people, with line breaks")]
"""What a person writes about a job."""
Colour = Annotated[str, Meta(pattern=r"^#[0-9a-f]{6}$(?!\n)", description="#rrggbb")]
Payload = Annotated[bytes, Meta(max_length=1 << 20, description="bytes, as msgpack bin")]
Values = Annotated[dict[str, Any], Meta(max_length=256, description="named values")]
"""Values as JSON has them: text, finite numbers, booleans, null, and arrays and maps of these."""

MAX_LABEL_LENGTH = 256
MAX_SENTENCE_LENGTH = 4_096

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def one_line(text: str, most: int = MAX_LABEL_LENGTH) -> str:
    """The text as a `Label` has it: control characters become a space, and what is too long is cut."""
    return shorten_text(_CONTROL.sub(" ", text).strip(), most)


def shorten_text(text: str, most: int = MAX_SENTENCE_LENGTH) -> str:
    """The text cut to a number of characters, with an ellipsis where it was cut."""
    return text if len(text) <= most else text[: most - 1] + "…"

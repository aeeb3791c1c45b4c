"""Surfaces: MIDI controllers and OSC peers of the server, and which knob controls what."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from bandmate_protocol.messages._base import Message, MessagePart
from bandmate_protocol.units import Label, RequestId, Sentence

MAX_CONTROLS = 4_096
MAX_MAPPED_CONTROLS = 1_024

ControlId = Annotated[str, Meta(min_length=1, max_length=256, description="such as `cover/strength`")]
"""A parameter or trigger of the surfaces."""

MidiKind = Literal["cc", "cc14", "note", "program", "pitch"]
MidiChannel = Annotated[int, Meta(ge=1, le=16, description="a MIDI channel, from 1")]
MidiNumber = Annotated[int, Meta(ge=0, le=127, description="of a controller, note or program")]


class ListControls(Message, frozen=True, kw_only=True):
    """Asks what a knob, fader or pad can control."""

    request: RequestId


class SurfaceControl(MessagePart, frozen=True, kw_only=True):
    """Something that a surface can set or press."""

    control: ControlId
    title: Label
    kind: Literal["number", "integer", "switch", "choice", "press"]
    group: Label = ""
    """The task that it belongs to, or the kind of control."""


class Controls(Message, frozen=True, kw_only=True):
    """The answer to `list_controls`."""

    request: RequestId
    controls: Annotated[tuple[SurfaceControl, ...], Meta(max_length=MAX_CONTROLS)] = ()


class ListSurfaces(Message, frozen=True, kw_only=True):
    """Asks for the MIDI controllers and OSC peers."""

    request: RequestId


class MappedControl(MessagePart, frozen=True, kw_only=True):
    """A knob, fader or pad, and what it controls."""

    control: ControlId
    title: Label = ""
    kind: MidiKind
    channel: MidiChannel = 1
    number: MidiNumber | None = None
    """None where `kind` has no number."""
    mode: Label = ""
    """How its values are read, such as `absolute` or `pickup`."""


class MidiController(MessagePart, frozen=True, kw_only=True):
    """A connected MIDI controller."""

    port: Label
    state: Literal["used", "no_map", "unused"]
    """`unused`: the server does not listen to it."""
    map_name: Label = ""
    map_file: Sentence = ""
    """Path of its map on the server's machine."""
    is_own_map: bool = False
    """The user's own map, which `forget_control` can change; else one that comes with Bandmate."""
    controls: Annotated[tuple[MappedControl, ...], Meta(max_length=MAX_MAPPED_CONTROLS)] = ()


class OscPeer(MessagePart, frozen=True, kw_only=True):
    """A surface that gets feedback over OSC."""

    address: Label
    """Host and port."""
    name: Label = ""
    """As it calls itself."""
    permanent: bool = False
    """The setting `osc_feedback` names it."""


class Surfaces(Message, frozen=True, kw_only=True):
    """The answer to `list_surfaces` and `forget_control`."""

    request: RequestId
    midi: bool = False
    """The server listens to MIDI controllers."""
    midi_problem: Sentence = ""
    """Why the ports cannot be listed, or what is wrong with a map."""
    controllers: Annotated[tuple[MidiController, ...], Meta(max_length=256)] = ()
    osc: bool = False
    """The server listens to OSC."""
    osc_port: Annotated[int, Meta(ge=0, le=65_535)] = 0
    osc_peers: Annotated[tuple[OscPeer, ...], Meta(max_length=256)] = ()


class LearnControl(Message, frozen=True, kw_only=True):
    """Waits for a knob to be moved or a pad to be pressed, and maps it to a control in the user's map.

    What is moved meanwhile controls nothing else. A second `learn_control` replaces the first.
    """

    request: RequestId
    control: ControlId
    port: Label = ""
    """Listens to this controller alone; empty for all."""
    seconds: Annotated[float, Meta(gt=0, le=600, extra={"unit": "s"})] = 30.0
    """How long to wait."""


class StopLearning(Message, frozen=True, kw_only=True):
    """Ends a `learn_control`, which is then answered with `input_missing`."""

    request: RequestId


class Learned(Message, frozen=True, kw_only=True):
    """The answer to `learn_control`: what was moved."""

    request: RequestId
    port: Label
    mapped: MappedControl
    map_file: Sentence = ""
    """Path of the map on the server's machine."""


class LearningStopped(Message, frozen=True, kw_only=True):
    """The answer to `stop_learning`."""

    request: RequestId


class ForgetControl(Message, frozen=True, kw_only=True):
    """Removes a knob, fader or pad from the user's map of a controller."""

    request: RequestId
    port: Label
    control: ControlId
    kind: MidiKind
    channel: MidiChannel = 1
    number: MidiNumber | None = None

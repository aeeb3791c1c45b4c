"""The system's MIDI ports by their place in its list: RtMidi itself, or another backend of mido.

mido opens ports by name, and leaves out the second of two that have the same; RtMidi opens them by place.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Protocol

import mido

_mido: Any = mido
"""Its ports are set up as it is imported, which type checkers do not see."""
_RTMIDI = "mido.backends.rtmidi"


class OpenInput(Protocol):
    """A port that messages come from."""

    def iter_pending(self) -> Iterator[mido.Message]:
        """What has come since the last call."""
        ...

    def close(self) -> None:
        """Lets it go."""


class OpenOutput(Protocol):
    """A port that messages go to."""

    def send(self, message: mido.Message) -> None:
        """Raises OSError when the controller is gone."""

    def close(self) -> None:
        """Lets it go."""


class PortDriver(Protocol):
    """Where ports are found. All of it raises ImportError, OSError, RuntimeError or ValueError."""

    def input_names(self) -> list[str]:
        """As the system has them; several may be equal."""
        ...

    def output_names(self) -> list[str]:
        """The same for the other direction."""
        ...

    def open_input(self, place: int) -> OpenInput:
        """Opens the one at a place of the list."""
        ...

    def open_output(self, place: int) -> OpenOutput:
        """Opens the one at a place of the list."""
        ...


def system_driver() -> PortDriver:
    """RtMidi, unless `MIDO_BACKEND` names another of mido's backends."""
    backend = _mido.backend
    return RtMidiDriver(backend.api) if backend.name == _RTMIDI else MidoDriver()


class MidoDriver:
    """A backend of mido, where every port has a name of its own."""

    def input_names(self) -> list[str]:
        """Those that send."""
        return list(_mido.get_input_names())

    def output_names(self) -> list[str]:
        """Those that take messages."""
        return list(_mido.get_output_names())

    def open_input(self, place: int) -> OpenInput:
        """By its name."""
        found: OpenInput = _mido.open_input(self.input_names()[place])
        return found

    def open_output(self, place: int) -> OpenOutput:
        """By its name."""
        found: OpenOutput = _mido.open_output(self.output_names()[place])
        return found


class RtMidiDriver:
    """RtMidi; `api` is one of its systems, such as `UNIX_JACK`, or None for the usual one."""

    def __init__(self, api: str | None = None) -> None:
        import rtmidi

        self._rtmidi: Any = rtmidi
        self._api = getattr(rtmidi, f"API_{api or 'UNSPECIFIED'}")

    def input_names(self) -> list[str]:
        """Those that send."""
        return self._port_names(self._rtmidi.MidiIn)

    def output_names(self) -> list[str]:
        """Those that take messages."""
        return self._port_names(self._rtmidi.MidiOut)

    def open_input(self, place: int) -> OpenInput:
        """Messages wait in RtMidi's own queue until they are asked for."""
        return _RtMidiInput(self._open_port(self._rtmidi.MidiIn, place))

    def open_output(self, place: int) -> OpenOutput:
        """One that sends at once."""
        return _RtMidiOutput(self._open_port(self._rtmidi.MidiOut, place))

    def _port_names(self, kind: Any) -> list[str]:
        client = kind(rtapi=self._api)
        try:
            return list(client.get_ports())
        finally:
            client.delete()

    def _open_port(self, kind: Any, place: int) -> Any:
        client = kind(rtapi=self._api)
        try:
            client.open_port(place)
        except BaseException:
            client.delete()
            raise
        return client


class _RtMidiPort:
    def __init__(self, client: Any) -> None:
        self._client = client

    def close(self) -> None:
        """Lets it go."""
        self._client.close_port()
        self._client.delete()


class _RtMidiInput(_RtMidiPort):
    def __init__(self, client: Any) -> None:
        super().__init__(client)
        # Sysex and clock are of use, active sensing is not.
        client.ignore_types(False, False, True)

    def iter_pending(self) -> Iterator[mido.Message]:
        """What has come since the last call."""
        while (received := self._client.get_message()) is not None:
            with contextlib.suppress(ValueError):  # what is no message
                yield mido.Message.from_bytes(received[0])


class _RtMidiOutput(_RtMidiPort):
    def send(self, message: mido.Message) -> None:
        """Sends it now."""
        self._client.send_message(message.bytes())

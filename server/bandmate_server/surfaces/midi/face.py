"""Controllers as they come and go: their messages go to the desk, feedback thirty times a second at most."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable

from mido import Message

from bandmate_protocol.errors import RequestError
from bandmate_server.surfaces.control.actions import SurfaceAction
from bandmate_server.surfaces.control.controller import SurfaceController
from bandmate_server.surfaces.midi.display import MackieDisplay
from bandmate_server.surfaces.midi.feedback import FeedbackQueue
from bandmate_server.surfaces.midi.map_library import MapLibrary
from bandmate_server.surfaces.midi.maps import MidiMap
from bandmate_server.surfaces.midi.ports import ControllerPort, ControllerPorts
from bandmate_server.surfaces.midi.strips import StripPages
from bandmate_server.surfaces.midi.translate import MidiTranslator

_log = logging.getLogger(__name__)

FEEDBACK_SECONDS = 1 / 30
LOOK_SECONDS = 1.0
"""So often new controllers and changed maps are looked for."""
_MAX_WAITING_MESSAGES = 4096


class _MappedController:
    """One that is plugged in and has a map."""

    def __init__(self, desk: SurfaceController, used: MidiMap, clock: Callable[[], float]) -> None:
        self.map = used
        self.port: ControllerPort | None = None
        strips = StripPages(desk.model)
        self._translator = MidiTranslator(desk.model, used.entries, strips)
        self._pending = FeedbackQueue(desk.model, used.entries, clock, strips)
        self._lcd = MackieDisplay(desk.model, strips, clock) if used.display else None
        self._opened = False

    def handle_message(self, message: Message) -> SurfaceAction | None:
        """What was pressed, if anything was."""
        held = self._translator.touched_fader(message)
        if held is not None:
            self._pending.hold_fader(*held)
        control, action = self._translator.apply_message(message, self)
        if control:
            self._pending.note_touch(control)
        if self._lcd is not None and (control or held):
            self._lcd.note_touch()
        return action

    def mark_changed(self, control: str) -> None:
        """A control has a new value."""
        self._pending.mark_changed(control)
        if self._lcd is not None:
            self._lcd.mark_changed(control)

    @property
    def has_pending(self) -> bool:
        """Whether anything is still to be told."""
        return self._pending.has_pending or (self._lcd is not None and self._lcd.has_pending)

    def send_pending(self) -> None:
        """Sends what is to be told now. Raises OSError when the controller is gone."""
        if self.port is None:
            return
        if not self._opened:
            self._opened = True
            self._send_bytes(self.port, self.map.on_open)
            if self.map.on_open:
                return  # it changes its mode; what it shows is told the next time
        for message in [
            *self._pending.due_messages(),
            *(self._lcd.due_messages() if self._lcd is not None else ()),
        ]:
            self.port.send(message)

    def close(self) -> None:
        """Leaves it as a controller that nobody uses, if it is still there."""
        if self.port is None:
            return
        with contextlib.suppress(OSError):
            for message in [
                *self._pending.blank_messages(),
                *(self._lcd.blank_messages() if self._lcd is not None else ()),
            ]:
                self.port.send(message)
            self._send_bytes(self.port, self.map.on_close)
        self.port.close()

    @staticmethod
    def _send_bytes(port: ControllerPort, messages: Iterable[bytes]) -> None:
        for each in messages:
            port.send(Message.from_bytes(each))


class MidiFace:
    """Speaks MIDI for a control desk."""

    def __init__(
        self,
        desk: SurfaceController,
        ports: ControllerPorts,
        shelf: MapLibrary,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk = desk
        self._ports = ports
        self._shelf = shelf
        self._clock = clock
        self._controllers: dict[str, _MappedController] = {}
        self._arrived: deque[tuple[_MappedController, Message]] = deque(maxlen=_MAX_WAITING_MESSAGES)
        """Filled by the ports' threads; in a flood the oldest go."""
        self._taken = asyncio.Event()
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._said = ""
        self.learner: Callable[[str, Message], None] | None = None
        """While it is set, messages go there and control nothing. Called on the ports' threads."""

    async def start(self) -> None:
        """Looks for controllers from now on."""
        self._loop = asyncio.get_running_loop()
        self._desk.model.add_listener(self._on_change)
        self._tasks = [
            asyncio.create_task(self._watch_ports(), name="midi ports"),
            asyncio.create_task(self._read_all(), name="midi in"),
            asyncio.create_task(self._send_feedback(), name="midi out"),
        ]

    async def stop(self) -> None:
        """Lets all controllers go."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for name in list(self._controllers):
            self._close_controller(name)

    @property
    def connected_ports(self) -> list[str]:
        """The names of the ports in use."""
        return list(self._controllers)

    async def _watch_ports(self) -> None:
        while True:
            self._shelf.reload_changed()
            try:
                names = await asyncio.to_thread(self._ports.port_names)
            except RequestError as error:
                self._warn_once(error.sentence)
                names = []
            self._update_controllers(names)
            await asyncio.sleep(LOOK_SECONDS)

    def _update_controllers(self, names: list[str]) -> None:
        """Opens what is new, lets go what has vanished or has another map now."""
        for name, controller in list(self._controllers.items()):
            if name not in names or self._shelf.map_for_port(name) is not controller.map:
                self._close_controller(name)
        for name in names:
            used = self._shelf.map_for_port(name)
            if used is not None and name not in self._controllers:
                self._open_controller(
                    name, used, [each for each in names if self._shelf.map_for_port(each) is used]
                )

    def _open_controller(self, name: str, used: MidiMap, siblings: list[str]) -> None:
        controller = _MappedController(self._desk, used, self._clock)
        try:
            controller.port = self._ports.open_port(
                name, lambda message: self._queue_message(name, controller, message), used.output, siblings
            )
        except OSError as error:
            self._warn_once(f"The MIDI port {name} cannot be opened: {error}.")
            return
        self._controllers[name] = controller
        self._changed.set()
        _log.info("MIDI controller %s uses the map %s", name, used.name)

    def _close_controller(self, name: str) -> None:
        self._controllers.pop(name).close()
        _log.info("MIDI controller %s is released", name)

    def _warn_once(self, sentence: str) -> None:
        """Once, not every second."""
        if sentence != self._said:
            self._said = sentence
            _log.warning("%s", sentence)

    def _queue_message(self, name: str, controller: _MappedController, message: Message) -> None:
        """On a port's thread."""
        learner = self.learner
        if learner is not None:
            learner(name, message)
            return
        self._arrived.append((controller, message))
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the server has ended meanwhile
                self._loop.call_soon_threadsafe(self._taken.set)

    async def _read_all(self) -> None:
        while True:
            await self._taken.wait()
            self._taken.clear()
            for _ in range(len(self._arrived)):
                controller, message = self._arrived.popleft()
                try:
                    self._handle_message(controller, message)
                except Exception:  # noqa: BLE001 - one message's fault must not end the others
                    _log.exception("a MIDI message could not be processed")

    def _handle_message(self, controller: _MappedController, message: Message) -> None:
        action = controller.handle_message(message)
        self._changed.set()
        self._desk.perform_action(action)

    def _on_change(self, control: str, _who: object) -> None:
        for controller in self._controllers.values():
            controller.mark_changed(control)
        self._changed.set()

    async def _send_feedback(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            for name, controller in list(self._controllers.items()):
                self._send_pending(name, controller)
            await asyncio.sleep(FEEDBACK_SECONDS)
            if any(each.has_pending for each in self._controllers.values()):
                self._changed.set()

    def _send_pending(self, name: str, controller: _MappedController) -> None:
        try:
            controller.send_pending()
        except OSError:
            self._close_controller(name)

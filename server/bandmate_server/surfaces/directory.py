"""The surfaces of a server for its connections: what is there, learning a knob, and forgetting it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import (
    MAX_CONTROLS,
    Controls,
    ForgetControl,
    LearnControl,
    Learned,
    MappedControl,
    MidiController,
    OscPeer,
    SurfaceControl,
    Surfaces,
)
from bandmate_protocol.texts import say
from bandmate_protocol.units import one_line, shorten_text
from bandmate_server.services import Services
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.start import SurfaceRunner

if TYPE_CHECKING:
    from bandmate_server.surfaces.midi.map_library import MapLibrary
    from bandmate_server.surfaces.midi.maps import MapEntry, MidiMap

_MAX_ENTRIES = 1_024
_MAX_PORTS = 256
_STRIP_GROUP = "strips"


class SurfaceDirectory:
    """See `SurfacePanel`. MIDI is imported when somebody asks for it."""

    def __init__(self, services: Services, runner: SurfaceRunner) -> None:
        self._catalogue = services.catalogue
        self._runner = runner
        self._learning: asyncio.Task[Learned] | None = None

    async def controls(self, request: str) -> Controls:
        """What a knob can control: parameters, triggers, and the strips of a controller."""
        from bandmate_server.surfaces.midi.strips import strip_ids

        model = await self._model()
        found = [
            SurfaceControl(
                control=each.id, title=one_line(each.title), kind=each.kind, group=one_line(each.task)
            )
            for each in model.parameters.values()
            if each.kind != "text"
        ]
        found += [
            SurfaceControl(
                control=each.id, title=one_line(each.title), kind="press", group=each.id.split("/")[0]
            )
            for each in model.triggers.values()
        ]
        found += [
            SurfaceControl(control=each, title=each, kind="press", group=_STRIP_GROUP)
            for each in sorted(strip_ids())
        ]
        return Controls(request=request, controls=tuple(found[:MAX_CONTROLS]))

    async def describe(self, request: str) -> Surfaces:
        """The controllers and peers, as they are now."""
        running = self._runner.running
        controllers, problem = await self._controllers()
        peers = running.osc.subscribers.current() if running.osc is not None else []
        return Surfaces(
            request=request,
            midi=running.midi is not None,
            midi_problem=shorten_text(problem),
            controllers=controllers,
            osc=running.osc is not None,
            osc_port=running.osc_port,
            osc_peers=tuple(
                OscPeer(address=_address(*each.peer), name=one_line(each.name), permanent=each.is_permanent)
                for each in peers
            ),
        )

    async def learn(self, asked: LearnControl) -> Learned:
        """Waits for a knob and maps it; ends a `learn` before it.

        Raises RequestError: `bad_params` (no such control), `input_missing` (nothing was moved, or it was stopped),
        `file_unusable`.
        """
        self.stop_learning()
        task = asyncio.create_task(self._learn(asked), name="midi learn")
        self._learning = task
        try:
            return await task
        except asyncio.CancelledError:
            # The task was stopped, or whoever asked has gone; a task that is cancelled twice does not mind.
            task.cancel()
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            raise RequestError(ErrorCode.INPUT_MISSING, "Learning was stopped.", "Start it again.") from None

    def stop_learning(self) -> None:
        """Ends a `learn` that waits."""
        if self._learning is not None:
            self._learning.cancel()

    async def forget(self, asked: ForgetControl) -> Surfaces:
        """Removes a knob from the user's map.

        Raises RequestError: `input_missing` (it is not mapped there), `not_allowed` (the map comes with Bandmate),
        `file_unusable`.
        """
        from bandmate_server.surfaces.midi.forgetting import forget_entry

        library, _ = await self._library()
        used = library.map_for_port(asked.port)
        entry = next((each for each in used.entries if _is_same(each, asked)), None) if used else None
        if used is None or entry is None:
            raise RequestError(
                ErrorCode.INPUT_MISSING,
                say("{port} has no such control.", port=asked.port),
                "The map may have changed; list the surfaces again.",
            )
        if not _is_own(used):
            raise RequestError(
                ErrorCode.NOT_ALLOWED,
                say("The map {name} comes with Bandmate and cannot be changed.", name=used.name),
                "Learn a control first: your own map then takes its place.",
            )
        await asyncio.to_thread(forget_entry, used, entry)
        return await self.describe(asked.request)

    async def _learn(self, asked: LearnControl) -> Learned:
        from bandmate_server.surfaces.midi.learning import check_learnable, learned_entry, save_entry
        from bandmate_server.surfaces.midi.listening import listen_for_move, matching_ports
        from bandmate_server.surfaces.midi.map_library import user_map_folder
        from bandmate_server.surfaces.midi.ports import SystemPorts

        model, system = await self._model(), SystemPorts()
        check_learnable(asked.control, model)
        names = await asyncio.to_thread(matching_ports, system, asked.port)
        port, messages = await listen_for_move(system, names, asked.seconds, self._runner.running.midi)
        entry = learned_entry(asked.control, messages, model)
        every = await asyncio.to_thread(system.port_names)
        try:
            path = save_entry(user_map_folder(), port, entry, every)
        except OSError as error:
            raise RequestError(
                ErrorCode.FILE_UNUSABLE,
                say("The map cannot be written: {reason}.", reason=error.strerror or error),
                "Check the permissions of the settings folder and the disk's free space.",
            ) from error
        mapped = _mapped_control(entry, model)
        return Learned(request=asked.request, port=one_line(port), mapped=mapped, map_file=str(path))

    async def _controllers(self) -> tuple[tuple[MidiController, ...], str]:
        from bandmate_server.surfaces.midi.ports import SystemPorts

        model = await self._model()
        library, mistakes = await self._library()
        try:
            names = await asyncio.to_thread(SystemPorts().port_names)
        except RequestError as error:
            return (), f"{error.sentence} {error.remedy}"
        face = self._runner.running.midi
        in_use = face.connected_ports if face is not None else []
        found = [
            _describe_port(name, library.map_for_port(name), model, is_used=name in in_use)
            for name in names[:_MAX_PORTS]
        ]
        return tuple(found), " ".join(mistakes)

    async def _library(self) -> tuple[MapLibrary, list[str]]:
        """The maps as their files are now, and what is wrong with them."""
        from bandmate_server.surfaces.midi.map_library import BUNDLED_FOLDER, MapLibrary, user_map_folder

        mistakes: list[str] = []
        library = MapLibrary(await self._model(), [user_map_folder(), BUNDLED_FOLDER], mistakes.append)
        await asyncio.to_thread(library.reload_changed)
        return library, mistakes

    async def _model(self) -> ControlModel:
        return ControlModel.from_plugins(await self._catalogue.plugins())


def _describe_port(name: str, used: MidiMap | None, model: ControlModel, *, is_used: bool) -> MidiController:
    if used is None:
        return MidiController(port=one_line(name), state="no_map")
    return MidiController(
        port=one_line(name),
        state="used" if is_used else "unused",
        map_name=one_line(used.name),
        map_file=str(used.path),
        is_own_map=_is_own(used),
        controls=tuple(_mapped_control(each, model) for each in used.entries[:_MAX_ENTRIES]),
    )


def _mapped_control(entry: MapEntry, model: ControlModel) -> MappedControl:
    known = model.parameters.get(entry.id) or model.triggers.get(entry.id) or model.displays.get(entry.id)
    return MappedControl(
        control=entry.id,
        title=one_line(known.title) if known is not None else "",
        kind=entry.kind,
        channel=entry.channel,
        number=entry.number,
        mode=entry.mode,
    )


def _is_same(entry: MapEntry, asked: ForgetControl) -> bool:
    return (entry.id, entry.kind, entry.channel, entry.number) == (
        asked.control,
        asked.kind,
        asked.channel,
        asked.number,
    )


def _is_own(used: MidiMap) -> bool:
    from bandmate_server.surfaces.midi.map_library import user_map_folder

    return used.path.parent == Path(user_map_folder())


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

"""The slots of this server, kept in a file of the user's settings."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import msgspec

from bandmate_plugins._platform import home
from bandmate_protocol.errors import BandmateError, ErrorCode
from bandmate_protocol.messages import Slot
from bandmate_protocol.texts import say

_log = logging.getLogger(__name__)

_DEFAULT_SLOTS = (
    Slot(number=1, task="generate", name="Drums", params={"prompt": "lo-fi drums, brushed snare"}),
    Slot(number=2, task="generate", name="Bass", params={"prompt": "warm upright bass"}),
    Slot(number=3, task="generate", name="Keys", params={"prompt": "soft electric piano chords"}),
    Slot(number=4, task="generate", name="Band", params={"prompt": "funk band"}),
    Slot(number=5, task="repaint", name="Busier", params={"prompt": "busier fill"}),
    Slot(number=6, task="cover", name="Strings", params={"prompt": "string quartet"}),
    Slot(number=7, task="accompany", name="Trio", params={"prompt": "jazz trio"}),
    Slot(number=8, task="separate", name="Stems"),
)
"""What is there before anybody stored anything."""


class SlotStore:
    """Slots by number. What changes them is written at once; a file that cannot be read is left as it is."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or home.config_dir() / "slots.json"
        self._slots = {slot.number: slot for slot in self._read()}
        self._watchers: list[Callable[[], None]] = []

    def all_slots(self) -> tuple[Slot, ...]:
        """The filled ones, by number."""
        return tuple(self._slots[number] for number in sorted(self._slots))

    def get(self, number: int) -> Slot | None:
        """What is in a slot."""
        return self._slots.get(number)

    def store(self, slot: Slot) -> None:
        """Fills a slot. Raises BandmateError (`file_unusable`) when it cannot be written."""
        self._write({**self._slots, slot.number: slot})

    def clear(self, number: int) -> None:
        """Empties a slot. Raises BandmateError (`file_unusable`) when that cannot be written."""
        self._write({key: slot for key, slot in self._slots.items() if key != number})

    def add_listener(self, changed: Callable[[], None]) -> None:
        """Calls `changed` after every change."""
        self._watchers.append(changed)

    def remove_listener(self, changed: Callable[[], None]) -> None:
        """Undoes `add_listener`."""
        self._watchers.remove(changed)

    def _read(self) -> tuple[Slot, ...]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=tuple[Slot, ...])
        except FileNotFoundError:
            return _DEFAULT_SLOTS
        except (OSError, msgspec.DecodeError) as error:
            _log.warning("the slots in %s cannot be read: %s", self._path, error)
            self._set_aside()
            return _DEFAULT_SLOTS

    def _set_aside(self) -> None:
        """Keeps a file that cannot be read from being written over."""
        try:
            self._path.replace(self._path.with_suffix(".unreadable.json"))
        except OSError as error:
            _log.warning("%s cannot be set aside: %s", self._path, error)

    def _write(self, slots: dict[int, Slot]) -> None:
        ordered = [slots[number] for number in sorted(slots)]
        try:
            home.write_private(self._path, msgspec.json.format(msgspec.json.encode(ordered)))
        except OSError as error:
            raise BandmateError(
                ErrorCode.FILE_UNUSABLE,
                say(
                    "The slots cannot be written to {path}: {reason}.",
                    path=self._path,
                    reason=error.strerror or error,
                ),
                "Check the folder's permissions and the disk's free space.",
            ) from error
        self._slots = slots
        for changed in self._watchers:
            changed()

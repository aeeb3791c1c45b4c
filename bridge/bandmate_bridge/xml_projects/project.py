"""A project in hand whose text is XML, with the interface of a project file of REAPER."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, Protocol, TypeVar

from bandmate_bridge.rpp import Item, Project, ProjectRate, Track
from bandmate_bridge.rpp.chunks import RppDocument
from bandmate_protocol.tempo import TempoMap


class ReadContent(Protocol):
    """What was read of such a project."""

    @property
    def document(self) -> RppDocument:
        """Its tracks and items."""
        ...

    @property
    def tempo(self) -> TempoMap:
        """Its tempo map."""
        ...

    @property
    def item_of_take(self) -> Mapping[str, str]:
        """The item's id, by that which it would have if another of its takes sounded."""
        ...


ContentT = TypeVar("ContentT", bound=ReadContent)


class XmlProject(Project, Generic[ContentT]):
    """A project that is read again after every change of its text."""

    _content: ContentT
    _tracks: tuple[Track, ...]

    @property
    def tracks(self) -> tuple[Track, ...]:
        """All tracks in order, without the master."""
        return self._tracks

    def find_item(self, guid: str, track: str = "") -> Item | None:
        """The item of that id, also where another of its takes sounded when it had it."""
        return super().find_item(self._content.item_of_take.get(guid, guid), track)

    def track_of(self, item: Item) -> Track:
        """The track that an item lies on, also after a change of the project."""
        return next(track for track in self._tracks if any(one.guid == item.guid for one in track.items))

    def _take_content(self, content: ContentT, rate: ProjectRate) -> None:
        """Tells of what was read from now on."""
        self._content, self.rate = content, rate
        self._document, self.tempo_map = content.document, content.tempo
        self._tracks = super().tracks

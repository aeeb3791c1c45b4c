"""Tells one client which projects are connected, and whenever that changes."""

from __future__ import annotations

from bandmate_protocol.messages import ConnectedProject, Context, Projects
from bandmate_server.focus import FocusBoard, MessageSink

_MAX_PROJECTS = 256


class ProjectWatch:
    """Posts the connected projects now and at every change, until it is closed.

    A bridge reports where its playhead is many times a second; what a watcher would see no difference in is not sent.
    """

    def __init__(self, focus: FocusBoard, request: str, post: MessageSink) -> None:
        self._focus = focus
        self._request = request
        self._post = post
        self._told: tuple[ConnectedProject, ...] | None = None
        focus.add_listener(self._tell)
        self._tell()

    def close(self) -> None:
        """Ends it."""
        self._focus.remove_listener(self._tell)

    def _tell(self) -> None:
        found = connected_projects(self._focus)
        if found != self._told:
            self._told = found
            self._post(Projects(request=self._request, projects=found))


def connected_projects(focus: FocusBoard) -> tuple[ConnectedProject, ...]:
    """The connected projects, the one in focus first."""
    return tuple(_described(context) for context in focus.ranked_contexts()[:_MAX_PROJECTS])


def _described(context: Context) -> ConnectedProject:
    return ConnectedProject(
        project=context.project,
        project_name=context.project_name,
        focused=context.focused,
        timeline=context.timeline,
        tracks=tuple(track.name for track in context.tracks),
    )

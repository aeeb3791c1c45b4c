"""`/v1/audio`: the audio of results."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_server.compat.acestep.audio_names import read_audio_name
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.audio_files import Bits, Container, media_type
from bandmate_server.compat.songs.result_audio import make_result_audio
from bandmate_server.rest.ranges import RangedResponse, TemporaryFile

_CONTAINERS: dict[str, tuple[Container, Bits]] = {
    "mp3": ("mp3", 24),
    "flac": ("flac", 24),
    "wav": ("wav", 24),
    "wav32": ("wav", 32),
}


class AudioRoutes:
    """Serves audio by the names that results carry."""

    def __init__(self, context: CompatContext) -> None:
        self._context = context

    async def audio(self, request: Request) -> Response:
        """A file of a result, made for this answer; ranges are served."""
        name = read_audio_name(request.query_params.get("path", ""), self._context.access.token)
        if name is None:
            raise RequestError(
                ErrorCode.NOT_ALLOWED,
                "`path` is not that of a result.",
                "Take `file` or `url` of an item of `/query_result` as it is.",
            )
        container, bits = _CONTAINERS[name.audio_format]
        file = await make_result_audio(self._context, name.job, name.stem, container, bits)
        return RangedResponse(
            TemporaryFile(file), media_type(container), f"{name.job}-{name.stem}.{container}"
        )

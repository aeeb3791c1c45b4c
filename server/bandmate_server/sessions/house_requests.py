"""What a client may ask about the server itself: problems, settings and surfaces."""

from __future__ import annotations

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import (
    ChangeSetting,
    Doctor,
    Findings,
    ForgetControl,
    LearnControl,
    LearningStopped,
    ListControls,
    ListSettings,
    ListSurfaces,
    RestartServer,
    ServerMessage,
    ServerRestarting,
    SettingList,
    StopLearning,
)
from bandmate_server.config import settings_file
from bandmate_server.services import Services, SurfacePanel

HouseRequest = (
    Doctor
    | ListSettings
    | ChangeSetting
    | RestartServer
    | ListControls
    | ListSurfaces
    | LearnControl
    | StopLearning
    | ForgetControl
)


async def answer(services: Services, message: HouseRequest) -> ServerMessage:
    """Answers one of them. Raises BandmateError."""
    match message:
        case Doctor():
            return Findings(request=message.request, findings=await services.checkup.findings())
        case ChangeSetting():
            await services.live_settings.change(message.name, message.value, confirmed=message.confirmed)
            return _setting_list(services, message.request)
        case ListSettings():
            return _setting_list(services, message.request)
        case RestartServer():
            return _restart(services, message)
        case _:
            return await _answer_surfaces(_panel_of(services), message)


async def _answer_surfaces(
    panel: SurfacePanel, message: ListControls | ListSurfaces | LearnControl | StopLearning | ForgetControl
) -> ServerMessage:
    match message:
        case ListControls():
            return await panel.controls(message.request)
        case ListSurfaces():
            return await panel.describe(message.request)
        case LearnControl():
            return await panel.learn(message)
        case StopLearning():
            panel.stop_learning()
            return LearningStopped(request=message.request)
        case ForgetControl():
            return await panel.forget(message)


def _setting_list(services: Services, request: str) -> SettingList:
    return SettingList(
        request=request,
        settings=services.live_settings.all_settings(),
        file=str(settings_file()),
        can_restart=services.restart is not None,
    )


def _restart(services: Services, message: RestartServer) -> ServerRestarting:
    if services.restart is None:
        raise RequestError(
            ErrorCode.NOT_ALLOWED,
            "This server cannot restart itself.",
            "End it with Ctrl-C, and start it again.",
        )
    services.restart.ask(services.desk.running_count, confirmed=message.confirmed)
    return ServerRestarting(request=message.request)


def _panel_of(services: Services) -> SurfacePanel:
    if services.surfaces is None:
        raise RequestError(ErrorCode.NOT_ALLOWED, "This server has no surfaces.")
    return services.surfaces

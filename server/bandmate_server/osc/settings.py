"""Where OSC listens, whom it listens to, and who is always told: the settings, checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_server.config import Settings
from bandmate_server.osc.subscribers import Peer

LOOPBACK = "127.0.0.1"
HERE = frozenset({LOOPBACK, "::1"})
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - only with other machines on the list


@dataclass(frozen=True)
class OscSettings:
    """Where to listen, and whom to listen to beside this machine."""

    host: str = LOOPBACK
    port: int = 7894
    peers: frozenset[str] = frozenset()
    """Addresses of other machines that may send."""
    feedback: tuple[Peer, ...] = ()
    """Who is told without having subscribed."""
    announce: bool = False
    """Whether the machines on the list are to find it by themselves."""
    rotary_centre: float = 0.0
    """What a knob without an end sends when it stands still."""


def osc_settings(settings: Settings) -> OscSettings:
    """Those of the server. Raises RequestError (`bad_params`) for what is no address."""
    peers = frozenset(_peer(written) for written in settings.osc_peers)
    feedback = tuple(_feedback(written, peers) for written in settings.osc_feedback)
    if settings.osc_announce and not peers:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            "The setting osc_announce is for other machines, and osc_peers names none.",
            'Name them, such as osc_peers = ["192.168.1.20"], or leave osc_announce out.',
        )
    host = _EVERYWHERE if peers else LOOPBACK
    return OscSettings(
        host, settings.osc_port, peers, feedback, settings.osc_announce, settings.osc_rotary_centre
    )


def _peer(written: str) -> str:
    try:
        return str(ip_address(written))
    except ValueError as error:
        raise _wrong("osc_peers", f"{written} is no address.", "192.168.1.20") from error


def _feedback(written: str, peers: Iterable[str]) -> Peer:
    host, _, port = written.rpartition(":")
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise _wrong("osc_feedback", f"{written} has no port.", "127.0.0.1:9000")
    try:
        host = str(ip_address(host.strip("[]") or LOOPBACK))
    except ValueError as error:
        raise _wrong("osc_feedback", f"{written} begins with no address.", "127.0.0.1:9000") from error
    if host not in HERE and host not in peers:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            f"The setting osc_feedback names {host}, which is not in osc_peers.",
            f'Add it there, if that machine is meant: osc_peers = ["{host}"].',
        )
    return host, int(port)


def _wrong(name: str, sentence: str, example: str) -> RequestError:
    return RequestError(
        ErrorCode.BAD_PARAMS, f"The setting {name} is wrong: {sentence}", f'It is written like "{example}".'
    )

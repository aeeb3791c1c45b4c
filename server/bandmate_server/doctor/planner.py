"""Which planner of ACE-Step the graphics card has room for."""

from __future__ import annotations

from collections.abc import Iterator

from bandmate_plugins._engines.acestep.planner.variants import PLANNERS, PlannerVariant
from bandmate_plugins._engines.acestep.room import planner_fit, within_cap
from bandmate_plugins._engines.acestep.variants import CORE
from bandmate_protocol.texts import say
from bandmate_protocol.unknown_names import join_names
from bandmate_server.doctor.finding import Finding


def check_planners(free_bytes: float, cap_gb: float | None) -> Iterator[Finding]:
    """What of the planners fits on a card with so much free memory, beside ACE-Step's 2B and in turn with it."""
    room = within_cap(free_bytes, 0.0, cap_gb)
    beside, in_turn = (_fitting_names(room, fit) for fit in (2, 1))
    if not (beside or in_turn):
        yield Finding(
            "note", "planner", "The card has no room for a planner of ACE-Step; the CPU has, slowly."
        )
        return
    parts = []
    if beside:
        parts.append(say("Fits on the card beside ACE-Step (2B): {names}.", names=join_names(beside)))
    if in_turn:
        parts.append(say("Fits in turn with it: {names}.", names=join_names(in_turn)))
    yield Finding("note", "planner", say("{parts}", parts=" ".join(parts)))


def _fitting_names(room: float, fit: int) -> list[str]:
    return [variant.name for variant in PLANNERS if _fit_of(variant, room) == fit]


def _fit_of(variant: PlannerVariant, room: float) -> int:
    return planner_fit(room, CORE.model.size_bytes, variant.model.size_bytes)

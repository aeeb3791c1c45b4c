"""The choices of `separate`: which stems there are, what they are called and how they are coloured."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from bandmate_plugins._engines.separation_nets.options import NetworkOptions
from bandmate_plugins._host.check_params import check_options, check_params
from bandmate_plugins._platform.role_colours import colour_of
from bandmate_plugins._tasks.separate import PARTS, RESIDUAL, SeparateParams, SeparateTask, SeparationMode
from bandmate_protocol.errors import ErrorCode, RequestError

MODES: tuple[SeparationMode, ...] = get_args(SeparationMode)


@pytest.mark.parametrize("mode", MODES)
def test_the_stems_of_a_mode_are_told_apart_by_name_role_and_colour(mode: SeparationMode) -> None:
    parts = (*PARTS[mode], RESIDUAL)
    assert len({part.name for part in parts}) == len(parts)
    assert len({part.role for part in parts}) == len(parts)
    assert len({colour_of(part.role) for part in parts}) == len(parts)


def test_a_part_has_its_name_and_colour_in_every_mode() -> None:
    names: dict[str, set[str]] = {}
    for parts in PARTS.values():
        for part in parts:
            names.setdefault(part.role, set()).add(part.name)
    assert all(len(called) == 1 for called in names.values())
    assert (colour_of("drums"), colour_of("vocals")) == ("#d9534f", "#e0609d")


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("", ["drums", "bass", "vocals", "other"]),
        ("  ", ["drums", "bass", "vocals", "other"]),
        ("vocals", ["vocals"]),
        ("Vocals, DRUMS", ["drums", "vocals"]),
        ("bass,bass drums", ["drums", "bass"]),
    ],
)
def test_stems_are_asked_for_by_name_and_come_in_the_order_of_the_mode(asked: str, kept: list[str]) -> None:
    assert [part.role for part in SeparateParams(stems=asked).kept_parts] == kept


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"stems": "guitar"}, "drums, bass, vocals, other; the mode `six` or `tracks` has it"),
        ({"mode": "drums", "stems": "bass"}, "kick, snare, hats"),
        ({"mode": "five"}, "four"),
        ({"residual": "yes please"}, "Residual"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_for_says_what_can(params: dict[str, object], words: str) -> None:
    with pytest.raises(RequestError) as refused:
        check_params(SeparateTask(), params)
    assert refused.value.code is ErrorCode.BAD_PARAMS
    assert words in f"{refused.value.sentence} {refused.value.remedy}"


@pytest.mark.parametrize(("options", "words"), [({"overlap": 1.0}, "0.9"), ({"shifts": 11}, "10")], ids=str)
def test_options_of_networks_say_what_they_may_be(options: dict[str, object], words: str) -> None:
    with pytest.raises(RequestError, match=words) as refused:
        check_options("demucs", NetworkOptions, options)
    assert refused.value.code is ErrorCode.BAD_PARAMS


@pytest.mark.parametrize("engine", ["dsp", "demucs", "roformer"])
def test_tracks_by_name_are_for_engines_that_make_them(engine: str) -> None:
    with pytest.raises(RequestError, match=engine) as refused:
        SeparateParams(mode="tracks").check_mode(engine)
    assert "acestep" in refused.value.remedy
    for mode in MODES[:-1]:
        msgspec.structs.replace(SeparateParams(), mode=mode).check_mode(engine)

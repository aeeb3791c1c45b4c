"""What an assistant is advised names its tools."""

from __future__ import annotations

import pytest

from bandmate_mcp.calls import error_text
from bandmate_protocol.errors import ErrorCode, RequestError

ADVICE = {
    "Add MIDI items, or have `bandmate analyse` write chord markers.": "Add MIDI items, or have `analyse` write chord "
    "markers.",
    "`bandmate jobs` lists the jobs.": "`list_jobs` lists the jobs.",
    "`bandmate redo abcdefgh --seed 5` renders it again.": "`redo_job` renders it again.",
    "Release it first: `bandmate jobs keep abcdefgh --release`.": "Release it first: `annotate_job`.",
    "Start one with `bandmate serve`.": "Start one with `bandmate serve`.",
    "Give another range.": "Give another range.",
}


@pytest.mark.parametrize(("remedy", "said"), ADVICE.items())
def test_a_remedy_names_the_tool(remedy, said):
    error = RequestError(ErrorCode.BAD_PARAMS, "It cannot be.", remedy)
    assert error_text(error) == f"It cannot be. {said} [bad_params]"

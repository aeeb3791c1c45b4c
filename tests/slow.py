"""Which tests `pytest -m "not slow"` leaves out: those with hosts, DAWs, weights, or many processes."""

from __future__ import annotations

from pathlib import PurePosixPath

SLOW_PLACES = (
    "bridge/ardour/test_in_ardour.py",
    "bridge/ardour/test_session_commands.py",
    "bridge/dawproject/test_commands.py",
    "bridge/dawproject/test_new_projects.py",
    "bridge/mcp",
    "bridge/test_at_once.py",
    "bridge/test_audio_bad_input.py",
    "bridge/test_audio_formats.py",
    "bridge/test_bad_input.py",
    "bridge/test_beyond_commands.py",
    "bridge/test_cut_files.py",
    "bridge/test_demo.py",
    "bridge/test_ended_by_signal.py",
    "bridge/test_fetch.py",
    "bridge/test_json_output.py",
    "bridge/test_kills.py",
    "bridge/test_launch.py",
    "bridge/test_mp3_items.py",
    "bridge/test_odd_files.py",
    "bridge/test_on_audio.py",
    "bridge/test_other_settings.py",
    "bridge/test_pull.py",
    "bridge/test_real_projects.py",
    "bridge/test_repaint.py",
    "bridge/test_same_item.py",
    "bridge/test_several_items.py",
    "bridge/test_streams.py",
    "bridge/test_watch.py",
    "bridge/test_written_harmony.py",
    "console",
    "e2e/test_installation.py",
    "e2e/test_package.py",
    "examples",
    "plugins/accompany",
    "plugins/acestep",
    "plugins/cover",
    "plugins/demucs",
    "plugins/dsp",
    "plugins/listening/test_quality.py",
    "plugins/listening/test_transcript.py",
    "plugins/listening/test_voice.py",
    "plugins/networks",
    "plugins/repaint",
    "plugins/roformer",
    "plugins/sketch",
    "plugins/test_statuses.py",
    "protocol/test_fuzz.py",
    "protocol/test_state_machine.py",
    "reaper",
    "server/compat/acestep/test_clients.py",
    "server/compat/acestep/test_page.py",
    "server/compat/acestep/test_tasks.py",
    "server/compat/acestep_cpp/test_page.py",
    "server/compat/acestep_cpp/test_synth.py",
    "server/compat/chat/test_making.py",
    "server/compat/chat/test_openai_packages.py",
    "server/compat/chat/test_page.py",
    "server/durable",
    "server/midi/test_wire.py",
    "server/osc/test_wire.py",
    "server/rest/test_page.py",
    "server/rest/test_schemathesis.py",
    "server/rest/test_typescript.py",
    "server/test_doctor.py",
    "server/test_executor.py",
    "server/test_interruptions.py",
    "server/test_job_table.py",
    "server/test_patience.py",
    "server/test_pull.py",
    "server/test_separate.py",
    "server/workers/test_isolation.py",
    "vst",
)
"""Folders and modules in tests/."""

SLOW_FIXTURES = frozenset({"built", "own_server"})
"""Who uses one of these compiles the plugin, or starts a server alone for itself."""


def is_slow(place: PurePosixPath, fixtures: list[str]) -> bool:
    """Whether a test is slow, by its module's path relative to tests/ and the fixtures that it uses."""
    places = {place.as_posix(), *(parent.as_posix() for parent in place.parents)}
    return not places.isdisjoint(SLOW_PLACES) or not SLOW_FIXTURES.isdisjoint(fixtures)

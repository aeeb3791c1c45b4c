"""A key that is none is said before anything starts."""

from click.testing import CliRunner

from bandmate_bridge.cli.commands.generate import generate


def test_a_key_that_is_none_is_refused_with_what_would_have_worked(tmp_path):
    out = tmp_path / "out.wav"
    ended = CliRunner().invoke(generate, ["pad", "-o", str(out), "--key", "H minor"])
    assert ended.exit_code == 2
    assert "H minor" in ended.output
    assert "F# dorian" in ended.output
    assert not out.exists()

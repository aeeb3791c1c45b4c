"""`bandmate install vst` and `bandmate doctor vst`, on folders as hosts have them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from bandmate_bridge.cli.commands.build import build
from bandmate_bridge.cli.commands.install import install
from bandmate_bridge.vst import places
from bandmate_plugins._platform import home


@pytest.fixture
def at_home(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's home where the plugins were built, as `bandmate build vst` leaves them."""
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    shutil.copytree(built / "plugins", places.built_folder())
    return tmp_path


def vst(*options: str) -> tuple[int, str]:
    done = CliRunner().invoke(install, ["vst", *options])
    return done.exit_code, done.output


def test_install_puts_every_format_in_and_remove_takes_it_out(at_home: Path) -> None:
    code, said = vst("--check")
    assert (code, said.count("wrong")) == (1, 4)
    code, said = vst()
    assert code == 0, said
    for folder, name in ((".vst3", "bandmate.vst3"), (".clap", "bandmate.clap"), (".lv2", "bandmate.lv2")):
        assert (at_home / folder / name).exists()
    home.server_token()
    code, said = vst("--check")
    assert (code, said.count("ok  ")) == (0, 4), said
    assert vst()[0] == 0, "a second time replaces the first"
    (at_home / ".clap" / "bandmate.clap").write_bytes(b"bandmate-version=0.0.1;")
    code, said = vst("--check")
    assert code == 1
    assert "another version" in said
    assert vst("--remove")[0] == 0
    assert not list(at_home.glob(".*/bandmate.*"))
    assert "No Bandmate plugin was installed" in vst("--remove")[1]


def test_what_was_not_built_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path))
    done = CliRunner().invoke(install, ["vst", "--path", str(tmp_path)])
    assert "bandmate build vst" in str(done.exception)


def test_without_a_compiler_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = CliRunner().invoke(build, ["vst"])
    assert "apt install" in str(done.exception.__dict__ if done.exception else "")


def test_a_folder_without_dpf_is_named_and_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path / "home"))
    done = CliRunner().invoke(build, ["vst", "--dpf", str(tmp_path)])
    assert f"DPF is not in {tmp_path}" in str(done.exception)
    assert not (tmp_path / "home").exists()


def test_the_source_is_found(tmp_path: Path) -> None:
    assert (places.source_folder() / "src" / "plugin.cpp").is_file()

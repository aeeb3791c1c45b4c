"""The wheel, as a user gets it: built, installed somewhere else, run from there."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("protocol/bandmate_protocol", "plugins/bandmate_plugins", "server/bandmate_server")
PACKAGES += ("bridge/bandmate_bridge",)


def run(*command, env=None, cwd=None, timeout=600):
    """The finished process; a failure shows what it printed."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(
        [str(part) for part in command],
        env=clean | (env or {}),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def good(*command, **more):
    ended = run(*command, **more)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended


@pytest.fixture(scope="session")
def uv():
    found = os.environ.get("UV") or shutil.which("uv")
    assert found, "uv is what the README asks for; install it by its installer, pipx or pip"
    return found


@pytest.fixture(scope="session")
def wheel(uv, tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    good(uv, "build", "--wheel", "--out-dir", out, ROOT)
    (built,) = out.glob("*.whl")
    return built


def install(uv, wheel, folder, extra=""):
    good(uv, "venv", "--python", sys.executable, folder)
    binary = folder / ("Scripts" if sys.platform == "win32" else "bin")
    good(uv, "pip", "install", "--python", binary / "python", f"{wheel}{extra}")
    return binary


@pytest.fixture(scope="session")
def bare(uv, wheel, tmp_path_factory):
    return install(uv, wheel, tmp_path_factory.mktemp("bare") / "venv")


@pytest.fixture(scope="session")
def with_server(uv, wheel, tmp_path_factory):
    return install(uv, wheel, tmp_path_factory.mktemp("full") / "venv", "[server]")


def test_every_file_of_the_packages_is_in_the_wheel(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    for package in PACKAGES:
        folder = ROOT / package
        for path in folder.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert path.relative_to(folder.parent).as_posix() in inside, path


def test_the_wheel_holds_only_the_four_packages_and_is_small(wheel):
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    expected = {Path(package).name for package in PACKAGES}
    assert {name for name in names if not name.endswith(".dist-info")} == expected
    assert wheel.stat().st_size < 2_000_000


def test_the_bare_install_is_light_and_says_what_it_lacks(uv, bare, tmp_path):
    listed = good(uv, "pip", "list", "--python", bare / "python").stdout
    for heavy in ("torch", "numpy", "starlette"):
        assert heavy not in listed
    env = {"BANDMATE_HOME": str(tmp_path)}
    assert "0.1.0" in good(bare / "bandmate", "--version", env=env).stdout
    assert "generate" in good(bare / "bandmate", "--help", env=env).stdout
    refused = run(bare / "bandmate", "generate", "drums", "-o", tmp_path / "out.wav", env=env)
    assert refused.returncode == 3
    assert "bandmate[server]" in refused.stderr
    assert not (tmp_path / "out.wav").exists()


def test_the_demo_runs_from_the_wheel_without_torch(uv, with_server, tmp_path):
    listed = good(uv, "pip", "list", "--python", with_server / "python").stdout
    assert "torch" not in listed
    env = {"BANDMATE_HOME": str(tmp_path / "home")}
    shown = good(with_server / "bandmate", "demo", env=env, cwd=tmp_path).stdout
    assert "Real time" in shown
    assert (tmp_path / "demo" / "demo.rpp").exists()

"""The wheel, as a user gets it: built, installed somewhere else, run from there."""

import sys
import zipfile
from pathlib import Path

import pytest

from tests.e2e.installing import ROOT, good, run, uv_program

PACKAGES = ("protocol/bandmate_protocol", "plugins/bandmate_plugins", "server/bandmate_server")
PACKAGES += ("bridge/bandmate_bridge",)


@pytest.fixture(scope="session")
def uv():
    return uv_program()


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


def test_the_bare_install_is_light_and_says_what_it_lacks(uv, wheel, bare, tmp_path):
    listed = good(uv, "pip", "list", "--python", bare / "python").stdout
    for heavy in ("torch", "numpy", "starlette"):
        assert heavy not in listed
    env = {"BANDMATE_HOME": str(tmp_path)}
    assert "0.1.0" in good(bare / "bandmate", "--version", env=env).stdout
    assert "generate" in good(bare / "bandmate", "--help", env=env).stdout
    refused = run(bare / "bandmate", "generate", "drums", "-o", tmp_path / "out.wav", env=env)
    assert refused.returncode == 3
    assert "[server]" in refused.stderr
    assert wheel.as_uri() in refused.stderr
    assert not (tmp_path / "out.wav").exists()


def test_the_demo_runs_from_the_wheel_without_torch(uv, with_server, tmp_path):
    listed = good(uv, "pip", "list", "--python", with_server / "python").stdout
    assert "torch" not in listed
    env = {"BANDMATE_HOME": str(tmp_path / "home")}
    shown = good(with_server / "bandmate", "demo", env=env, cwd=tmp_path).stdout
    assert "Real time" in shown
    assert (tmp_path / "demo" / "demo.rpp").exists()

"""Bandmate installed in every way that the README names: the command that it prints for an extra works."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.installing import ROOT, copy_clone, good, run, uv_program

ASK = "from bandmate_plugins._platform.installation import how_to_add; print(how_to_add('lan'))"
PAGE = (ROOT / "docs" / "plugins.md").read_text("utf-8")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In a folder with a space, as people have."""
    return copy_clone(tmp_path_factory.mktemp("music") / "my clone")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Installers put their tools below the test's folder."""
    return {
        "UV_TOOL_DIR": str(tmp_path / "tools"),
        "UV_TOOL_BIN_DIR": str(tmp_path / "bin"),
        "PIPX_HOME": str(tmp_path / "pipx"),
        "PIPX_BIN_DIR": str(tmp_path / "bin"),
        "PIPX_DEFAULT_PYTHON": sys.executable,
        "BANDMATE_HOME": str(tmp_path / "home"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """The plugin of docs/plugins.md, beside the clone."""
    folder = tmp_path / "noise"
    folder.mkdir()
    for name, kind in (("bandmate_noise.py", "python"), ("pyproject.toml", "toml")):
        (block,) = re.findall(rf"^```{kind}\n# {re.escape(name)}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
        (folder / name).write_text(block)
    return folder


def uv_tool(clone: Path, env: dict[str, str], noise: Path, tmp_path: Path) -> Path:
    command = ["tool", "install", "--python", sys.executable, "--with-editable", str(noise), "."]
    good(uv_program(), *command, cwd=clone, env=env)
    return tmp_path / "tools" / "bandmate" / "bin"


def pipx(clone: Path, env: dict[str, str], noise: Path, tmp_path: Path) -> Path:
    good(uv_program(), "tool", "run", "pipx", "install", ".", cwd=clone, env=env)
    good(uv_program(), "tool", "run", "pipx", "inject", "-e", "bandmate", noise, cwd=clone, env=env)
    return tmp_path / "pipx" / "venvs" / "bandmate" / "bin"


def pip_editable(clone: Path, env: dict[str, str], noise: Path, tmp_path: Path) -> Path:
    good(sys.executable, "-m", "venv", tmp_path / "venv")
    binary = tmp_path / "venv" / "bin"
    # The dependencies come from uv's cache, so that pip itself has little to fetch.
    good(uv_program(), "pip", "install", "--python", binary / "python", f"{clone}[server]", env=env)
    good(uv_program(), "pip", "uninstall", "--python", binary / "python", "bandmate", env=env)
    good(binary / "python", "-m", "pip", "install", "-e", clone, "-e", noise, env=env)
    return binary


def uv_run(clone: Path, env: dict[str, str], noise: Path, tmp_path: Path) -> Path:
    good(uv_program(), "sync", "--python", sys.executable, cwd=clone, env=env)
    good(uv_program(), "pip", "install", "-e", noise, cwd=clone, env=env)
    return clone / ".venv" / "bin"


@pytest.mark.parametrize(
    "install", [uv_tool, pipx, pytest.param(pip_editable, marks=pytest.mark.full), uv_run]
)
def test_the_command_that_it_prints_adds_the_extra_and_keeps_the_plugin(
    install: object, clone: Path, env: dict[str, str], noise: Path, tmp_path: Path
) -> None:
    binary: Path = install(clone, env, noise, tmp_path)  # type: ignore[operator]
    assert run(binary / "python", "-c", "import zeroconf", env=env).returncode != 0
    said = good(binary / "python", "-c", ASK, env=env, cwd=tmp_path).stdout
    command = shlex.split(said.partition("`")[2].rpartition("`")[0])
    if command[0] == "pipx":
        command[:1] = [uv_program(), "tool", "run", "pipx"]
    good(*command, env=env, cwd=tmp_path)
    good(binary / "python", "-c", "import zeroconf, starlette", env=env)
    listed = good(binary / "bandmate", "plugins", env=env, cwd=tmp_path).stdout
    assert re.search(r"^\W*noise\W+.*enabled", listed, re.MULTILINE), listed


def page_commands() -> Iterator[str]:
    (block,) = re.findall(r"^In the clone, .*\n\n((?:    .+\n)+)", PAGE, re.MULTILINE)
    yield from (line.strip() for line in block.splitlines())


def test_the_pages_commands_are_those_that_are_tried_here() -> None:
    assert list(page_commands()) == [
        "uv pip install -e ../noise",
        'uv tool install --with-editable ../noise ".[server]"',
        "pipx inject -e bandmate ../noise",
    ]


INSTALLS = re.compile(
    r"^\s*((?:uv (?:tool|pip)|pipx|pip|python -m pip) (?:install|inject) .+)$", re.MULTILINE
)


def test_every_page_installs_from_the_clone() -> None:
    """What is tried above, with other extras at most."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    shown = {line.strip() for page in pages for line in INSTALLS.findall(page.read_text("utf-8"))}
    tried = {re.sub(r"\.\[server(,\w+)*\]", ".[server]", line) for line in shown}
    assert tried == {
        'uv tool install ".[server]"',
        'pipx install ".[server]"',
        *page_commands(),
    }

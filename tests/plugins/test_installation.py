"""The command that adds an extra, for every way to install, by the records that installers leave.

tests/e2e/test_installation.py runs such commands.
"""

from __future__ import annotations

import json
import re
import sys
import urllib.request  # noqa: F401 - before a test says that this is a Mac
from importlib import metadata
from pathlib import Path

import pytest

from bandmate_plugins._platform import installation
from bandmate_plugins._platform.installation import Installation, how_to_add

ROOT = Path(__file__).parents[2]
BARE_NAME = re.compile(r"""(?<!un)install[^`\n]*[ \t]['"]?bandmate(\[[\w,]*\])?['"]?(?=[\s`'")]|$)""")
"""An installer's command with nothing but the name, which is not ours on the index."""


def installed(
    folder: Path, direct_url: object = None, installer: str = "pip", **records: str
) -> Installation:
    """An environment with Bandmate's metadata, and what its installer noted."""
    prefix = folder / "environment"
    info = prefix / "site" / "bandmate-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.4\nName: bandmate\nVersion: 0.1.0\n"
        "Requires-Dist: click>=8.3\n"
        'Requires-Dist: numpy>=2.2; extra == "server"\n'
        'Requires-Dist: python-rtmidi>=1.5.8; (python_version < "3.13") and extra == "server"\n'
        "Requires-Dist: zeroconf>=0.154 ; extra == 'lan'\n"
    )
    (info / "INSTALLER").write_text(f"{installer}\n")
    if direct_url is not None:
        (info / "direct_url.json").write_text(json.dumps(direct_url))
    for name, text in records.items():
        (prefix / name.replace("__", ".")).write_text(text)
    return Installation(prefix, metadata.PathDistribution(info))


def clone(folder: Path) -> Path:
    made = folder / "my clone"
    made.mkdir()
    return made


def test_pip_installs_from_the_clone_again(tmp_path: Path) -> None:
    here = clone(tmp_path)
    found = installed(tmp_path, {"url": here.as_uri(), "dir_info": {}})
    python = tmp_path / "environment" / "bin" / "python"
    assert found.add_command("lan") == f"{python} -m pip install '{here}[lan,server]'"


def test_an_editable_install_stays_editable(tmp_path: Path) -> None:
    here = clone(tmp_path)
    found = installed(tmp_path, {"url": here.as_uri(), "dir_info": {"editable": True}}, "uv")
    python = tmp_path / "environment" / "bin" / "python"
    wanted = f"uv pip install --python {python} --editable '{here}[models,server]'"
    assert found.add_command("models") == wanted


def test_uv_run_in_the_clone_is_added_to_by_uv_sync(tmp_path: Path) -> None:
    found = installed(tmp_path, {"url": tmp_path.as_uri(), "dir_info": {"editable": True}}, "uv")
    wanted = f"uv sync --inexact --project {tmp_path} --extra models --extra server"
    assert found.add_command("models") == wanted


def test_uv_tool_keeps_what_the_tool_was_made_of(tmp_path: Path) -> None:
    here = clone(tmp_path)
    receipt = (
        f'[tool]\npython = "3.12"\nrequirements = [\n'
        f'{{ name = "bandmate", extras = ["server", "lan"], editable = "{here}" }},\n'
        f'{{ name = "noise", editable = "{tmp_path}/noise" }},\n{{ name = "rpp", specifier = ">=0.5" }},\n'
        f'{{ name = "other", extras = ["fast"], directory = "{tmp_path}/other" }}]\n'
    )
    direct_url = {"url": here.as_uri(), "dir_info": {"editable": True}}
    found = installed(tmp_path, direct_url, "uv", **{"uv-receipt__toml": receipt})
    assert found.add_command("voice") == (
        f"uv tool install --python 3.12 --editable '{here}[lan,server,voice]'"
        f" --with-editable {tmp_path}/noise --with 'rpp>=0.5' --with '{tmp_path}/other[fast]'"
    )


def test_pipx_keeps_extras_suffix_and_editable(tmp_path: Path) -> None:
    here = clone(tmp_path)
    noted = {"main_package": {"package_or_url": f"{here}[server,voice]", "suffix": "-next"}}
    direct_url = {"url": here.as_uri(), "dir_info": {"editable": True}}
    found = installed(tmp_path, direct_url, "uv", pipx_metadata__json=json.dumps(noted))
    assert found.add_command("lan") == (
        f"pipx install --force --suffix=-next --editable '{here}[lan,server,voice]'"
    )


def test_a_repository_and_a_wheel_are_named_by_their_url(tmp_path: Path) -> None:
    git = {
        "url": "https://example.org/bandmate.git",
        "vcs_info": {"vcs": "git", "commit_id": "0" * 40, "requested_revision": "main"},
    }
    found = installed(tmp_path / "git", git)
    assert found.add_command("lan").endswith(
        "'bandmate[lan,server] @ git+https://example.org/bandmate.git@main'"
    )
    wheel = tmp_path / "bandmate-0.1.0-py3-none-any.whl"
    wheel.touch()
    found = installed(tmp_path / "wheel", {"url": wheel.as_uri(), "archive_info": {}})
    assert found.add_command("lan").endswith(f"'bandmate[lan,server] @ {wheel.as_uri()}'")


@pytest.mark.parametrize("origin", [None, "gone", "damaged"])
def test_where_the_origin_is_not_known_the_packages_are_named(tmp_path: Path, origin: str | None) -> None:
    """Whatever index it came from: the name may be somebody else's on this one."""
    gone = {"url": (tmp_path / "gone").as_uri(), "dir_info": {}}
    found = installed(tmp_path, {"gone": gone, "damaged": []}.get(origin or ""))
    python = tmp_path / "environment" / "bin" / "python"
    assert found.add_command("lan") == f"{python} -m pip install 'zeroconf>=0.154'"
    assert found.add_command("server").endswith("install 'numpy>=2.2' 'python-rtmidi>=1.5.8'")


def test_once_it_is_published_the_name_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "PUBLISHED", True)
    assert installed(tmp_path).add_command("lan").endswith("-m pip install 'bandmate[lan,server]'")


def test_packages_are_installed_again_in_the_versions_that_are_asked_for(tmp_path: Path) -> None:
    python = tmp_path / "pip" / "environment" / "bin" / "python"
    wanted = f"{python} -m pip install --force-reinstall 'zeroconf>=0.154' other"
    assert installed(tmp_path / "pip").reinstall_command("zeroconf", "other") == wanted
    assert "--reinstall" in installed(tmp_path / "uv", installer="uv").reinstall_command("zeroconf")


def test_macs_without_builds_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(installation.platform, "machine", lambda: "x86_64")
    assert "Intel" in how_to_add("models")
    assert "`" in how_to_add("lan")


def product_files() -> list[Path]:
    folders = ("protocol", "plugins", "server", "bridge", "docs")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    kinds = {".py", ".md", ".lua", ".bat", ".toml", ".cpp", ".hpp"}
    return [path for path in [*found, ROOT / "README.md"] if path.suffix in kinds]


def test_nothing_tells_anybody_to_install_the_name() -> None:
    assert BARE_NAME.search("`pip install 'bandmate[models]'` brings it")
    assert BARE_NAME.search('set "FROM=x"\nuv tool install bandmate')
    assert not BARE_NAME.search("`uv tool install '.[server]'` and bandmate")
    for path in product_files():
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.name not in ("installation.py", "releasing.md"):
            assert not BARE_NAME.search(text), path
            assert "bandmate[" not in text, path

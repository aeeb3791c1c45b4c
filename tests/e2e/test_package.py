"""The wheel, as a user gets it: built, installed somewhere else, run from there."""

import re
import runpy
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

from tests.e2e.installing import ROOT, good, run, uv_program

PACKAGES = ("protocol/bandmate_protocol", "plugins/bandmate_plugins", "server/bandmate_server")
PACKAGES += ("bridge/bandmate_bridge", "bridge/bandmate", "bridge/bandmate_mcp")


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


def test_the_wheel_holds_only_the_six_packages_and_is_small(wheel):
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    expected = {Path(package).name for package in PACKAGES}
    assert {name for name in names if not name.endswith(".dist-info")} == expected
    assert wheel.stat().st_size < 2_500_000


def test_the_bare_install_is_light_and_says_what_it_lacks(uv, wheel, bare, tmp_path):
    listed = good(uv, "pip", "list", "--python", bare / "python").stdout
    for heavy in ("torch", "numpy", "starlette"):
        assert heavy not in listed
    env = {"BANDMATE_HOME": str(tmp_path)}
    good(bare / "python", "-c", "import bandmate; bandmate.connect, bandmate.aconnect")
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


@pytest.fixture(scope="session")
def dist(uv, tmp_path_factory):
    """What `python -m build` makes: the source distribution, and the wheel from that."""
    out = tmp_path_factory.mktemp("release")
    good(uv, "tool", "run", "--from", "build", "pyproject-build", "--installer", "uv", "-o", out, ROOT)
    return out


def contents(path):
    with zipfile.ZipFile(path) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_the_source_distribution_makes_the_same_wheel(wheel, dist):
    (other,) = dist.glob("*.whl")
    assert contents(other) == contents(wheel)


def test_the_index_can_show_what_is_built(uv, dist):
    files = sorted(dist.iterdir())
    assert len(files) == 2
    said = good(uv, "tool", "run", "twine", "check", "--strict", *files).stdout
    assert said.count("PASSED") == 2


def test_the_source_distribution_has_what_is_needed_and_no_more(dist):
    (source,) = dist.glob("*.tar.gz")
    with tarfile.open(source) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert {"LICENSE", "NOTICE", "README.md", "hatch_build.py", "bridge/vst/CMakeLists.txt"} <= names
    assert not [name for name in names if name.endswith((".pyc", "uv.lock"))]
    assert not [name for name in names if name.startswith((".venv", ".ci", ".github", "demo/", "out/"))]
    assert source.stat().st_size < 5_000_000


def metadata(wheel):
    (text,) = [data for name, data in contents(wheel).items() if name.endswith(".dist-info/METADATA")]
    return text.decode()


RELATIVE = re.compile(r"\]\((?!https?://)")


def test_what_the_index_shows_has_no_relative_links(wheel):
    shown = metadata(wheel)
    assert "Bandmate makes parts" in shown
    assert not RELATIVE.search(shown)
    assert "Project-URL" not in shown, "nobody knows the address of the repository here"


def test_on_github_links_lead_to_the_commit(uv, tmp_path):
    github = {
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "band/bandmate",
        "GITHUB_SHA": "0123abc",
    }
    good(uv, "build", "--wheel", "--out-dir", tmp_path, ROOT, env=github)
    (built,) = tmp_path.glob("*.whl")
    shown = metadata(built)
    assert "Project-URL: Source, https://github.example/band/bandmate" in shown
    assert "https://github.example/band/bandmate/raw/0123abc/docs/pictures/demo.svg" in shown
    assert "https://github.example/band/bandmate/blob/0123abc/README.md#install" in shown
    assert not RELATIVE.search(shown)
    for place in re.findall(r"/(?:blob|raw)/0123abc/([^)#\s]+)", shown):
        assert (ROOT / place).exists(), place


def test_a_tag_is_released_only_when_everything_says_so(tmp_path):
    check = runpy.run_path(str(ROOT / ".github" / "check_release.py"))["faults"]
    missing = list(check("v9.9.9"))
    assert "The tag is v9.9.9, the version 0.1.0." in missing
    for path in (
        "protocol/bandmate_protocol/version.py",
        "plugins/bandmate_plugins/_platform/installation.py",
    ):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(
            (ROOT / path).read_text().replace("PUBLISHED = False", "PUBLISHED = True")
        )
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 0.1.0, 2026-12-24\n")
    (tmp_path / "README.md").write_text("# Bandmate\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "plugins.md").write_text("# Plugins\n")
    assert list(check("v0.1.0", tmp_path)) == []


def test_the_workflow_can_publish_only_what_was_checked_and_approved():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())
    build, publish = workflow["jobs"]["build"], workflow["jobs"]["publish"]
    assert workflow["permissions"] == {}
    assert build["permissions"] == {"contents": "read"}
    assert (publish["needs"], publish["environment"]) == ("build", "pypi")
    assert publish["permissions"] == {"id-token": "write"}
    assert all("run" not in step for step in publish["steps"]), "nothing is run where the token is"
    assert "secrets." not in str(workflow)
    used = [step["uses"] for job in (build, publish) for step in job["steps"] if "uses" in step]
    assert [each for each in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each)] == [
        "pypa/gh-action-pypi-publish@release/v1"
    ]


def test_the_pages_say_whether_the_name_is_ours():
    from bandmate_plugins._platform.installation import PUBLISHED

    for name in ("README.md", "docs/plugins.md"):
        text = " ".join((ROOT / name).read_text().split())
        assert ("on PyPI yet" in text or "until it is on PyPI" in text) != PUBLISHED

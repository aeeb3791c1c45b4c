"""Known SoundFonts: listed, pulled from an address by their hash, added from files and packages, removed."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bandmate_plugins._app import soundfont_commands
from bandmate_plugins._app.models_command import models
from bandmate_plugins._engines.sketch import SketchEngine
from bandmate_plugins._models import soundfont_archives, soundfont_files, soundfont_places, soundfonts
from bandmate_plugins._models.soundfonts import KNOWN_SOUNDFONTS
from bandmate_protocol.errors import RequestError
from tests.plugins.models.hub import Hub
from tests.plugins.sketch.conftest import perform, timeline
from tests.plugins.sketch.test_soundfont import made_soundfont

MADE = made_soundfont(300)
KNOWN = replace(
    KNOWN_SOUNDFONTS[0],
    name="made",
    file_name="Made_GM.sf2",
    sha256=hashlib.sha256(MADE).hexdigest(),
    size_bytes=len(MADE),
)
NAME = "soundfont:made"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, no folder of the system, and one known SoundFont, made here."""
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv(soundfont_places.SETTING, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user"))
    only_own = lambda: [soundfont_places.own_soundfont_folder()]  # noqa: E731
    monkeypatch.setattr(soundfonts, "soundfont_folders", only_own)
    for module in (soundfonts, soundfont_archives, soundfont_files, soundfont_commands):
        monkeypatch.setattr(module, "KNOWN_SOUNDFONTS", (KNOWN,))
    return tmp_path


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        hub.repositories["someone/fonts"] = {"gm/Made_file.sf2": MADE, "other.sf2": made_soundfont(10)}
        yield hub


def run(*arguments: str) -> Result:
    return CliRunner().invoke(models, arguments)


def failure(result: Result) -> str:
    assert isinstance(result.exception, RequestError), result.output
    return f"{result.exception.sentence} {result.exception.remedy}"


def own_files() -> list[str]:
    folder = soundfont_places.own_soundfont_folder()
    return sorted(os.listdir(folder)) if folder.is_dir() else []


def debian_package(path: Path, data: bytes) -> Path:
    """A package as deb(5) describes it."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:xz") as tar:
        entry = tarfile.TarInfo("./usr/share/sounds/sf2/Other_Name.sf2")
        entry.size = len(data)
        tar.addfile(entry, io.BytesIO(data))
    body = b"!<arch>\n"
    for name, member in (
        (b"debian-binary", b"2.0\n"),
        (b"control.tar.xz", b"odd"),
        (b"data.tar.xz", held.getvalue()),
    ):
        body += name.ljust(16) + b"0".ljust(32) + str(len(member)).encode().ljust(10) + b"`\n"
        body += member + b"\n" * (len(member) % 2)
    path.write_bytes(body)
    return path


def test_every_known_soundfont_has_a_package_a_licence_and_a_whole_hash() -> None:
    assert len({known.name for known in KNOWN_SOUNDFONTS}) == len(KNOWN_SOUNDFONTS) >= 3
    for known in KNOWN_SOUNDFONTS:
        assert len(bytes.fromhex(known.sha256)) == 32
        assert known.size_bytes > 1_000_000
        assert "MIT" in known.licence
        assert known.package.endswith(("soundfont-gm", "soundfont", "soundfont-small"))


def test_a_soundfont_is_pulled_from_the_hub_checked_and_removed(
    home: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    place = "hub:someone/fonts/gm/Made_file.sf2"
    refused = run("pull", NAME, "--from", place)
    assert "licence: MIT" in refused.output
    assert refused.exit_code != 0
    assert own_files() == []
    pulled = run("pull", NAME, "--from", place, "--yes")
    assert pulled.exit_code == 0, pulled.output
    assert own_files() == ["Made_GM.sf2"]
    assert KNOWN.own_path.read_bytes() == MADE
    assert "yes" in run("list").output
    assert f"{NAME}: whole" in run("verify", NAME).output
    assert "already installed" in run("pull", NAME).output
    KNOWN.own_path.write_bytes(MADE[:-1] + b"x")
    assert f"Incomplete: {NAME}" in failure(run("verify", NAME))
    assert f"{NAME}: removed" in run("remove", NAME).output
    assert own_files() == []
    assert f"{NAME}: not installed" in run("remove", NAME).output


def test_another_file_is_refused_and_nothing_of_it_kept(hub: Hub) -> None:
    said = failure(
        run("pull", NAME, "--from", f"{hub.address}/someone/fonts/resolve/main/other.sf2", "--yes")
    )
    assert KNOWN.sha256 in said
    assert own_files() == []


def test_a_download_goes_on_where_it_stopped(hub: Hub) -> None:
    part = soundfont_files.part_path(KNOWN)
    part.parent.mkdir(parents=True)
    for came in (len(MADE) // 2, len(MADE)):
        part.write_bytes(MADE[:came])
        hub.sent.clear()
        pulled = run(
            "pull", NAME, "--from", f"{hub.address}/someone/fonts/resolve/main/gm/Made_file.sf2", "--yes"
        )
        assert pulled.exit_code == 0, pulled.exception
        assert hub.sent[0] == ("gm/Made_file.sf2", came) or came == len(MADE)
        assert own_files() == ["Made_GM.sf2"]
        run("remove", NAME)


@pytest.mark.parametrize(
    "place", ["file:///etc/passwd", "someone/fonts/x.sf2", "hub:someone", "ftp://a/b.sf2"]
)
def test_what_is_no_address_is_refused(place: str) -> None:
    assert "hub:OWNER/NAME/FILE" in failure(run("pull", NAME, "--from", place, "--yes"))


def test_without_an_address_the_package_is_named() -> None:
    assert f"apt install {KNOWN.package}" in failure(run("pull", NAME))


def test_an_address_out_of_reach_is_said_without_its_password() -> None:
    said = failure(run("pull", NAME, "--from", "http://me:secret@127.0.0.1:9/x.sf2", "--yes"))
    assert "127.0.0.1:9" in said
    assert "secret" not in said


def test_a_package_and_archives_are_searched_for_a_known_one(home: Path) -> None:
    package = debian_package(home / "made_1_all.deb", MADE)
    with zipfile.ZipFile(home / "made.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
        archive.writestr("x/Whatever.sf2", MADE)
    for file in (package, home / "made.zip"):
        added = run("add", str(file))
        assert added.exit_code == 0, added.exception
        assert "Licence: MIT" in added.output
        assert KNOWN.own_path.read_bytes() == MADE
        run("remove", NAME)
    broken = home / "broken.deb"
    broken.write_bytes(package.read_bytes()[:-500])
    (home / "page.sf2").write_text("<html>not found</html>")
    for file in (broken, home / "page.sf2", debian_package(home / "other.deb", MADE[:-2])):
        assert "is not a SoundFont" in failure(run("add", str(file)))
    assert own_files() == []


def test_an_unknown_soundfont_keeps_its_name_and_replaces_none(home: Path) -> None:
    (home / "mine.sf2").write_bytes(made_soundfont(10))
    assert "does not know it" in run("add", str(home / "mine.sf2")).output
    assert own_files() == ["mine.sf2"]
    (home / "mine.sf2").write_bytes(made_soundfont(20))
    assert "another SoundFont" in failure(run("add", str(home / "mine.sf2")))
    assert (soundfont_places.own_soundfont_folder() / "mine.sf2").read_bytes() == made_soundfont(10)


def test_an_added_soundfont_plays(home: Path) -> None:
    """`auto` takes what is in Bandmate's folder before what the system has."""
    (home / "any-name.sf2").write_bytes(MADE)
    assert run("add", str(home / "any-name.sf2")).exit_code == 0
    played = perform(SketchEngine().load("cpu", "full"), "jazz piano", timeline(3, 120)).report
    assert played["soundfont"]["file"] == KNOWN.file_name
    assert played["soundfont"]["sha256"] == KNOWN.sha256

"""What the page has of other people is what the registry has, byte for byte, with its licence."""

from __future__ import annotations

import pytest

from tests.material.npm_packages import ROOT, VENDOR, console_packages, modules_folder, vendored_files


@pytest.mark.parametrize("name", sorted(vendored_files()))
def test_a_built_file_is_that_of_its_package(name: str) -> None:
    package, path = vendored_files()[name]
    folder = modules_folder(console_packages()) / package.rpartition("@")[0]
    assert (VENDOR / name).read_bytes() == (folder / path).read_bytes()


def test_every_file_there_is_listed_or_a_licence() -> None:
    files = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert {name for name in files if not name.startswith("licences/")} == {
        *vendored_files(),
        "packages.json",
    }


def test_every_package_is_named_with_its_licence() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for package, _ in vendored_files().values():
        assert package.rpartition("@")[0] in notice
    for name in ("htm", "preact", "msgpack", "noble-hashes"):
        assert (VENDOR / "licences" / f"{name}.txt").stat().st_size > 300

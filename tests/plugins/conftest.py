"""What the tests of plugins share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bandmate_plugins._host.loading.found import find_plugins
from bandmate_plugins._models.place import MIRROR
from tests.plugins.shelf import Shelf


def built_in() -> str:
    """The names of the plugins that Bandmate comes with, as `BANDMATE_DISABLE` wants them."""
    return ",".join(plugin.name for plugin in find_plugins() if plugin.distribution == "bandmate")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of Bandmate's own."""
    folder = tmp_path / "home"
    monkeypatch.setenv("BANDMATE_HOME", str(folder))
    return folder


@pytest.fixture
def mirror(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands in for the hub, with nothing in it yet, and no models anywhere else."""
    monkeypatch.setenv(MIRROR, str(tmp_path / "models"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "models"


@pytest.fixture
def one_thread() -> None:
    """Small networks lose more by sharing their work than they win."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture
def shelf(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """A place to install plugins; the built-in ones are disabled, which makes each scan short."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("BANDMATE_DISABLE", built_in())
    yield Shelf(folder)
    forget(folder)


@pytest.fixture(scope="module")
def module_shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """The same for all tests of a module."""
    folder = tmp_path_factory.mktemp("shelf")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BANDMATE_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("BANDMATE_DISABLE", built_in())
        patch.syspath_prepend(folder)
        yield Shelf(folder)
    forget(folder)


def forget(folder: Path) -> None:
    """Unloads the plugins of a folder, so that the next test can have some of the same name."""
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(folder)):
            del sys.modules[name]

"""Building the plugin with CMake and the system's compiler."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bandmate_bridge.file_errors import file_errors
from bandmate_bridge.vst.places import FORMATS, built_folder, source_folder
from bandmate_plugins._platform import home
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_protocol.version import __version__

_LAST_LINES = 15
_TOOLS = {
    "linux": "On Debian or Ubuntu: sudo apt install g++ cmake make dpf-source libcairo2-dev nlohmann-json3-dev.",
    "darwin": "Run xcode-select --install for the compiler, and brew install cmake for the rest.",
    "win32": "Install the Build Tools for Visual Studio with C++, which include CMake.",
}


def build_plugins(dpf: Path | None, notify: Callable[[str], None]) -> Path:
    """Builds every format; returns the folder that they are in.

    ``dpf``: where DPF lies; else Debian's place, else CMake fetches it. Raises RequestError
    (`file_unusable`) without a compiler, or with what the compiler said last.
    """
    source = source_folder()
    cmake = shutil.which("cmake")
    if cmake is None or (sys.platform != "win32" and shutil.which("c++") is None):
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{tool} is not installed.", tool="CMake" if cmake is None else "C++ compiler"),
            _tools_remedy(),
        )
    work = home.cache_dir() / "vst-build"
    configure = [cmake, "-S", str(source), "-B", str(work), f"-DBANDMATE_VERSION={__version__}"]
    # CMake remembers what it was told the last time.
    configure.append("-UDPF_PATH" if dpf is None else f"-DDPF_PATH={_check_dpf(dpf)}")
    if sys.platform == "darwin":
        configure.append("-DCMAKE_OSX_ARCHITECTURES=arm64;x86_64")
    notify("Building; this takes about half a minute.")
    _run_command(configure)
    _run_command([cmake, "--build", str(work), "--config", "Release", "--parallel", str(os.cpu_count() or 1)])
    return _collect_plugins(work / "plugins")


def _check_dpf(dpf: Path) -> Path:
    if not (dpf / "distrho" / "DistrhoPlugin.hpp").is_file():
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("DPF is not in {dpf}: there is no distrho/DistrhoPlugin.hpp in it.", dpf=dpf),
            "Name the folder that contains DPF's folder distrho, or omit --dpf.",
        )
    return dpf.absolute()


def _collect_plugins(plugins: Path) -> Path:
    target = built_folder()
    with file_errors(target):
        target.mkdir(parents=True, exist_ok=True)
        for name in FORMATS.values():
            copy_over(plugins / name, target / name)
    return target


def copy_over(source: Path, target: Path) -> None:
    """Copies a plugin, a file or a folder, in the place of an older one. Raises OSError."""
    remove_plugin(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)


def remove_plugin(path: Path) -> bool:
    """Removes a plugin; whether one was there. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
        return True
    if path.exists() or path.is_symlink():
        path.unlink()
        return True
    return False


def _tools_remedy() -> str:
    return _TOOLS.get(sys.platform, "Install CMake and a C++17 compiler.")


def _run_command(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()[-_LAST_LINES:]
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            "The plugin could not be built. The last output was:\n" + "\n".join(said) + "\n",
            say(
                "If DPF or a tool is missing: {tools_remedy} --dpf names an existing DPF folder.",
                tools_remedy=_tools_remedy(),
            ),
        )

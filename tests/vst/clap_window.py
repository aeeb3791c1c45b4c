"""The CLAP's window in a window of the test's own, on an X server of the test's own."""

from __future__ import annotations

import ctypes as c
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes.util import find_library
from pathlib import Path

from tests.vst import clap_abi as abi
from tests.vst.clap_host import ClapHost, Song

NEEDED = ("Xvfb", "xdotool")
_Yes = c.CFUNCTYPE(c.c_bool, c.c_void_p)
_Resize = c.CFUNCTYPE(c.c_bool, c.c_void_p, c.c_uint32, c.c_uint32)
_Closed = c.CFUNCTYPE(None, c.c_void_p, c.c_bool)
_Register = c.CFUNCTYPE(c.c_bool, c.c_void_p, c.c_uint32, c.POINTER(c.c_uint32))
_Unregister = c.CFUNCTYPE(c.c_bool, c.c_void_p, c.c_uint32)


class _HostGui(c.Structure):
    _fields_ = [
        ("hints_changed", abi.Request),
        ("resize", _Resize),
        ("show", _Yes),
        ("hide", _Yes),
        ("closed", _Closed),
    ]


class _HostTimer(c.Structure):
    _fields_ = [("register", _Register), ("unregister", _Unregister)]


class _PluginTimer(c.Structure):
    _fields_ = [("on_timer", c.CFUNCTYPE(None, c.c_void_p, c.c_uint32))]


class _ClapWindow(c.Structure):
    _fields_ = [("api", c.c_char_p), ("window", c.c_ulong)]


class _Gui(c.Structure):
    _fields_ = [
        ("is_supported", c.c_void_p),
        ("preferred", c.c_void_p),
        ("create", c.CFUNCTYPE(c.c_bool, c.c_void_p, c.c_char_p, c.c_bool)),
        ("destroy", abi.Request),
        ("set_scale", c.CFUNCTYPE(c.c_bool, c.c_void_p, c.c_double)),
        ("get_size", c.CFUNCTYPE(c.c_bool, c.c_void_p, c.POINTER(c.c_uint32), c.POINTER(c.c_uint32))),
        ("can_resize", _Yes),
        ("resize_hints", c.c_void_p),
        ("adjust_size", c.c_void_p),
        ("set_size", _Resize),
        ("set_parent", c.CFUNCTYPE(c.c_bool, c.c_void_p, c.POINTER(_ClapWindow))),
        ("set_transient", c.c_void_p),
        ("suggest_title", c.c_void_p),
        ("show", _Yes),
        ("hide", _Yes),
    ]


@contextmanager
def x_server() -> Iterator[str]:
    """The name of a display that ends with the block."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        with os.fdopen(read) as said:
            name = ":" + said.readline().strip()
        try:
            yield name
        finally:
            server.terminate()


def missing_tools() -> list[str]:
    return [name for name in NEEDED if shutil.which(name) is None]


class WindowHost(ClapHost):
    """A host with a window, which it makes on the display that DISPLAY names."""

    def __init__(self, path: Path, song: Song, state: bytes | None = None) -> None:
        self.timers: list[int] = []
        super().__init__(path, song, state)
        library = find_library("X11")
        assert library
        self._x = c.CDLL(library)
        self._x.XOpenDisplay.restype = c.c_void_p
        self._x.XDefaultRootWindow.restype = self._x.XCreateSimpleWindow.restype = c.c_ulong
        self._display = c.c_void_p(self._x.XOpenDisplay(None))
        assert self._display
        root = c.c_ulong(self._x.XDefaultRootWindow(self._display))
        make = self._x.XCreateSimpleWindow
        self.window = int(make(self._display, root, 0, 0, 800, 600, 0, c.c_ulong(0), c.c_ulong(0)))
        self._x.XMapWindow(self._display, c.c_ulong(self.window))
        self._x.XSync(self._display, 0)
        self.gui = _Gui.from_address(self._extension(b"clap.gui"))

    def _callbacks(self) -> None:
        super()._callbacks()
        self._host_gui = _HostGui(
            abi.Request(lambda _: None),
            _Resize(lambda _h, _w, _y: True),
            _Yes(lambda _: True),
            _Yes(lambda _: True),
            _Closed(lambda _h, _d: None),
        )
        self._host_timer = _HostTimer(_Register(self._register), _Unregister(self._unregister))
        offered = {b"clap.gui": self._host_gui, b"clap.timer-support": self._host_timer}
        self._host.get_extension = abi.Extension(
            lambda _host, name: c.addressof(offered[name]) if name in offered else None
        )

    def _register(self, _host: int, _period: int, number: c._Pointer[c.c_uint32]) -> bool:
        number[0] = 7
        self.timers.append(7)
        return True

    def _unregister(self, _host: int, number: int) -> bool:
        if number in self.timers:
            self.timers.remove(number)
        return True

    def open(self) -> None:
        assert self.gui.create(self._at, b"x11", False)
        assert self.gui.set_parent(self._at, c.byref(_ClapWindow(b"x11", self.window)))
        assert self.gui.show(self._at)

    def resize(self, width: int, height: int) -> None:
        assert self.gui.set_size(self._at, width, height)

    def shut(self) -> None:
        self.gui.destroy(self._at)

    def idle(self) -> None:
        """One tick of the host's timer, which is what the window lives on."""
        timer = _PluginTimer.from_address(self._extension(b"clap.timer-support"))
        for number in list(self.timers):
            timer.on_timer(self._at, number)

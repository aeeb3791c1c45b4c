"""REAPER's gfx: what is drawn is recorded, and can be put into a PNG; keys and the mouse are played."""

import time
from collections import deque
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont


class Gfx:
    """The functions behind the table `gfx` of one script. Its fields are read and written as in REAPER."""

    def __init__(self, runtime: Any, host: Any) -> None:
        self.table = runtime.table_from(
            {"x": 0, "y": 0, "w": 0, "h": 0, "mouse_x": -1, "mouse_y": -1, "mouse_cap": 0, "mouse_wheel": 0}
        )
        self.keys: deque[int] = deque()
        self.calls: list[tuple] = []
        self.picture: list[tuple] = []
        """The last whole picture."""
        self.is_open = False
        self._colour = (0, 0, 0)
        self._sizes = {1: 15, 2: 13}
        self._font = 1
        for name in (
            "init",
            "quit",
            "setfont",
            "set",
            "rect",
            "line",
            "drawstr",
            "measurestr",
            "getchar",
            "update",
        ):
            self.table[name] = _timed(getattr(self, f"_{name}"), host)

    def type(self, text: str) -> None:
        """Presses keys, as gfx.getchar tells them."""
        for char in text:
            code = ord(char)
            self.keys.append(code if code < 256 else 0x75000000 | code)

    def click(self, x: float, y: float) -> None:
        self.table["mouse_x"], self.table["mouse_y"], self.table["mouse_cap"] = x, y, 1

    def turn(self, notches: float) -> None:
        """The mouse's wheel, towards the musician where it is less than nothing."""
        self.table["mouse_wheel"] += 120 * notches

    def release(self) -> None:
        self.table["mouse_cap"] = 0

    @property
    def texts(self) -> list[str]:
        return [call[1] for call in self.picture if call[0] == "text"]

    def find(self, text: str) -> tuple[float, float]:
        """Where a text was drawn last."""
        call = next(call for call in self.picture if call[0] == "text" and call[1] == text)
        return call[2] + 3, call[3] + 6

    def save(self, path: Path) -> None:
        """The last picture as a PNG, at twice its size."""
        image = Image.new("RGB", (int(self.table["w"]) * 2, int(self.table["h"]) * 2))
        draw = ImageDraw.Draw(image)
        for kind, *what in self.picture:
            if kind == "rect":
                x, y, w, h, fill, colour = what
                box = (2 * x, 2 * y, 2 * (x + w) - 1, 2 * (y + h) - 1)
                draw.rectangle(box, fill=colour if fill else None, outline=colour, width=2)
            elif kind == "line":
                *ends, colour = what
                draw.line([2 * at for at in ends], fill=colour, width=3)
            else:
                text, x, y, size, colour = what
                draw.text((2 * x, 2 * y), text, font=_font(2 * size - 2), fill=colour)
        image.save(path)

    def _init(self, name: str, width: int = 0, height: int = 0, dock: int = 0, x: int = 0, y: int = 0) -> int:
        assert isinstance(name, str), name
        self.table["w"], self.table["h"] = width, height
        self.is_open = True
        return 1

    def _quit(self) -> None:
        self.is_open = False

    def _setfont(self, index: int, name: str | None = None, size: int = 0, flags: int = 0) -> int:
        self._font = index
        if name:
            self._sizes[index] = size
        return 1

    def _set(self, r: float, g: float, b: float, a: float = 1.0) -> None:
        self._colour = tuple(int(255 * part) for part in (r, g, b))

    def _rect(self, x: float, y: float, w: float, h: float, fill: Any = True) -> None:
        assert w >= 0, f"a rectangle {w} wide"
        assert h >= 0, f"a rectangle {h} high"
        if w and h:
            self.calls.append(("rect", x, y, w, h, fill, self._colour))

    def _line(self, x: float, y: float, x2: float, y2: float, aa: float = 1) -> None:
        self.calls.append(("line", x, y, x2, y2, self._colour))

    def _drawstr(self, text: str, flags: int = 0, right: float = 0, bottom: float = 0) -> None:
        assert "\n" not in text, text
        self.calls.append(
            ("text", text, self.table["x"], self.table["y"], self._sizes[self._font], self._colour)
        )

    def _measurestr(self, text: str) -> tuple[float, float]:
        size = self._sizes[self._font]
        return _font(size).getlength(text), size

    def _getchar(self, char: int | None = None) -> int:
        if not self.is_open:
            return -1
        return self.keys.popleft() if self.keys else 0

    def _update(self) -> None:
        self.picture, self.calls = self.calls, []


def _timed(function: Any, host: Any) -> Any:
    def call(*given: Any) -> Any:
        begun = time.thread_time()
        try:
            return function(*given)
        finally:
            host.inside += time.thread_time() - begun

    return call


_FONTS: dict[int, Any] = {}


def _font(size: int) -> Any:
    if size not in _FONTS:
        _FONTS[size] = ImageFont.load_default(size - 2)
    return _FONTS[size]

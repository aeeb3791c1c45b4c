"""A sheet to draw on: measures in points, drawn at twice that, with the type and the colours of all lanes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bandmate_plugins._platform.installation import how_to_add
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

if TYPE_CHECKING:
    from PIL import ImageFont

SCALE = 2
"""Pixels to a point."""

PAPER = "#ffffff"
INK = "#1d2733"
SOFT_INK = "#5d6b7a"
FAINT = "#d9dfe6"
GRID = "#c3ccd6"
BARLINE = "#8fa9c4"
PANEL = "#f6f8fa"
WAVE = "#3c6e9f"
TEMPO = "#b4552d"
LOUDNESS = "#2f7d5b"

Anchor = Literal["la", "ma", "ra", "lm", "mm", "rm"]
Point = tuple[float, float]


def load_pillow() -> Any:
    """The package PIL. Raises RequestError (`engine_unavailable`) when it is not installed."""
    try:
        import PIL.Image
        import PIL.ImageDraw
        import PIL.ImageFont
    except ImportError as error:
        raise RequestError(
            ErrorCode.ENGINE_UNAVAILABLE,
            "A picture needs Pillow, which is not installed here.",
            how_to_add("server"),
        ) from error
    return PIL


class ReportCanvas:
    """Draws in points from the top left corner."""

    def __init__(self, width: int, height: int) -> None:
        self._pil = load_pillow()
        self.width, self.height = width, height
        self._image = self._pil.Image.new("RGB", (width * SCALE, height * SCALE), PAPER)
        self._draw = self._pil.ImageDraw.Draw(self._image)

    def draw_box(self, left: float, top: float, right: float, bottom: float, fill: str) -> None:
        """A filled rectangle; one that is thinner than a pixel is a pixel wide."""
        x0, y0, x1, y1 = (round(value * SCALE) for value in (left, top, right, bottom))
        self._draw.rectangle((x0, y0, max(x1 - 1, x0), max(y1 - 1, y0)), fill=fill)

    def draw_vertical(self, x: float, top: float, bottom: float, colour: str, width: float = 0.5) -> None:
        """A vertical line."""
        self.draw_box(x - width / 2, top, x + width / 2, bottom, colour)

    def draw_horizontal(self, left: float, right: float, y: float, colour: str, width: float = 0.5) -> None:
        """A horizontal line."""
        self.draw_box(left, y - width / 2, right, y + width / 2, colour)

    def draw_dashes(self, left: float, right: float, y: float, colour: str) -> None:
        """A dashed horizontal line."""
        x = left
        while x < right:
            self.draw_horizontal(x, min(x + 5, right), y, colour, 1.0)
            x += 9

    def draw_line(self, points: Sequence[Point], colour: str, width: float = 1.5) -> None:
        """A line through points."""
        if len(points) > 1:
            scaled = [(x * SCALE, y * SCALE) for x, y in points]
            self._draw.line(scaled, fill=colour, width=round(width * SCALE), joint="curve")

    def draw_area(self, points: Sequence[Point], fill: str) -> None:
        """A filled outline."""
        if len(points) > 2:
            self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def draw_text(
        self, x: float, y: float, text: str, size: float, colour: str, anchor: Anchor = "la"
    ) -> None:
        """Text at a point; the anchor is as Pillow names it: left, middle or right, then top or middle."""
        self._draw.text((x * SCALE, y * SCALE), text, font=_load_font(size), fill=colour, anchor=anchor)

    def text_width(self, text: str, size: float) -> float:
        """How wide text is."""
        return float(_load_font(size).getlength(text)) / SCALE

    def fit_text(self, text: str, size: float, room: float) -> str:
        """The text, cut with an ellipsis to what fits."""
        if self.text_width(text, size) <= room:
            return text
        while text and self.text_width(text + "...", size) > room:
            text = text[:-1]
        return text.rstrip() + "..." if text else ""

    def save(self, path: Path) -> None:
        """Writes the picture as PNG. Raises RequestError (`file_unusable`) when that cannot be done."""
        try:
            self._image.save(path, format="PNG", optimize=True)
        except OSError as error:
            raise RequestError(
                ErrorCode.FILE_UNUSABLE,
                say(
                    "Cannot write the picture {path}: {reason}.",
                    path=path,
                    reason=error.strerror or error,
                ),
                "Choose an existing folder that you can write to.",
            ) from error


@lru_cache(maxsize=32)
def _load_font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return load_pillow().ImageFont.load_default(size * SCALE)  # type: ignore[no-any-return]

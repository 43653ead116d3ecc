"""Sheet: white paper of so many CSS pixels, twice as many real ones, to write and paint on -> a PNG."""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

# real pixels in one of CSS
RATIO = 2
# what a notebook can well have in every cell
MOST_BYTES = 150_000
TEXT, LABEL, FAINT, LINE = "#1d2127", "#5a636e", "#78818c", "#dfe3e8"
BLANK, ACCENT = "#f2f3f5", "#d9480f"

Pixels = NDArray[np.uint8]
Align = Literal["left", "center", "right"]
_ANCHORS: dict[Align, str] = {"left": "lm", "center": "mm", "right": "rm"}


@lru_cache(maxsize=32)
def font(size: float, bold: bool = False) -> Any:
    """DejaVu Sans, which matplotlib brings and has most alphabets; where it is not there, what Pillow has."""
    spec = find_spec("matplotlib")
    for place in (spec.submodule_search_locations if spec else None) or ():
        path = Path(place) / "mpl-data" / "fonts" / "ttf" / f"DejaVuSans{'-Bold' if bold else ''}.ttf"
        if path.is_file():
            # without shaping, which loads a library for every font and is not needed for the labels of tokens
            return ImageFont.truetype(str(path), size * RATIO, layout_engine=ImageFont.Layout.BASIC)
    return ImageFont.load_default(size * RATIO)


def text_width(text: str, size: float = 11, bold: bool = False) -> float:
    """In CSS pixels."""
    width: float = font(size, bold).getlength(text)
    return width / RATIO


class Sheet:
    """White paper; all lengths are CSS pixels, y goes down.

    Parameters
    ----------
    width, height : float
    """

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = round(width), round(height)
        self._image = Image.new("RGB", (self.width * RATIO, self.height * RATIO), "white")
        self._draw = ImageDraw.Draw(self._image)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 11,
        color: str = TEXT,
        align: Align = "left",
        bold: bool = False,
    ) -> None:
        """Write one line, its middle at this height."""
        self._draw.text(
            (x * RATIO, y * RATIO), text, fill=color, font=font(size, bold), anchor=_ANCHORS[align], features=None
        )

    def text_up(self, x: float, y: float, text: str, *, size: float = 11, color: str = TEXT) -> None:
        """Write one line that ends at this point and comes from below, its middle at this x."""
        letters = font(size)
        wide, high = max(1, round(letters.getlength(text))), round(size * RATIO * 1.5)
        line = Image.new("L", (wide, high), 0)
        ImageDraw.Draw(line).text((0, high / 2), text, fill=255, font=letters, anchor="lm")
        turned = line.transpose(Image.Transpose.ROTATE_90)
        self._image.paste(color, (round(x * RATIO - high / 2), round(y * RATIO)), turned)

    def box(self, x: float, y: float, width: float, height: float, color: str) -> None:
        """Fill a rectangle."""
        left, top = round(x * RATIO), round(y * RATIO)
        right, bottom = round((x + width) * RATIO) - 1, round((y + height) * RATIO) - 1
        if right >= left and bottom >= top:
            self._draw.rectangle((left, top, right, bottom), fill=color)

    def frame(self, x: float, y: float, width: float, height: float, color: str, line: float = 1) -> None:
        """Draw a frame around a rectangle, outside of it."""
        self.box(x - line, y - line, width + 2 * line, line, color)
        self.box(x - line, y + height, width + 2 * line, line, color)
        self.box(x - line, y, line, height, color)
        self.box(x + width, y, line, height, color)

    def line(self, points: list[tuple[float, float]], color: str, line: float = 1) -> None:
        """Draw straight from point to point."""
        self._draw.line([(x * RATIO, y * RATIO) for x, y in points], fill=color, width=max(1, round(line * RATIO)))

    def dot(self, x: float, y: float, radius: float, color: str, edge: str | None = "white", line: float = 0.5) -> None:
        """Draw a disc."""
        box = [(x - radius) * RATIO, (y - radius) * RATIO, (x + radius) * RATIO, (y + radius) * RATIO]
        self._draw.ellipse(box, fill=color, outline=edge, width=max(1, round(line * RATIO)))

    def paint(self, x: float, y: float, pixels: Pixels) -> None:
        """Put real pixels, `[row, column, RGB]`, with their upper left corner here."""
        self._image.paste(Image.fromarray(pixels), (round(x * RATIO), round(y * RATIO)))

    def png(self, *, detailed: bool = False) -> bytes:
        """The file; of few colours where it would be large with all of them, which is not tried if it is `detailed`."""
        image = self._image
        every = b"" if detailed else _png(np.asarray(image))
        if 0 < len(every) <= MOST_BYTES:
            return every
        few = image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        return _png(np.asarray(few)[..., None], bytes(few.getpalette("RGB") or ()))


def _png(pixels: Pixels, palette: bytes = b"") -> bytes:
    """`[row, column, byte]` as a file, unfiltered: cells of one colour pack best so, in half the time Pillow takes."""
    height, width, depth = pixels.shape
    rows = np.zeros((height, 1 + depth * width), dtype=np.uint8)
    rows[:, 1:] = pixels.reshape(height, -1)
    head = struct.pack(">2I5B", width, height, 8, 3 if palette else 2, 0, 0, 0)
    colors = [(b"PLTE", palette)] if palette else []
    parts = [(b"IHDR", head), *colors, (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b"")]
    chunks = (struct.pack(">I", len(data)) + name + data + _checksum(name + data) for name, data in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _checksum(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))


def fit(text: str, room: float, size: float = 11) -> str:
    """Text cut to what fits, with an ellipsis."""
    # a prompt may have thousands of letters: no more can fit than of the narrowest
    text = text[: int(room / size * 5) + 1]
    if text_width(text, size) <= room:
        return text
    fits, over = 0, len(text)
    while over - fits > 1:
        middle = (fits + over) // 2
        if text_width(text[:middle] + "…", size) <= room:
            fits = middle
        else:
            over = middle
    return text[:fits] + "…"

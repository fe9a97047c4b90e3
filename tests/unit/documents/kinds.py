"""Documents as they are made today, by the libraries at hand: text, scans, photos; in each form that programs give them."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import img2pdf
import pikepdf
import typst
from PIL import Image, ImageDraw

from tests.unit.documents import files

INPUTS = Path(__file__).with_name("inputs")


def sheet(width: int = 620, height: int = 877, seed: int = 1, mode: str = "RGB") -> Image.Image:
    """A sheet of paper with lines of words, as a scanner sees it: no two points are quite the same."""
    chance = random.Random(seed)
    noise = Image.frombytes("L", (width, height), chance.randbytes(width * height))
    image = noise.point([200 + value // 6 for value in range(256)])
    pen = ImageDraw.Draw(image)
    for top in range(40, height - 40, 18):
        left = 40
        while left < width - 80:
            word = chance.randint(12, 60)
            pen.rectangle([left, top, left + word, top + 6], fill=chance.randint(10, 60))
            left += word + 9
    return image.convert(mode)


def photo(mode: str = "RGB", seed: int = 1, **save: Any) -> bytes:
    """The sheet as JPEG."""
    out = io.BytesIO()
    sheet(seed=seed, mode=mode).save(out, "JPEG", **{"quality": 70, **save})
    return out.getvalue()


def picture(mode: str = "RGB", seed: int = 1) -> bytes:
    """The sheet as PNG; `P` has a palette."""
    out = io.BytesIO()
    image = sheet(seed=seed)
    (image.quantize(32) if mode == "P" else image.convert(mode)).save(out, "PNG")
    return out.getvalue()


def text(pages: int = 4) -> bytes:
    """Pages of words in an embedded font."""
    chance = random.Random(9)
    words = [[f"mot{chance.randint(0, 9999)}" for _ in range(300)] for _ in range(pages)]
    source = "\n#pagebreak()\n".join(f"= Relevé {number}\n{' '.join(page)}" for number, page in enumerate(words))
    return bytes(typst.compile(source.encode(), format="pdf"))


def saved_again(content: bytes, **save: Any) -> bytes:
    """The same document in another form."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return files.saved(pdf, **save)


def scan(mode: str, count: int = 3, make: Callable[..., bytes] = photo, **save: Any) -> bytes:
    """One picture on each page."""
    made = img2pdf.convert([make(mode, seed, **save) for seed in range(count)])
    assert made is not None
    return bytes(made)


@cache
def _text() -> bytes:
    return text()


class Made(Mapping[str, bytes]):
    """Documents by their names, each made when it is first asked for: who only collects tests needs none."""

    def __init__(self, makers: Mapping[str, Callable[[], bytes]]) -> None:
        self._makers = makers
        self._made: dict[str, bytes] = {}

    def __getitem__(self, name: str) -> bytes:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


KINDS: Mapping[str, bytes] = Made(
    {
        "text": _text,
        "text, linearised": lambda: saved_again(_text(), linearize=True),
        "text, object streams": lambda: saved_again(_text(), object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "text, not compressed": lambda: saved_again(
            _text(), compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.generalized
        ),
        "text, restricted": lambda: saved_again(_text(), encryption=pikepdf.Encryption(owner="owner", user="", R=6)),
        "scan": lambda: scan("L"),
        "scan, restricted": lambda: saved_again(
            scan("RGB", 2), encryption=pikepdf.Encryption(owner="owner", user="", R=4)
        ),
        "scan, progressive": lambda: scan("RGB", progressive=True),
        "scan, no loss": lambda: scan("L", 2, picture),
        "scan, two colours": lambda: scan("1", 2, picture),
        "hybrid": (INPUTS / "04-libreoffice-hybrid.pdf").read_bytes,
        "photo": photo,
        "photo, own tables": lambda: photo(optimize=True),
        "photo, progressive": lambda: photo(progressive=True),
        "photo, restarts": lambda: photo(restart_marker_rows=1),
        "photo, four inks": lambda: photo("CMYK"),
        "photo, grey": lambda: photo("L"),
        "picture": picture,
        "picture, palette": lambda: picture("P"),
        "picture, two colours": lambda: picture("1"),
        "picture, see-through": lambda: picture("LA"),
    }
)

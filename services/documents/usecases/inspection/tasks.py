"""What is asked of the inspector: to look into a file, and for some to make something of it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from PIL import Image

from services.documents.usecases.inspection import images, papers, pictures
from services.documents.usecases.inspection.assembling import Part, assemble
from services.documents.usecases.inspection.clarity import of_image
from services.documents.usecases.inspection.dossier import Piece, dossier
from services.documents.usecases.inspection.findings import Noticed, Task, Verdict
from services.documents.usecases.inspection.fragment import fragment
from services.documents.usecases.inspection.legible import of_picture
from services.documents.usecases.inspection.pdf import inspect_pdf
from services.documents.usecases.inspection.preview import preview

_IMAGES: Final = {"image/jpeg": "JPEG", "image/png": "PNG"}


def inspect(data: bytes, media_type: str, max_pixels: int) -> Verdict:
    """What is wrong with the file, if anything; an exception says nothing of the file."""
    images.prepare()
    if media_type in _IMAGES:
        verdict = images.inspect_image(data, _IMAGES[media_type], max_pixels)
        return verdict if verdict.finding else replace(verdict, warnings=(*verdict.warnings, *_hard_to_read(data)))
    return inspect_pdf(data)


def _hard_to_read(data: bytes) -> tuple[Noticed, ...]:
    with Image.open(io.BytesIO(data)) as image:
        coarse = of_picture(*image.size)
    return coarse or of_image(data)


def photo(data: bytes, media_type: str, max_pixels: int) -> Verdict:
    """What is wrong with a photo, else what is kept of it until it is assembled."""
    images.prepare()
    pictures.prepare()
    return pictures.inspect_photo(data, media_type, max_pixels)


def perform(request: Mapping[str, Any], contents: Sequence[bytes]) -> Verdict:
    """Do what a request asks for with its files; raises LookupError, TypeError, ValueError for one that is none."""
    return _TASKS[Task(request["task"])](request, contents)


def _inspect(request: Mapping[str, Any], contents: Sequence[bytes]) -> Verdict:
    return inspect(contents[0], request["media_types"][0], request["max_pixels"])


def _photo(request: Mapping[str, Any], contents: Sequence[bytes]) -> Verdict:
    return photo(contents[0], request["media_types"][0], request["max_pixels"])


def _assemble(request: Mapping[str, Any], contents: Sequence[bytes]) -> Verdict:
    images.prepare()
    parts = map(Part, contents, request["media_types"], request["ready"])
    return assemble(list(parts), request["max_bytes"])


def _paper(request: Mapping[str, Any], contents: Sequence[bytes]) -> Verdict:
    return Verdict(made=papers.paper(request["template"], json.loads(contents[0])))


def _dossier(request: Mapping[str, Any], contents: Sequence[bytes]) -> Verdict:
    images.prepare()
    pieces = map(Piece, request["items"], contents[1:], request["media_types"][1:])
    return dossier(json.loads(contents[0]), list(pieces), partial(papers.paper, "cover"))


def _fragment(request: Mapping[str, Any], contents: Sequence[bytes]) -> Verdict:
    return fragment(contents[0], request["item"])


def _preview(request: Mapping[str, Any], contents: Sequence[bytes]) -> Verdict:
    return preview(contents[0], request["media_types"][0], request["page"])


_TASKS: Final[Mapping[Task, Callable[[Mapping[str, Any], Sequence[bytes]], Verdict]]] = {
    Task.INSPECT: _inspect,
    Task.PHOTO: _photo,
    Task.ASSEMBLE: _assemble,
    Task.PAPER: _paper,
    Task.DOSSIER: _dossier,
    Task.FRAGMENT: _fragment,
    Task.PREVIEW: _preview,
}

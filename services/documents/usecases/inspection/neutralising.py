"""The copy of a PDF that others than its owner see: it looks the same, and nothing in it acts (ADR 24)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

import pikepdf

from services.documents.usecases.inspection.active import dictionary_of

_HARMLESS: Final = ("/GoTo", "/Named")
_LINKS: Final = ("http://", "https://", "mailto:")
_DROPPED: Final = ("/AA", "/JS", "/OpenAction", "/XFA", "/EF", "/AF", "/Next", "/PA", "/NeedsRendering", "/Perms",
                   "/Collection")  # fmt: skip
_DROPPED_NAMES: Final = ("/JavaScript", "/EmbeddedFiles", "/Renditions")
_ACTING_ANNOTATIONS: Final = ("/RichMedia", "/Movie", "/Screen", "/Sound", "/3D", "/FileAttachment")


def neutralise(data: bytes) -> bytes:
    """A copy without actions, scripts, dynamic forms, attachments and restrictions.

    Links within the document and to web and mail addresses stay, and what fields show. Raises pikepdf.PdfError.
    """
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
        names = pdf.Root.get("/Names")
        if isinstance(names, pikepdf.Dictionary):
            _drop(names, _DROPPED_NAMES)
        for object in [*pdf.objects, pdf.trailer]:
            if isinstance(object, pikepdf.Stream):
                _drop(object.stream_dict, ("/F", "/FFilter", "/FDecodeParms"))
            for dictionary in _dictionaries(dictionary_of(object)):
                _neutralise(dictionary)
        pdf.save(out)
    return out.getvalue()


def _neutralise(dictionary: pikepdf.Object) -> None:
    _drop(dictionary, _DROPPED)
    action = dictionary.get("/A")
    if isinstance(action, pikepdf.Dictionary) and "/S" in action and not _is_harmless(action):
        del dictionary["/A"]
    annotations = dictionary.get("/Annots")
    if isinstance(annotations, pikepdf.Array):
        dictionary["/Annots"] = pikepdf.Array([one for one in annotations if not _acts(one)])


def _is_harmless(action: pikepdf.Object) -> bool:
    if action["/S"] == "/URI" and isinstance(action.get("/URI"), pikepdf.String):
        return str(action["/URI"]).lower().startswith(_LINKS)
    return action["/S"] in _HARMLESS


def _acts(annotation: object) -> bool:
    return not isinstance(annotation, pikepdf.Dictionary) or annotation.get("/Subtype") in _ACTING_ANNOTATIONS


def _drop(dictionary: pikepdf.Object, keys: tuple[str, ...]) -> None:
    for key in keys:
        if key in dictionary:
            del dictionary[key]


def _dictionaries(root: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The dictionaries that lie in `root` itself; what it refers to has its own turn."""
    waiting = [root]
    while waiting:
        here = waiting.pop()
        inner: list[object] = []
        if isinstance(here, pikepdf.Dictionary):
            yield here
            inner = [here.get(key) for key in here.keys()]  # noqa: SIM118 - not a mapping
        elif isinstance(here, pikepdf.Array):
            inner = list(here)
        waiting += [
            value for value in inner if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect
        ]

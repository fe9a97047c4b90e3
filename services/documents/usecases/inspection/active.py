"""What in a PDF acts by itself, opens other places or carries programs. For the inspector alone; the rules are ADR 24's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pikepdf

from services.documents.usecases.inspection.attachments import carries_program, has_script
from services.documents.usecases.inspection.findings import Finding, Found

# Names as qpdf writes them, that is with every #xx undone: what has none of them is not looked at twice.
_SUSPECT: Final = re.compile(
    rb"/(?:JavaScript|JS|Launch|RichMedia|EF|XFA|NeedsRendering|URI|GoToR|GoToE|ImportData|SubmitForm)\b"
    rb"|/(?:F|UF|DOS|Unix|Mac)\s*[(<]"
)
_MAX_CHAIN: Final = 64
"""Steps from one action to the next, on average; who needs more has something to hide."""
_GOES_ELSEWHERE: Final = ("/GoToR", "/GoToE", "/ImportData", "/Thread")
_PATHS: Final = ("/UF", "/F", "/DOS", "/Unix", "/Mac")
# Those of an annotation's triggers that wait for nobody: its page is opened, shown, closed or hidden.
_BY_ITSELF: Final = ("/PO", "/PC", "/PV", "/PI")
_INVISIBLE: Final = re.compile(r"[\x00-\x20\x7f\xa0\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]+")
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]+):", re.IGNORECASE)
_HARMFUL_SCHEMES: Final = re.compile(
    r"(?:file|javascript|vbscript|data|jar|smb|cifs|nfs|afp|dav|davs|webdav|shell|mk|res|hcp|search|ms-.*|search-ms)",
    re.IGNORECASE,
)
_FORM_TARGETS: Final = ("http", "https", "mailto")


def acts(pdf: pikepdf.Pdf) -> None:
    """Raise Found if the file must not be taken: what fields of a form do when they are filled in is no reason."""
    _check_automatic(pdf)
    of_fields = set(_actions_of_fields(pdf))
    for root in _suspects(pdf):
        for dictionary, of_field in _dictionaries(root, root.objgen in of_fields):
            if why := _acts(dictionary, of_field):
                raise Found(Finding.ACTIVE, why)


def opens_elsewhere(target: str) -> bool:
    """Whether a path or address leads to another machine, or to a file or program of this one."""
    target = _INVISIBLE.sub("", target)
    scheme = _SCHEME.match(target)
    return target.startswith(("\\\\", "//", "\\/", "/\\")) or bool(scheme and _HARMFUL_SCHEMES.fullmatch(scheme[1]))


def dictionary_of(object: pikepdf.Object) -> pikepdf.Object:
    """The dictionary of a stream; anything else as it is."""
    return object.stream_dict if isinstance(object, pikepdf.Stream) else object


# --- what happens when the file is opened ----------------------------------------------------------------------------


def _check_automatic(pdf: pikepdf.Pdf) -> None:
    names = pdf.Root.get("/Names")
    scripts = names.get("/JavaScript") if isinstance(names, pikepdf.Dictionary) else None
    if isinstance(scripts, pikepdf.Dictionary) and any(scripts.get(key) for key in ("/Names", "/Kids")):
        raise Found(Finding.ACTIVE, "script of the document")
    starts = [pdf.Root.get("/OpenAction"), *_triggers(pdf.Root)]
    for page in pdf.pages:
        starts += _triggers(page.obj)
        annotations = page.obj.get("/Annots")
        for annotation in annotations if isinstance(annotations, pikepdf.Array) else []:
            if isinstance(annotation, pikepdf.Dictionary):
                starts += _triggers(annotation, _BY_ITSELF)
    for action in _chain(starts):
        if "/JS" in action or _name(action, "/S") in ("/JavaScript", "/SubmitForm", "/ImportData"):
            raise Found(Finding.ACTIVE, "automatic action")


def _triggers(holder: pikepdf.Object, among: tuple[str, ...] = ()) -> list[object]:
    actions = holder.get("/AA")
    if not isinstance(actions, pikepdf.Dictionary):
        return []
    return [actions.get(key) for key in actions.keys() if not among or key in among]  # noqa: SIM118 - not a mapping


def _chain(starts: list[object]) -> Iterator[pikepdf.Object]:
    """Actions and those that follow them; raises Found for those without end."""
    waiting, left = list(starts), _MAX_CHAIN * (1 + len(starts))
    while waiting:
        if not left:
            raise Found(Finding.ACTIVE, "endless actions")
        left -= 1
        action = waiting.pop()
        if isinstance(action, pikepdf.Array):
            waiting += list(action)
        elif isinstance(action, pikepdf.Dictionary):
            yield action
            waiting.append(action.get("/Next"))


# --- what happens when somebody fills in a form ----------------------------------------------------------------------


def _is_field(dictionary: pikepdf.Object) -> bool:
    return _name(dictionary, "/Subtype") == "/Widget" or "/FT" in dictionary


def _actions_of_fields(pdf: pikepdf.Pdf) -> Iterator[tuple[int, int]]:
    """The actions, objects of their own, to which fields of a form refer."""
    for object in pdf.objects:
        if isinstance(object, pikepdf.Dictionary) and _is_field(object):
            for action in _chain([object.get("/A"), *_triggers(object)]):
                if action.is_indirect:
                    yield action.objgen


# --- what acts at all ------------------------------------------------------------------------------------------------


def _suspects(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """The objects whose text has one of the names; those that nothing refers to as well: a reader may recover them."""
    for object in [*pdf.objects, pdf.trailer]:
        plain = dictionary_of(object)
        if isinstance(plain, pikepdf.Dictionary | pikepdf.Array) and _SUSPECT.search(plain.unparse(resolved=True)):
            yield plain


def _dictionaries(root: pikepdf.Object, of_field: bool) -> Iterator[tuple[pikepdf.Object, bool]]:
    """The dictionaries that lie in `root` itself, and whether each is what a field of a form does."""
    waiting = [(root, of_field)]
    while waiting:
        here, of_field = waiting.pop()
        if isinstance(here, pikepdf.Dictionary):
            yield here, of_field
            field = _is_field(here)
            inner = [(here.get(key), of_field or (field and key in ("/A", "/AA"))) for key in here.keys()]  # noqa: SIM118
        else:
            inner = [(value, of_field) for value in list(here)]
        waiting += [
            (value, flag)
            for value, flag in inner
            if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect
        ]


def _acts(dictionary: pikepdf.Object, of_field: bool) -> str:
    """Why it acts, or nothing."""
    action = _name(dictionary, "/S")
    if action == "/Launch":
        return "launch"
    if not of_field and (action == "/JavaScript" or "/JS" in dictionary):
        return "script"
    if _name(dictionary, "/Subtype") == "/RichMedia" or bool(dictionary.get("/NeedsRendering", False)):
        return "rich media or dynamic form"
    if "/XFA" in dictionary and has_script(dictionary["/XFA"]):
        return "script of a dynamic form"
    if "/EF" in dictionary:
        return "attachment" if carries_program(dictionary) else ""
    return "opens elsewhere" if _leads_elsewhere(dictionary, action) else ""


def _leads_elsewhere(dictionary: pikepdf.Object, action: str) -> bool:
    paths = [str(dictionary[key]) for key in (*_PATHS, "/URI") if isinstance(dictionary.get(key), pikepdf.String)]
    if any(map(opens_elsewhere, paths)):
        return True
    if action not in (*_GOES_ELSEWHERE, "/SubmitForm"):
        return False
    targets = [*paths, *_targets(dictionary.get("/F"))]
    allowed = _FORM_TARGETS if action == "/SubmitForm" else ()
    return any(_is_remote(target, allowed) for target in targets)


def _targets(filespec: object) -> list[str]:
    if not isinstance(filespec, pikepdf.Dictionary):
        return []
    return [str(filespec[key]) for key in _PATHS if isinstance(filespec.get(key), pikepdf.String)]


def _is_remote(target: str, allowed: tuple[str, ...]) -> bool:
    target = _INVISIBLE.sub("", target)
    scheme = _SCHEME.match(target)
    if scheme is not None:
        return scheme[1].lower() not in allowed
    return opens_elsewhere(target)


def _name(dictionary: pikepdf.Object, key: str) -> str:
    value = dictionary.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""

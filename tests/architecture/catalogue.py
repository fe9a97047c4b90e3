"""What is wrong with catalogues of texts, in words."""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from services.chassis.texts.catalogues import named
from services.contracts.languages import CATALOGUE, DEFAULT, LOCALE, languages_of

_PARAGRAPH = re.compile(r"\.(detail|body|lead)$")
_STRAIGHT = re.compile(r"(?<=\w)'(?=\w)|\"")
_UNSPACED = re.compile(r"[\w»)][;?!»](?!\w)|\w:(?= |$)|«(?! )")
_FRENCH_SPACED = re.compile(r" [:;?!]|[«»]")
_GENDERED = re.compile(
    r"\(e\)|·e\b|\b[Vv]ous (?:n’)?(?:êtes|serez|étiez) (?:pas |toujours |bien )?\w+(?:é|i|u|is|it)\b"
)
_GENDERED_NAMES = re.compile(
    r"\b(?:étudiant|candidat|inscrit)s?\b|\b[Vv]ous (?:a|avons|ont) (?:pas )?(?:reconnu|connecté|inscrit)\b"
)
_LABELS = frozenset(
    [
        *(f"portal.{page}.{label}" for page in ("home", "login") for label in ("student", "no_student")),
        "portal.form.column_url",
    ]
)
"""Texts that are, to the word, what people of these universities know from the incumbent."""
_OTHER_WORDS = re.compile(r"courriel|e-mail|\bemail|[Éé]lectronique|\burl\b|AAAA", re.IGNORECASE)
"""What has another name here: a mail, an address (adresse mail), a link, a date with three fields."""
_ARTICLE = re.compile(r"\b(?:d[eu’]|à|par|que|l[ea’]) ?\{(?:institution|communes)")
"""Before a name, some of which begin with a vowel and some with an article."""
_FORMATS = re.compile(r"\bPNG\b|\bJPEG\b")
"""Every piece says which it takes; a text that says it for all of them is wrong for one."""
_CODE = re.compile(
    r"^[A-Z][a-z-]+:(?= )|\{[{%#].*?[}%#]\}|https?://\S+|Content-Type:|\{[^}]*\}", re.DOTALL | re.MULTILINE
)


def read(folder: Path, language: str) -> Catalog:
    with (folder / language / CATALOGUE).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def messages(catalog: Catalog) -> dict[str, Message]:
    return {key_of(message): message for message in catalog if message.id}


def key_of(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple) else message.id)


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def faults(folder: Path = LOCALE) -> Iterator[str]:
    """Whatever a language lacks, has more than the first, or says of other figures."""
    wanted = messages(read(folder, DEFAULT))
    for language in languages_of(folder):
        catalog = read(folder, language)
        there = messages(catalog)
        yield from (f"{language}: {key}: no text" for key in wanted.keys() - there.keys())
        yield from (f"{language}: {key}: in no other language" for key in there.keys() - wanted.keys())
        for key in wanted.keys() & there.keys():
            model, message = wanted[key], there[key]
            if not all(form.strip() for form in forms(message)):
                yield f"{language}: {key}: empty"
            if isinstance(model.id, tuple) != isinstance(message.id, tuple) or (model.id != message.id):
                yield f"{language}: {key}: counts another figure"
            if isinstance(message.id, tuple) and len(forms(message)) != catalog.num_plurals:
                yield f"{language}: {key}: {len(forms(message))} forms instead of {catalog.num_plurals}"
            if {frozenset(named(form)) for form in forms(message)} != {frozenset(named(form)) for form in forms(model)}:
                yield f"{language}: {key}: names other figures"
            if message.fuzzy:
                yield f"{language}: {key}: fuzzy"


def misprints(key: str, text: str, language: str) -> Iterator[str]:
    """What a compositor would mark in a text as it is stored, with plain spaces."""
    plain = _CODE.sub("0", text)
    if _STRAIGHT.search(plain):
        yield f"{language}: {key}: straight apostrophe or quotation mark: {text}"
    if "..." in plain or "  " in plain or re.search(r"[\xa0\u202f]", plain):
        yield f"{language}: {key}: dots for an ellipsis, two spaces, or a space that rendering sets: {text}"
    if language == "fr" and (found := _UNSPACED.search(plain)):
        yield f"{language}: {key}: no space at {found[0]!r}: {text}"
    if language == "fr" and (found := _GENDERED.search(plain)):
        yield f"{language}: {key}: not for everybody: {found[0]!r}"
    if language == "fr" and key not in _LABELS and (found := _GENDERED_NAMES.search(plain)):
        yield f"{language}: {key}: not for everybody: {found[0]!r}"
    if language == "fr" and key not in _LABELS and (found := _OTHER_WORDS.search(plain)):
        yield f"{language}: {key}: has another name on these pages: {found[0]!r}"
    if language == "fr" and (found := _ARTICLE.search(text)):
        yield f"{language}: {key}: an article or a preposition that depends on the name: {found[0]!r}"
    if key.startswith("portal.") and (found := _FORMATS.search(plain)):
        yield f"{language}: {key}: a format that the piece is to say: {found[0]!r}"
    if language == "en" and (found := _FRENCH_SPACED.search(plain)):
        yield f"{language}: {key}: French signs in English: {found[0]!r}"
    if _PARAGRAPH.search(key) and key != "docs.body" and plain[-1] not in ".?!0":
        yield f"{language}: {key}: a sentence without an end: {text}"
    if key.endswith(".title") and plain.endswith("."):
        yield f"{language}: {key}: a title with a full stop: {text}"

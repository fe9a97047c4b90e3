"""The words of mails, which the institution may write itself: text with the variables of the mail, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from services.contracts.braces import VARIABLE, in_braces, is_stray, names_in, paragraphs_of
from services.contracts.refusals import INVALID_FIELDS, FieldError

KEPT: Final = 10
"""Earlier words of one mail that are kept."""
_ALONE: Final = re.compile(r"(?:- )?\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class MailTexts:
    """The words of a mail, with variables in braces: paragraphs of the body are parted by empty lines."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was in force until somebody wrote other words: None for those that are shipped. Who had said so, and when."""

    texts: MailTexts | None
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class MailSheet:
    """What the institution has written for one kind of mail in one language, if it has; the newest of `earlier` is first."""

    texts: MailTexts | None = None
    at: datetime | None = None
    by: str = ""
    earlier: tuple[Earlier, ...] = ()

    def write(self, texts: MailTexts | None, now: datetime, by: str) -> MailSheet:
        """Have other words in force, or with None those that are shipped; the same again changes nothing."""
        if texts == self.texts:
            return self
        left = () if self.at is None else (Earlier(self.texts, self.at, self.by),)
        return replace(self, texts=texts, at=now, by=by, earlier=(*left, *self.earlier)[:KEPT])


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may stand in braces in the words of one kind of mail.

    `everywhere` are those of one line that always have a value. A paragraph with one of `sometimes` is left out where that
    has none. `links` stand alone in a paragraph; those that are `needed` cannot be left out.
    """

    everywhere: Sequence[str]
    body: Sequence[str]
    sometimes: Sequence[str]
    links: Sequence[str]
    needed: Sequence[str]

    def check(self, texts: MailTexts) -> None:
        """Raise INVALID_FIELDS for what is no variable there, for links that are missing or not alone, and for holes."""
        if faults := list(self._faults(texts)):
            raise INVALID_FIELDS(fields=faults)

    def filled(self, texts: MailTexts, values: Mapping[str, Any]) -> MailTexts:
        """The words with the values put in; raises LookupError where one is missing that is always there."""
        whole = (each for each in paragraphs_of(texts.body) if self._has_all(each, values))
        body = "\n\n".join(part for each in whole for part in _parts(each, values))
        return MailTexts(_put_in(texts.subject, values), body)

    def _has_all(self, paragraph: str, values: Mapping[str, Any]) -> bool:
        return all(name in values for name in names_in(paragraph) if name in self.sometimes)

    def _faults(self, texts: MailTexts) -> Iterator[FieldError]:
        for field, text, allowed in (("subject", texts.subject, self.everywhere), ("body", texts.body, self.body)):
            if is_stray(text, allowed):
                yield FieldError(field, "unknown-variable", {"allowed": in_braces(allowed)})
            elif field == "body":
                yield from self._faults_of_body(paragraphs_of(text))

    def _faults_of_body(self, whole: Sequence[str]) -> Iterator[FieldError]:
        named = [name for each in whole for name in names_in(each)]
        alone = [each[1:-1] for each in whole if VARIABLE.fullmatch(each)]
        if any(name not in named for name in self.needed) or any(
            named.count(name) != alone.count(name) for name in self.links
        ):
            yield FieldError("body", "link-not-alone", {"links": in_braces(self.links)})
        elif not any(set(names_in(each)).isdisjoint(self.sometimes) for each in whole):
            yield FieldError("body", "empty-for-some", {"variables": in_braces(self.sometimes)})


def _parts(paragraph: str, values: Mapping[str, Any]) -> Iterator[str]:
    """The paragraph in parts: a list that stands alone on its line becomes points, which are a part of their own."""
    lines: list[str] = []
    for line in paragraph.split("\n"):
        found = _ALONE.fullmatch(line.strip())
        if found is not None and isinstance(listed := values[found[1]], list):
            if lines:
                yield "\n".join(lines)
                lines = []
            yield "\n".join(f"- {each}" for each in listed)
        else:
            lines.append(_put_in(line, values))
    if lines:
        yield "\n".join(lines)


def _put_in(text: str, values: Mapping[str, Any]) -> str:
    """The values are put in once: braces in a value stay what they are."""

    def value(found: re.Match[str]) -> str:
        told = values[found[1]]
        return ", ".join(told) if isinstance(told, list) else str(told)

    return VARIABLE.sub(value, text)

"""What letters say, in the person's language: the data of their template."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from services.chassis.texts import formats
from services.chassis.texts.profile_words import country
from services.contracts.api.letter_checks import LETTER_PAGE
from services.contracts.events.accounts import AddressPart, IdentityPart
from services.contracts.events.applications import FileChanged, ProfilePart
from services.contracts.events.letter_parts import LetterPart
from services.contracts.instants import instant
from services.contracts.languages import Language
from services.documents.domain.letter import VARIABLES, LetterTexts, filled, paragraphs
from services.documents.domain.signing import Signed
from services.documents.usecases.app import App
from services.documents.usecases.paper_words import Words

SAMPLE_INSTANT: Final = "2027-06-01T10:00:00.000Z"
SAMPLE_PROFILE: Final = ProfilePart.model_validate(
    {
        "identity": {
            "title": "mx",
            "given_name": "Camille",
            "family_name": "Martin",
            "birth_date": "2005-01-01",
            "birth_country": "FR",
            "birth_place": "Perpignan",
            "nationality": "FR",
        },
        "address": {"lines": ["12 rue des Lilas"], "postcode": "66000", "city": "Perpignan", "country": "FR"},
    }
)
SAMPLE_FILE: Final = FileChanged.model_validate(
    {
        "application": "sample",
        "account": "sample",
        "programme": "M1-MER",
        "campaign": "2027",
        "file_number": "AB12CD34",
        "title": {"fr": "Sciences de la mer", "en": "Marine science"},
        "centre": {"code": "SEE", "label": "Faculté des sciences", "label_en": "Faculty of Science"},
        "diploma": {"code": "M1", "label": "Master 1"},
        "state": "complete",
        "opened_at": SAMPLE_INSTANT,
        "submission_deadline": "2027-06-01",
        "pieces": [],
    }
)
"""A person who is made up, and their file."""
SAMPLE_CODE: Final = "0" * 26
"""Of a letter to them, which nobody recognises."""


class LetterWords:
    """What letters say in one language, by the institution's clock."""

    def __init__(self, app: App, language: Language) -> None:
        self._app = app
        self._language = language
        self._words = Words(app, language)

    def letter(
        self,
        file: FileChanged,
        part: LetterPart,
        profile: ProfilePart,
        texts: LetterTexts,
        signed: Signed,
        *,
        code: str,
    ) -> Mapping[str, Any]:
        """The data of the template of that name, with these words, of which none is markup.

        One of admission has a way to see that it is genuine, by its `code`.
        """
        said = self._words.said
        values = self._values(file, part, profile)
        at = part.accepted_at or part.decided_at
        return {
            "language": self._language,
            "made_at": int(instant(at).timestamp()),
            "title": filled(texts.title, values),
            "institution": values["institution"],
            "centre": values["centre"],
            "recipient": list(self._recipient(profile)),
            "date": self._day(instant(at)),
            "facts": [
                (said("programme"), values["programme"]),
                (said("centre"), f"{values['diploma']}, {values['centre']}"),
                (said("letter.campaign"), values["campaign"]),
                (said("file_number"), values["file_number"]),
                (said("letter.decided_on"), values["decided_on"]),
                *([(said("letter.accepted_on"), values["accepted_on"])] if part.kind == "admission" else []),
                *self._conditions(part),
            ],
            "paragraphs": paragraphs(texts.body, values),
            **self._signed(signed),
            "signatory": signed.lines or [line for line in filled(texts.signatory, values).split("\n") if line.strip()],
            "foot": f"{said('file_number')} {file.file_number}",
            **(self._check(code) if part.kind == "admission" else {}),
        }

    def _check(self, code: str) -> Mapping[str, Any]:
        address = f"{self._app.public_url}{LETTER_PAGE}/{code}"
        said = self._words.said
        return {
            "check": {
                "heading": said("letter.check"),
                "text": said("letter.how", site=urlsplit(address).netloc),
                "address": address,
                "alt": said("receipt.code", address=address),
            }
        }

    def _signed(self, signed: Signed) -> Mapping[str, Any]:
        if not signed.picture:
            return {}
        alt = self._words.said("letter.signature", name=signed.name)
        return {"signature": {"picture": base64.b64encode(signed.picture).decode(), "alt": alt}}

    def _conditions(self, part: LetterPart) -> Iterator[tuple[str, str]]:
        """Under what one is admitted, whatever the institution's own words say."""
        said = self._words.said
        for number, each in enumerate(part.conditions, 1):
            text = self._words.of(each.label)
            if each.until is not None:
                text = said("letter.condition_until", condition=text, day=self._date(date.fromisoformat(each.until)))
            met = part.final
            yield (
                said("letter.conditions_met", number=number) if met else said("letter.conditions", number=number),
                text,
            )

    def sample(self, kind: str, texts: LetterTexts, signed: Signed, file: FileChanged) -> Mapping[str, Any]:
        """The same of a letter to a person who is made up."""
        said = self._words.said
        told = {"reason": said("letter.sample_reason")} if kind == "rejection" else {"accepted_at": SAMPLE_INSTANT}
        part = LetterPart.model_validate(
            {"kind": kind, "decision": "sample", "decided_at": SAMPLE_INSTANT, "comment": said("letter.sample_comment")}
            | {"group": {"fr": said("letter.sample_group")}}
            | told
        )
        return self.letter(file, part, SAMPLE_PROFILE, texts, signed, code=SAMPLE_CODE)

    def shipped(self, kind: str) -> LetterTexts:
        """The words that a letter has as long as the institution has written none."""
        names = {name: f"{{{name}}}" for name in VARIABLES}
        signs = self._app.parameters.in_force.institution.sign_off or self._words.said("letter.signatory")
        if kind == "admission":
            title = self._words.said("letter.admission.title", **names)
            return LetterTexts(title, self._words.said("letter.admission.body", **names), signs)
        title = self._words.said("letter.rejection.title", **names)
        return LetterTexts(title, self._words.said("letter.rejection.body", **names), signs)

    def filename(self, part: LetterPart, file: FileChanged) -> str:
        """What the letter is called, in the person's language: two applications of a person have not the same."""
        named = {"number": file.file_number, "programme": file.programme}
        if part.kind == "admission":
            return self._words.said("letter.admission.filename", **named)
        return self._words.said("letter.rejection.filename", **named)

    def _values(self, file: FileChanged, part: LetterPart, profile: ProfilePart) -> Mapping[str, str]:
        words = self._words
        return {
            "name": name_of(profile.identity),
            "programme": words.of(file.title),
            "diploma": words.unit(file.diploma),
            "centre": words.unit(file.centre),
            "campaign": file.campaign,
            "file_number": file.file_number,
            "institution": self._app.parameters.in_force.institution.name,
            "decided_on": self._day(instant(part.decided_at)),
            "accepted_on": "" if part.accepted_at is None else self._day(instant(part.accepted_at)),
            "reason": part.reason or "" if part.reason_label is None else words.of(part.reason_label),
            "comment": part.comment or "",
            "group": "" if part.group is None else words.of(part.group),
        }

    def _recipient(self, profile: ProfilePart) -> Iterator[str]:
        if name := name_of(profile.identity):
            yield name
        if (address := profile.address) is not None:
            yield from _lines(address, self._language)

    def _day(self, at: datetime) -> str:
        return self._date(at.astimezone(self._app.zone).date())

    def _date(self, day: date) -> str:
        return formats.day(day, self._language)


def name_of(identity: IdentityPart | None) -> str:
    """The name as a letter says it; nothing of who has given none."""
    if identity is None:
        return ""
    usual = f"({identity.usual_name})" if identity.usual_name else ""
    return " ".join(part for part in (identity.given_name, identity.family_name, usual) if part)


def names_of(identity: IdentityPart | None) -> list[str]:
    """The name as a letter says it; then, of who has two, each alone, as it is copied or stands on other papers."""
    if identity is None or not identity.usual_name:
        return [name_of(identity)]
    families = (identity.family_name, identity.usual_name)
    shorter = (" ".join(part for part in (identity.given_name, family) if part) for family in families)
    return [name_of(identity), *shorter]


def _lines(address: AddressPart, language: Language) -> Iterator[str]:
    """As an envelope wants them: a letter that leaves the country names the one it goes to, last and in capitals."""
    yield from address.lines
    yield " ".join(part for part in (address.postcode, address.city) if part)
    if address.country != "FR":
        with suppress(KeyError):  # a code that nothing has a word for is of no use to a postman
            yield country(address.country, language).upper()

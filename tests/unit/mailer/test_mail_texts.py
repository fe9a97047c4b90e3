"""The institution's own words of mails: what may stand in them, and what they say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.contracts.languages import LANGUAGES
from services.contracts.refusals import RefusedError
from services.mailer.domain.mail_texts import KEPT, Allowed, MailSheet, MailTexts
from services.mailer.usecases.checking import examples
from services.mailer.usecases.drafting import allowed_in, draft
from services.mailer.usecases.templates import shipped

ALLOWED = Allowed(
    everywhere=["programme"],
    body=["programme", "name", "pieces", "link"],
    sometimes=["name", "pieces"],
    links=["link"],
    needed=["link"],
)
VALUES = {"programme": "Mer {link}", "link": "https://univ.example/?token=…", "pieces": ["CV", "Lettre"]}


def slugs(texts: MailTexts) -> list[tuple[str, str]]:
    try:
        ALLOWED.check(texts)
    except RefusedError as refusal:
        return [(each.field, each.slug) for each in refusal.fields]
    return []


@pytest.mark.parametrize(
    ("subject", "body", "wrong"),
    [
        ("À {programme}", "Bonjour\n\n{link}", []),
        ("À {name}", "{link}", [("subject", "unknown-variable")]),
        ("À {link}", "{link}", [("subject", "unknown-variable")]),
        ("À", "{nom}\n\n{link}", [("body", "unknown-variable")]),
        ("À", "{\n\n{link}", [("body", "unknown-variable")]),
        ("À", "Bonjour", [("body", "link-not-alone")]),
        ("À", "Ici : {link}", [("body", "link-not-alone")]),
        ("À", "{link}\n\nIci : {link}", [("body", "link-not-alone")]),
    ],
)
def test_what_is_no_variable_there_or_leads_nowhere_is_named(
    subject: str, body: str, wrong: list[tuple[str, str]]
) -> None:
    assert slugs(MailTexts(subject, body)) == wrong


def test_a_body_that_may_be_empty_is_refused() -> None:
    allowed = Allowed(["day"], ["day", "name"], ["name"], [], [])
    with pytest.raises(RefusedError) as refused:
        allowed.check(MailTexts("À", "Bonjour {name}"))
    assert [each.slug for each in refused.value.fields] == ["empty-for-some"]


def test_values_are_put_in_once_lists_are_points_and_what_lacks_a_value_is_left_out() -> None:
    body = "Bonjour {name},\n\nÀ {programme} : {pieces}\n\nPièces :\n- {pieces}\nFin\n\n{link}"
    assert ALLOWED.filled(MailTexts("À {programme}", body), VALUES) == MailTexts(
        "À Mer {link}",
        "À Mer {link} : CV, Lettre\n\nPièces :\n\n- CV\n- Lettre\n\nFin\n\nhttps://univ.example/?token=…",
    )


def test_a_value_that_should_be_there_and_is_not_is_no_hole() -> None:
    with pytest.raises(LookupError):
        ALLOWED.filled(MailTexts("À {programme}", "{link}"), {"link": "x"})


def test_earlier_words_are_kept_up_to_a_number_and_the_same_again_is_no_change() -> None:
    sheet, now = MailSheet(), datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(KEPT + 2):
        sheet = sheet.write(MailTexts(str(number), "b"), now + timedelta(hours=number), "staff:kim")
    assert sheet.write(MailTexts(str(KEPT + 1), "b"), now, "staff:lea") is sheet
    assert [each.texts and each.texts.subject for each in sheet.earlier] == [str(each) for each in range(KEPT, 0, -1)]
    assert sheet.write(None, now, "staff:kim").earlier[0].texts == MailTexts(str(KEPT + 1), "b")


def test_the_shipped_words_of_every_mail_can_be_written_as_ones_own() -> None:
    """So whoever begins with them changes a word and is done."""
    templates = shipped(ZoneInfo("Europe/Paris"))
    for template in templates.kinds.values():
        for language in LANGUAGES if not template.declaration.gathers else ():
            texts, allowed = draft(templates, template, language), allowed_in(template)
            allowed.check(texts)
            given: dict[str, Any] = examples(templates, template, language)
            without = {name: value for name, value in given.items() if name not in allowed.sometimes}
            for values in (given, without):
                said = allowed.filled(texts, values)
                assert "{" not in f"{said.subject}{said.body}" and said.body, template.kind

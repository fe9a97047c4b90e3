"""What cannot be written is refused before anybody waits for it: every `mail.toml` and every text is checked at start."""

from __future__ import annotations

import shutil
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.chassis.settings import UnusableSetting
from services.contracts.events.all import CATALOGUE
from services.mailer.subscriptions import LISTENS
from services.mailer.usecases.checking import check
from services.mailer.usecases.templates import FOLDER, Templates, declarations

GOOD = """event = "applications.application.cancelled.v1"
recipient = "candidate"
priority = "normal"
[variables]
given_name = { from = "person.given_name", optional = true, example = "Zoé" }
code = { from = "event.programme", example = "M1-MER" }
"""
TEXT = "Subject: {{ code }}\n\nBonjour{% if given_name %} {{ given_name }}{% endif %}.\n"


FEW = ("account-created", "account-exists", "email-changed", "identifiers-forgotten", "link-resent")
"""Without which no folder can be used: each kind of link has its mail."""


def some(folder: Path, *more: str) -> Path:
    """A folder with these of the mails that are shipped: to read and to try all of them takes as long as many tests."""
    mails = folder / "templates"
    mails.mkdir()
    for language in ("fr.toml", "en.toml"):
        shutil.copy(FOLDER / language, mails)
    for kind in (*FEW, *more):
        shutil.copytree(FOLDER / kind, mails / kind)
    return mails


def refused(folder: Path, declaration: str, text: str) -> str:
    """What is said of a folder with one more mail; nothing if it can be used."""
    mails = some(folder)
    (mails / "more").mkdir()
    (mails / "more" / "mail.toml").write_text(declaration, encoding="utf-8")
    for language in ("fr", "en"):
        (mails / "more" / f"{language}.txt").write_text(text, encoding="utf-8")
    return said(mails)


def said(mails: Path) -> str:
    """What is said of a folder."""
    try:
        check(Templates(ZoneInfo("Europe/Paris"), mails), LISTENS)
    except UnusableSetting as error:
        return str(error.args[1])
    return ""


def test_what_is_right_is_taken(tmp_path: Path) -> None:
    assert refused(tmp_path, GOOD, TEXT) == ""
    assert said(FOLDER) == ""


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("cancelled.v1", "forgotten.v1", "there is no event applications.application.forgotten.v1"),
        ("event.programme", "event.programe", "variable code: there is no event.programe"),
        ("person.given_name", "person.shoe_size", "variable given_name: there is no person.shoe_size"),
        ('"event.programme"', '"programme.colour"', "variable code: there is no programme.colour"),
        ("applications.application.cancelled", "offers.campaign.closed", "offers.campaign.closed.v1 has no account"),
        ('"candidate"', '"address-in-event"', "applications.application.cancelled.v1 has no email"),
        ('"candidate"', '"everybody"', "more/mail.toml: recipient: Input should be"),
        ('"normal"', '"soon"', "more/mail.toml: priority: Input should be"),
        ('recipient = "candidate"\n', "", "more/mail.toml: recipient: Field required"),
        ("[variables]", "urgent = true\n[variables]", "more/mail.toml: urgent: Extra inputs are not permitted"),
        ("[variables]", 'when = { colour = "red" }\n[variables]', "has no colour"),
        ("[variables]", 'gathers = { link-resent = "x" }\n[variables]', "answers to an event, or gathers others"),
        (', example = "M1-MER"', "", "variables.code.example: Field required"),
        ("[variables]", "[variables", "more/mail.toml: "),
        ("optional = true, ", "", ""),
        ("[variables]", '[variables]\nage = { from = "event.account", example = "7" }', "fr.txt: age is not said"),
        (
            "[variables]",
            '[variables]\nto = { from = "portal.no", as = "page", example = "/" }',
            "there is no portal.no",
        ),
        ('{ from = "event.programme", ', "{ ", "variable code: comes from somewhere"),
    ],
)
def test_a_declaration_that_is_wrong_is_refused(tmp_path: Path, before: str, after: str, why: str) -> None:
    assert before in GOOD
    found = refused(tmp_path, GOOD.replace(before, after), TEXT)
    assert why in found
    assert bool(why) is bool(found)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (TEXT + "{{ colour }}", "more: fr.txt: colour is not declared"),
        (
            "Subject: {{ code }}\n\nBonjour {{ given_name }}.",
            "more: fr.txt without given_name: 'given_name' is undefined",
        ),
        ("Subject: {{ code }}\n\nBonjour {% if given_name %}{{ given_name }}{% endif %}.", "has a hole, ' .'"),
        (
            "Subject: {{ code }}\nButton: Go\n\n{% if given_name %}{{ given_name }}{% endif %}x",
            "has a Button: and no link",
        ),
        ("{{ code }} {{ given_name }}", "more/fr.txt: begins with Subject:"),
        ("Subject: {{ code }}\nSender: me\n\n{{ given_name }}", "more/fr.txt: begins with Subject:"),
        ("Subject: {{ code }}\n\n{% if given_name %}", "more/fr.txt: "),
        ("Subject: {{ code }}\n\n{{ given_name.first.name }}", "more: fr.txt: "),
    ],
)
def test_a_text_that_is_wrong_is_refused(tmp_path: Path, text: str, why: str) -> None:
    assert why in refused(tmp_path, GOOD, text)


@pytest.mark.parametrize(
    ("gone", "why"),
    [
        ("account-exists/en.txt", "account-exists/en.txt"),
        ("fr.toml", "fr.toml"),
        ("link-resent", "no mail answers to accounts.link.issued.v1 of kind link-resent"),
        ("application-cancelled", "applications-changed: gathers application-cancelled, which is no mail"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, gone: str, why: str) -> None:
    mails = some(tmp_path, "applications-changed", "application-opened", "application-cancelled")
    place = mails / gone
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    assert why in said(mails)


def test_no_event_is_answered_by_two_of_the_mails_that_are_shipped() -> None:
    """An institution may want a second one; nobody wants two of ours."""
    for one, other in combinations(declarations(FOLDER).items(), 2):
        (_, said_by_one), (_, said_by_other) = one, other
        if said_by_one.event and said_by_one.event == said_by_other.event:
            both = said_by_one.when.keys() & said_by_other.when.keys()
            assert any(said_by_one.when[field] != said_by_other.when[field] for field in both), (one[0], other[0])


def test_a_mail_about_one_application_leads_to_it() -> None:
    """But those that say that it is over, and speak of the person's others."""
    led = {
        kind: said.variables["link"].source
        for kind, said in declarations(FOLDER).items()
        if said.event and "application" in CATALOGUE[said.event].model_fields
    }
    over = ("application-cancelled", "place-lapsed", "place-withdrawn", "waitlist-left")
    assert {led.pop(kind) for kind in over} == {"portal.applications"}
    assert len(led) >= 20 and set(led.values()) == {"portal.application"}, led


def test_a_mail_that_gathers_leads_to_none_of_the_applications_alone() -> None:
    several = declarations(FOLDER)["applications-changed"]
    link = several.variables["link"].model_copy(update={"source": "portal.application"})
    own = several.model_copy(update={"variables": several.variables | {"link": link}})
    assert (list(several.faults()), list(own.faults())) == ([], ["variable link: one application of several"])


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert said(tmp_path) == "no mails are there"

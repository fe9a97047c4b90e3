"""Every mail in both languages: all facts are there, text and HTML say the same, nothing can be smuggled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, message_from_string
from email.policy import default
from html import unescape
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from services.chassis.mail.addresses import wire_address
from services.chassis.ports import MailRefused
from services.contracts.events.accounts import LinkIssued
from services.contracts.events.all import CATALOGUE
from services.mailer.domain.delivery import Delivery
from services.mailer.domain.priority import Priority
from services.mailer.usecases.mime import one_mail
from services.mailer.usecases.templates import LANGUAGES, Language, Templates

LINK = "https://candidatures.example/validation?token=abc-DEF_123"
FACTS: Mapping[str, object] = {
    "given_name": "Zoé <script>",
    "file_number": "AB12CD34",
    "link": LINK,
    "expires": "vendredi 6 mars 2026 à 13:00",
    "programme": "Énergie & matériaux",
    "centre": "UFR",
    "contact": "mer@example.org",
    "submission_deadline": "samedi 2 mai 2026",
    "submitted_at": "dimanche 1 mars 2026 à 23:50",
    "requirements": ["CV", "Lettre « d’été »"],
    "pieces": ["CV", "Lettre « d’été »"],
    "is_submitted": False,
}
APPLICATIONS = {
    "opened": [{**FACTS, "is_submitted": False}, {**FACTS, "programme": "Lettres", "is_submitted": True}],
    "cancelled": [{**FACTS, "programme": "Droit"}],
}
TEMPLATES = Templates()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(TEMPLATES.kinds))
def test_text_and_html_say_the_same(kind: str, language: Language) -> None:
    letter = TEMPLATES.write(kind, language, {**FACTS, **APPLICATIONS})
    assert letter.subject
    assert "\n\n\n" not in letter.text
    assert "{{" not in letter.text + letter.html + letter.subject
    assert "<script>" not in letter.html
    words = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", letter.html)))
    for line in letter.text.splitlines():
        said = re.sub(r"\s+", " ", line.removeprefix("- ")).strip()
        assert said in words, said
    if LINK in letter.text:
        assert LINK in letter.text.splitlines(), "the address stands alone on its line"
        assert letter.html.count(LINK) == 3


def test_no_french_line_begins_with_a_colon() -> None:
    letter = TEMPLATES.write("account-created", "fr", FACTS)
    assert "(numéro de dossier)\u00a0: AB12CD34" in letter.text
    assert "«\u00a0Valider mon compte\u00a0»\u00a0:" in letter.text


def test_every_kind_of_link_has_its_mail_and_no_mail_answers_to_nothing() -> None:
    kinds = set(LinkIssued.model_fields["kind"].annotation.__args__)  # type: ignore[union-attr]
    assert kinds == {template.kind for template in TEMPLATES.answering(LinkIssued.TYPE)}
    assert {template.event for template in TEMPLATES.kinds.values() if not template.gathers} <= set(CATALOGUE)
    assert {kind for template in TEMPLATES.kinds.values() for kind in template.gathers} <= set(TEMPLATES.kinds)


def test_links_are_urgent_and_confirmations_are_not() -> None:
    priorities = {template.kind: template.priority for template in TEMPLATES.kinds.values()}
    assert priorities["identifiers-forgotten"] is priorities["account-exists"] is Priority.URGENT
    assert priorities["account-created"] is priorities["link-resent"] is Priority.NEWCOMER
    assert priorities["application-submitted"] is Priority.NORMAL


def test_a_fact_that_is_missing_is_not_passed_over() -> None:
    with pytest.raises(UndefinedError):
        TEMPLATES.write("account-created", "fr", {"given_name": "Zoé"})


def test_a_template_without_its_english_text_is_refused_at_start(tmp_path: Path) -> None:
    folder = tmp_path / "new-mail"
    folder.mkdir()
    (folder / "mail.toml").write_text('event = "x"\npriority = "urgent"\n[subject]\nfr = "Sujet"\n')
    (folder / "fr.txt").write_text("Bonjour")
    with pytest.raises(KeyError):
        Templates(tmp_path)


def test_a_new_mail_needs_no_python(tmp_path: Path) -> None:
    folder = tmp_path / "new-mail"
    folder.mkdir()
    subject = '[subject]\nfr = "Sujet"\nen = "Subject"\n'
    (folder / "mail.toml").write_text(f'event = "applications.application.opened.v1"\npriority = "urgent"\n{subject}')
    for language in LANGUAGES:
        (folder / f"{language}.txt").write_text("{{ given_name }}\n")
    letter = Templates(tmp_path).write("new-mail", "en", {"given_name": "Zoé"})
    assert (letter.subject, letter.text) == ("Subject", "Zoé\n")


def test_no_name_and_no_title_can_start_a_header_of_its_own() -> None:
    letter = TEMPLATES.write("account-created", "fr", FACTS)
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    sly = "Zoé\r\nBcc: all@example.org\x00"
    delivery = Delivery("a1", "account-created", "fr", "zoe@example.org", sly, Priority.URGENT, letter, noon, noon)
    mail = one_mail("<m@parvis.example>", ("Candidatures", "c@example.org"), delivery, noon)
    message = message_from_bytes(mail.content, policy=default)
    assert message["Bcc"] is None
    assert message["To"].addresses[0].display_name == "Zoé Bcc: all@example.org"
    assert message["Message-ID"] == mail.message_id == "<m@parvis.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert b"\r\n" in mail.content
    assert not re.search(rb"(?<!\r)\n", mail.content)


def test_a_mail_says_what_the_letter_says_letter_by_letter() -> None:
    letter = TEMPLATES.write("account-created", "fr", FACTS)
    long = replace(
        letter, subject=f"{letter.subject} {'très long, ' * 30}", text=f"{letter.text}\nFrom moi\n.\n" + "é=" * 200
    )
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    delivery = Delivery(
        "a1", "account-created", "fr", "zoe@exämple.org", "Müller, Zoé", Priority.URGENT, long, noon, noon
    )
    mail = one_mail("<m@parvis.example>", ("Candidatures", "c@example.org"), delivery, noon)
    message = message_from_bytes(mail.content, policy=default)
    text, html = message.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == long.text
    assert html.get_content().replace("\r\n", "\n") == long.html
    assert message["Subject"] == long.subject.strip()
    assert message["To"].addresses[0].display_name == "Müller, Zoé"
    assert message["To"].addresses[0].addr_spec == "zoe@xn--exmple-cua.org"
    assert message["Content-Language"] == "fr"
    assert max(map(len, mail.content.split(b"\r\n"))) <= 78


def test_a_local_part_of_other_letters_goes_out_as_it_is_and_to_the_ascii_form_of_its_domain() -> None:
    """RFC 6531, RFC 6532; whether the server takes it is for the transport to say."""
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    letter = TEMPLATES.write("account-created", "fr", FACTS)
    delivery = Delivery(
        "a1", "account-created", "fr", "zoé@straße.de", "Müller, Zoé", Priority.URGENT, letter, noon, noon
    )
    mail = one_mail("<m@parvis.example>", ("Candidatures", "c@exämple.org"), delivery, noon)
    assert (mail.recipient, mail.sender) == ("zoé@xn--strae-oqa.de", "c@xn--exmple-cua.org")
    to = message_from_string(mail.content.decode(), policy=default)["To"].addresses[0]
    assert (to.addr_spec, to.display_name) == ("zoé@xn--strae-oqa.de", "Müller, Zoé")


@pytest.mark.parametrize("address", ["zoe@\u0660a\u05d0.example", "zoe", "@example.org", "zoe@", ""])
def test_what_has_no_form_on_the_wire_is_refused(address: str) -> None:
    with pytest.raises(MailRefused):
        wire_address(address)

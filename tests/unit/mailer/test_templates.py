"""Every mail in both languages: its text and HTML say the same, no sentence has a hole, nothing can be smuggled in."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from email import message_from_bytes, message_from_string
from email.policy import default
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import UndefinedError

from services.chassis.mail.addresses import wire_address
from services.chassis.ports import MailRefused
from services.contracts.languages import LANGUAGES, Language
from services.contracts.parameters import InstitutionParameters
from services.mailer.domain.delivery import Delivery
from services.mailer.domain.priority import Priority
from services.mailer.usecases.checking import BASE_URL, HOLE, examples, faults
from services.mailer.usecases.html import BRAND
from services.mailer.usecases.mime import one_mail
from services.mailer.usecases.templates import FOLDER, Templates
from services.mailer.usecases.wording import Wording

ROOT = Path(__file__).parents[3]
PARIS = ZoneInfo("Europe/Paris")
INSTITUTION = InstitutionParameters("Université <d’Essai>", "aide@univ.test")
TEMPLATES = Templates(PARIS)
VALUES: Mapping[str, object] = examples(TEMPLATES, TEMPLATES.kinds["account-created"], "fr")
LINK = f"{BASE_URL}/validation?token=…"

BOTH = [(kind, language) for kind in sorted(TEMPLATES.kinds) for language in LANGUAGES]


@pytest.mark.parametrize(("kind", "language"), BOTH)
def test_text_and_html_say_the_same(kind: str, language: Language) -> None:
    values = examples(TEMPLATES, TEMPLATES.kinds[kind], language)
    for name in values.keys() & {"programme", "given_name"}:
        values[name] = "Zoé <script> & moi"
    letter = TEMPLATES.write(kind, language, values, INSTITUTION, reply_to="mer@univ.test")
    assert "\n\n\n" not in letter.text
    assert not re.search(r"{{|{%|Subject:|Button:", letter.text + letter.subject)
    assert "<script>" not in letter.html
    words = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", letter.html)))
    for line in letter.text.splitlines():
        said = re.sub(r"\s+", " ", line.removeprefix("- ")).strip()
        assert said in words, said
    assert f"<title>{letter.subject}".replace("<script> &", "&lt;script&gt; &amp;") in letter.html
    link = str(values["link"])
    assert link in letter.text.splitlines(), "the address stands alone on its line"
    assert letter.html.count(f'"{link}"') == 2
    button = TEMPLATES.kinds[kind].texts[language].button
    assert re.search(rf'href="{re.escape(link)}"[^>]*>{button}</a>', letter.html.replace("\u00a0", " "))


@pytest.mark.parametrize(("kind", "language"), BOTH)
def test_every_mail_is_signed_and_says_where_answers_go(kind: str, language: Language) -> None:
    """Also in its text: the foot of the HTML alone would reach only some."""
    values = examples(TEMPLATES, TEMPLATES.kinds[kind], language)
    signs = {"fr": "Le service des candidatures", "en": "The admissions office"}[language]
    letter = TEMPLATES.write(kind, language, values, INSTITUTION, reply_to="mer@univ.test")
    *_, signed, foot = letter.text.strip().split("\n\n")
    assert signed == f"{signs}\nUniversité <d’Essai>"
    assert "mer@univ.test" in foot
    nobody = TEMPLATES.write(kind, language, values, INSTITUTION)
    assert "@univ.test" not in nobody.text
    own = TEMPLATES.write(kind, language, values, InstitutionParameters("U", sign_off="La scolarité"))
    assert own.text.strip().split("\n\n")[-2] == "La scolarité\nU"


def test_the_mails_that_come_with_parvis_have_no_fault() -> None:
    """They are written with every variable, without the optional ones, together and one by one, in every language."""
    assert list(faults(TEMPLATES)) == []


@pytest.mark.parametrize("hole", ["à .", "«\u00a0»", "to \u00a0.", "“”", "()", "code: .", "à None"])
def test_a_hole_is_known_when_it_is_seen(hole: str) -> None:
    assert HOLE.search(f"Écrivez {hole}")


def test_a_sentence_without_its_contact_is_not_written() -> None:
    """A1: « Écrivez à . »"""
    for kind in ("application-opened", "application-submitted", "application-cancelled"):
        values = examples(TEMPLATES, TEMPLATES.kinds[kind], "fr")
        with_contact = TEMPLATES.write(kind, "fr", values, INSTITUTION).text
        del values["contact"]
        without = TEMPLATES.write(kind, "fr", values, INSTITUTION).text
        assert "crivez à energie@univ.example" in with_contact
        assert "crivez" not in without and not HOLE.search(without)


def test_french_keeps_together_what_belongs_together() -> None:
    letter = TEMPLATES.write("account-created", "fr", VALUES, INSTITUTION)
    assert "Votre numéro de dossier\u00a0: AB12CD34" in letter.text
    assert "«\u00a0Valider mon compte\u00a0»" in letter.text
    assert "23\u00a0h\u00a059, heure de Paris" in letter.text


@pytest.mark.parametrize(
    ("language", "zone", "text"),
    [
        ("fr", "Europe/Paris", "mardi 19\u00a0janvier\u00a02027 à 23\u00a0h\u00a059, heure de Paris"),
        ("en", "Europe/Paris", "Tuesday 19 January 2027 at 23:59, Paris time"),
        ("fr", "Indian/Reunion", "mardi 19\u00a0janvier\u00a02027 à 23\u00a0h\u00a059, heure de La Réunion"),
        ("fr", "Europe/Athens", "mardi 19\u00a0janvier\u00a02027 à 23\u00a0h\u00a059, heure d’Athènes"),
    ],
)
def test_a_deadline_says_its_last_minute_and_whose_clock_counts(language: Language, zone: str, text: str) -> None:
    """Acceptance 54: the day of the deadline is in time."""
    assert Wording(FOLDER, language, ZoneInfo(zone)).deadline(date(2027, 1, 19)) == text


def test_instants_are_those_of_the_institutions_clock() -> None:
    wording = Wording(FOLDER, "fr", PARIS)
    assert wording.instant(datetime(2027, 1, 31, 23, 5, tzinfo=UTC)).startswith(
        "lundi 1er\u00a0février\u00a02027 à 0\u00a0h\u00a005"
    )
    assert wording.day(date(2027, 2, 1)) == "1er\u00a0février\u00a02027"
    assert Wording(FOLDER, "en", PARIS).day(date(2027, 2, 1)) == "1 February 2027"


def test_an_appointment_is_told_as_people_say_it() -> None:
    """On the clock of which the portal shows it, by a weekday."""
    kind = TEMPLATES.kinds["decision-shortlisted"]
    for language, told in (
        ("fr", "le mercredi 12\u00a0mai\u00a02027 à 14\u00a0h\u00a030, heure de Paris, à cet endroit"),
        ("en", "on Wednesday 12 May 2027 at 14:30, Paris time, at this place"),
    ):
        values = examples(TEMPLATES, kind, language)
        assert told in TEMPLATES.write(kind.kind, language, values, INSTITUTION).text


def test_words_of_an_institution_that_are_older_than_appointments_serve_as_before(tmp_path: Path) -> None:
    kept = [line for line in (FOLDER / "fr.toml").read_text().splitlines() if not line.startswith(("weekday", "hour"))]
    (tmp_path / "fr.toml").write_text("\n".join(kept))
    wording = Wording(tmp_path, "fr", PARIS)
    assert wording.weekday(date(2027, 2, 1)) == "1er\u00a0février\u00a02027"
    assert wording.hour(time(14, 30)) == "14:30, heure de Paris"


def test_links_are_urgent_and_confirmations_are_not() -> None:
    priorities = {template.kind: template.priority for template in TEMPLATES.kinds.values()}
    assert priorities["identifiers-forgotten"] is priorities["account-exists"] is Priority.URGENT
    assert priorities["account-created"] is priorities["link-resent"] is Priority.NEWCOMER
    assert priorities["application-submitted"] is Priority.NORMAL


def test_a_variable_that_is_missing_is_not_passed_over() -> None:
    with pytest.raises(UndefinedError):
        TEMPLATES.write("account-created", "fr", {"file_number": "AB12CD34"}, INSTITUTION)


WORDS = {
    "fr": ("mail", "email", "e-mail", "courriel", "reçu signé", "En attente", "espace de candidature", "'"),
    "en": ("confirm", "log in", "login", "email", "application space", "'"),
}
"""What pages call otherwise (validate, sign in, accusé de réception), what is nowhere, and what is typed and not set."""


@pytest.mark.parametrize(("kind", "language"), BOTH)
def test_mails_use_the_words_of_the_pages(kind: str, language: Language) -> None:
    """A7, and the words of one thing."""
    said = (FOLDER / kind / f"{language}.txt").read_text(encoding="utf-8")
    written = re.sub(r"{[{%].*?[}%]}|adresse mail", "", said, flags=re.IGNORECASE).lower()
    for word in WORDS[language]:
        assert not re.search(rf"(?<![\w-]){re.escape(word.lower())}(?!\w)", written), word


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["account-created", "link-resent"])
def test_mails_that_people_of_the_ent_get_too_ask_nobody_for_a_password(kind: str, language: Language) -> None:
    said = TEMPLATES.write(kind, language, VALUES, INSTITUTION).text.lower()
    assert "mot de passe" not in said and "password" not in said


def test_buttons_are_called_what_the_page_calls_them() -> None:
    """A7: the mail says which button is to be pressed."""
    pages = (ROOT / "services/locale").rglob("*.po")
    texts = "\n".join(file.read_text(encoding="utf-8") for file in pages)
    for kind, language in itertools.product(("account-created", "link-resent"), LANGUAGES):
        button = TEMPLATES.kinds[kind].texts[language].button
        assert f'"{button}"' in texts
        assert button in TEMPLATES.write(kind, language, VALUES, INSTITUTION).text.replace("\u00a0", " ")


def test_mails_have_the_colour_of_the_portal() -> None:
    css = (ROOT / "services/portal/static/parvis.css").read_text(encoding="utf-8")
    assert f"--govuk-brand-colour: {BRAND};" in css


@pytest.mark.parametrize(
    ("asked", "found"), [("mer@univ.test", "mer@univ.test"), ("", "aide@univ.test"), ("a@b;c@d", "aide@univ.test")]
)
def test_answers_go_to_who_can_be_answered(asked: str, found: str) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    letter = TEMPLATES.write("account-created", "fr", VALUES, INSTITUTION)
    delivery = Delivery("a1", "k", "fr", "zoe@univ.test", "Zoé", Priority.URGENT, letter, noon, noon, reply_to=asked)
    mail = one_mail("<m@parvis.example>", ("Candidatures", "c@univ.test"), delivery, noon, reply_to="aide@univ.test")
    assert message_from_bytes(mail.content, policy=default)["Reply-To"] == found


def test_no_name_and_no_title_can_start_a_header_of_its_own() -> None:
    letter = TEMPLATES.write("account-created", "fr", VALUES, INSTITUTION)
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    sly = "Zoé\r\nBcc: all@example.org\x00"
    delivery = Delivery("a1", "account-created", "fr", "zoe@example.org", sly, Priority.URGENT, letter, noon, noon)
    mail = one_mail("<m@parvis.example>", ("Candidatures", "c@example.org"), delivery, noon)
    message = message_from_bytes(mail.content, policy=default)
    assert message["Bcc"] is None
    assert message["To"].addresses[0].display_name == "Zoé Bcc: all@example.org"
    assert message["Message-ID"] == mail.message_id == "<m@parvis.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert message["Reply-To"] is None
    assert b"\r\n" in mail.content
    assert not re.search(rb"(?<!\r)\n", mail.content)


def test_a_mail_says_what_the_letter_says_letter_by_letter() -> None:
    letter = TEMPLATES.write("account-created", "fr", VALUES, INSTITUTION)
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
    letter = TEMPLATES.write("account-created", "fr", VALUES, INSTITUTION)
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

"""A mail is a folder and nothing else; what it says of programmes, institution and deadlines leaves nothing open."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.settings import UnusableSetting
from services.chassis.testing import Suite, run_suite
from services.contracts.events.accounts import AccountValidated, AddressChanged, LinkIssued
from services.contracts.events.applications import ApplicationOpened, ApplicationSubmitted
from services.contracts.events.offers import (
    ContactPart,
    ParametersChanged,
    ProgrammePart,
    ProgrammePublished,
    TextPart,
    UnitPart,
)
from services.contracts.parameters import InstitutionParameters, Parameters
from services.mailer.usecases.checking import HOLE
from services.mailer.usecases.declarations import PORTAL
from services.mailer.usecases.templates import FOLDER, declarations, mailed
from services.portal.wiring import pages
from tests.service.mailer.test_mails import ADDRESS, APPLICATION, LINK, PROGRAMME, mails, noon, text_of

__all__ = ["noon"]

STORED = Path(__file__).parents[2] / "contracts" / "stored"
SUBMITTED = ApplicationSubmitted.model_validate(
    APPLICATION | {"submitted_at": "2026-03-01T22:50:00.000Z", "receipt_sha256": "0" * 64, "pieces": []}
)
THANKS = """
event = "applications.application.submitted.v1"
recipient = "candidate"
priority = "bulk"
[variables]
programme = { from = "programme.name", example = "Droit" }
submitted_at = { from = "event.submitted_at", as = "instant", example = "2027-01-19T22:59:00.000Z" }
link = { from = "portal.home", as = "page", example = "/" }
"""
TEXTS = {
    "fr": "Subject: Merci pour {{ programme }}\nButton: Voir\n\nReçu le {{ submitted_at }} :\n\n{{ link }}\n",
    "en": "Subject: Thank you for {{ programme }}\nButton: See\n\nReceived on {{ submitted_at }}:\n\n{{ link }}\n",
}


def with_one_more(folder: Path, declaration: str) -> Path:
    """All mails of Parvis and one that is new, in a folder of their own."""
    shutil.copytree(FOLDER, folder)
    (folder / "thanks").mkdir()
    (folder / "thanks" / "mail.toml").write_text(declaration, encoding="utf-8")
    for language, text in TEXTS.items():
        (folder / "thanks" / f"{language}.txt").write_text(text, encoding="utf-8")
    return folder


async def known(suite: Suite, programme: ProgrammePart, **person: str) -> None:
    """The person and the programme are known to the mailer."""
    await suite.publish(AddressChanged.model_validate(ADDRESS | person), "accounts")
    await suite.publish(ProgrammePublished(code=programme.code, programme=programme), "offers")


@pytest.fixture
async def suite(tmp_path: Path, noon: FixedClock) -> AsyncIterator[Suite]:
    async with run_suite(tmp_path / "var", services=["mailer"], clock=noon) as running:
        await running.publish(of_institution(1, name="Université d’Essai"), "offers")
        yield running


def of_institution(version: int, **values: Any) -> ParametersChanged:
    """What offers tells of who the institution is."""
    return ParametersChanged(
        scope="institution", version=version, parameters=Parameters(InstitutionParameters(**values))
    )


async def test_a_new_mail_is_a_folder_and_nothing_else(
    tmp_path: Path, noon: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For an event that exists: no line of Python, and both languages."""
    monkeypatch.setenv("PARVIS_MAILER_TEMPLATES", str(with_one_more(tmp_path / "templates", THANKS)))
    async with run_suite(tmp_path / "var", services=["mailer"], clock=noon) as suite:
        for account, language in (("a1", "fr"), ("a2", "en")):
            await known(suite, PROGRAMME, account=account, language=language)
            await suite.publish(SUBMITTED.model_copy(update={"account": account}), "applications")
        french, english = [mail for mail in await mails(suite, 4) if mail["X-Parvis-Kind"] == "thanks"]
    assert french["Subject"] == "Merci pour Sciences de la mer – Master 1"
    assert english["Subject"] == "Thank you for Marine sciences – Master 1"
    assert "Reçu le dimanche 1er\u00a0mars\u00a02026 à 23\u00a0h\u00a050, heure de Paris\u00a0:" in text_of(french)
    assert "Received on Sunday 1 March 2026 at 23:50, Paris time:" in text_of(english)
    for mail in (french, english):
        assert mail["Reply-To"] == "mer@example.org"
        assert f"{suite.url}/" in text_of(mail).splitlines()
        assert f'href="{suite.url}/"' in text_of(mail, "html")


def test_the_mailer_listens_to_what_its_folder_asks_for(tmp_path: Path) -> None:
    declaration = THANKS.replace("applications.application.submitted.v1", AccountValidated.TYPE)
    before, after = declarations(FOLDER), declarations(with_one_more(tmp_path / "templates", declaration))
    assert set(mailed(after.values())) - set(mailed(before.values())) == {AccountValidated}


async def test_a_mail_that_nobody_would_ever_get_is_refused_at_start(
    tmp_path: Path, noon: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of the institution's own may answer to what the release listens to; broker and topology know no more."""
    declaration = "".join(line for line in THANKS.splitlines(keepends=True) if "submitted_at" not in line)
    folder = with_one_more(tmp_path / "templates", declaration.replace(SUBMITTED.TYPE, AccountValidated.TYPE))
    monkeypatch.setenv("PARVIS_MAILER_TEMPLATES", str(folder))
    with pytest.raises(UnusableSetting) as refused:
        async with run_suite(tmp_path / "var", services=["mailer"], clock=noon):
            pass
    assert refused.value.args[0] == "PARVIS_MAILER_TEMPLATES"
    assert f"the mailer does not listen to {AccountValidated.TYPE}" in refused.value.args[1]


async def test_two_years_of_one_subject_are_told_apart(suite: Suite) -> None:
    """A2: in subject and text, in both languages; the centre has its English name where the catalogue has one."""
    for year in ("1", "2"):
        programme = PROGRAMME.model_copy(
            update={
                "code": f"M{year}-ES",
                "title": TextPart(fr="Énergie solaire", en="Solar energy"),
                "diploma": UnitPart(code=f"M{year}", label=f"Master {year}", label_en=f"Master’s degree, year {year}"),
                "centre": UnitPart(code="SEE", label="UFR Sciences", label_en="Faculty of Science"),
            }
        )
        for account, language in (("a1", "fr"), ("a2", "en")):
            await known(suite, programme, account=account, language=language)
            changes = {"account": account, "programme": programme.code}
            await suite.publish(SUBMITTED.model_copy(update=changes), "applications")
    found = await mails(suite, 4)
    assert len({mail["Subject"] for mail in found}) == 4
    assert {mail["Subject"].partition(":")[2].strip() for mail in found} == {
        "Énergie solaire – Master 1",
        "Énergie solaire – Master 2",
        "Solar energy – Master’s degree, year 1",
        "Solar energy – Master’s degree, year 2",
    }
    for mail in found:
        english = mail["Content-Language"] == "en"
        assert ("Faculty of Science" if english else "UFR Sciences") in text_of(mail).splitlines()
        assert ("UFR" if english else "Faculty") not in text_of(mail)
        code = "M1-ES" if "1" in mail["Subject"] else "M2-ES"
        assert code in text_of(mail)


async def test_what_0_1_0_copied_of_a_programme_leaves_no_hole_and_is_made_whole_when_told_again(suite: Suite) -> None:
    """It kept no diploma, no English centre, not what is conditional; the code tells two of one title apart (A1, A2)."""
    (copy,) = json.loads((STORED / "0.1.0" / "mailer.json").read_text())["programmes"]
    code, (first, *others) = copy["_id"], list(copy["requirements"].items())
    await suite.service("mailer").service.ports.store.insert("programmes", copy)
    await suite.publish(AddressChanged.model_validate(ADDRESS), "accounts")
    told = APPLICATION | {"programme": code, "submission_deadline": copy["submission_deadline"]}
    await suite.publish(ApplicationOpened.model_validate(told), "applications")
    await suite.publish(SUBMITTED.model_copy(update={"programme": code}), "applications")
    found = await mails(suite, 2, minutes=10)
    for mail in found:
        assert str(mail["Subject"]).endswith(f"Énergie, parcours Matériaux et procédés solaires ({code})")
        assert copy["centre"] in text_of(mail).splitlines()
        assert not HOLE.search(text_of(mail))

    requirements = [
        PROGRAMME.requirements[0].model_copy(
            update={"code": name, "label": TextPart.model_validate(label), "conditional": name == first[0]}
        )
        for name, label in (first, *others)
    ]
    again = {"code": code, "version": copy["version"], "requirements": requirements, "title": TextPart(**copy["title"])}
    await suite.publish(ProgrammePublished(code=code, programme=PROGRAMME.model_copy(update=again)), "offers")
    await suite.settle()
    await suite.publish(ApplicationOpened.model_validate(told | {"application": "p2"}), "applications")
    earlier = {mail["Message-ID"] for mail in found}
    (mail,) = [mail for mail in await mails(suite, 3, minutes=20) if mail["Message-ID"] not in earlier]
    assert str(mail["Subject"]).endswith("Énergie, parcours Matériaux et procédés solaires – Master 1")
    assert text_of(mail).index("seulement si elles vous concernent") < text_of(mail).index(first[1]["fr"])


async def test_what_cannot_be_delivered_returns_to_an_address_of_its_own(
    tmp_path: Path, noon: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B: bounces go where somebody reads them (RFC 5321 section 3.6.3), answers and From stay as they are."""
    monkeypatch.setenv("PARVIS_MAILER_BOUNCES", "retours@rebonds.univ.test")
    async with run_suite(tmp_path / "var", services=["mailer"], clock=noon) as suite:
        await suite.publish(of_institution(1, contact="aide@univ.test"), "offers")
        await suite.publish(LinkIssued.model_validate(LINK), "accounts")
        (mail,) = await mails(suite, 1)
    assert mail["Return-Path"] == "<retours@rebonds.univ.test>"
    assert mail["From"].addresses[0].addr_spec == "candidatures@parvis.example"
    assert mail["Reply-To"] == "aide@univ.test"


@pytest.mark.parametrize(("contact", "found"), [("aide@univ.test", "aide@univ.test"), ("", None)])
async def test_a_programme_without_a_contact_leaves_no_hole(
    tmp_path: Path, noon: FixedClock, contact: str, found: str | None
) -> None:
    """A1: answers and questions go to the institution then; if it has no address either, nothing is said of one."""
    async with run_suite(tmp_path / "var", services=["mailer"], clock=noon) as suite:
        await suite.publish(of_institution(1, contact=contact), "offers")
        await known(suite, PROGRAMME.model_copy(update={"contact": ContactPart()}))
        opened = ApplicationOpened.model_validate(APPLICATION | {"submission_deadline": "2026-05-02"})
        await suite.publish(opened, "applications")
        await suite.publish(LinkIssued.model_validate(LINK), "accounts")
        for mail in await mails(suite, 2, minutes=10):
            assert mail["Reply-To"] == found
            assert not HOLE.search(text_of(mail))
            assert ("@" in text_of(mail)) is (found is not None)


async def test_no_mail_is_written_before_it_is_known_whose_it_is(
    tmp_path: Path, noon: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In production nobody is written to in the name of the example; what is told late or twice changes nothing."""
    for name in ("INSTITUTION", "CONTACT"):
        monkeypatch.delenv(f"PARVIS_{name}", raising=False)
    async with run_suite(tmp_path / "var", services=["mailer"], clock=noon, env="production") as suite:
        await suite.publish(LinkIssued.model_validate(LINK), "accounts")
        store = suite.service("mailer").service.ports.store
        async with asyncio.timeout(120):
            while not await store.count("inbox", {"state": "retrying"}):
                await asyncio.sleep(0.01)
        assert suite.mails() == []
        await suite.publish(of_institution(2, name="Université d’Essai", contact="aide@univ.test"), "offers")
        await suite.publish(of_institution(1, name="Université d’Hier"), "offers")
        (mail,) = await mails(suite, 1)
        assert mail["From"].addresses[0].display_name == "Université d’Essai"
        assert mail["Reply-To"] == "aide@univ.test"


async def test_a_mail_says_whose_it_is_and_until_when_something_is_possible(suite: Suite) -> None:
    """Acceptance 54; B: the name in From, in head and foot, the deadline's last minute, whose clock, what is conditional."""
    conditional = PROGRAMME.requirements[0].model_copy(
        update={"code": "lang", "label": TextPart(fr="Attestation de langue"), "conditional": True}
    )
    await known(suite, PROGRAMME.model_copy(update={"requirements": [*PROGRAMME.requirements, conditional]}))
    opened = ApplicationOpened.model_validate(APPLICATION | {"submission_deadline": "2027-01-19"})
    await suite.publish(opened, "applications")
    (mail,) = await mails(suite, 1, minutes=10)
    assert mail["From"].addresses[0].display_name == "Université d’Essai"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert "à transmettre au plus tard le 19\u00a0janvier\u00a02027" in mail["Subject"]
    for part in ("plain", "html"):
        assert "jusqu’au mardi 19\u00a0janvier\u00a02027 à 23\u00a0h\u00a059, heure de Paris." in text_of(mail, part)
        assert "Université d’Essai" in text_of(mail, part)
    asked, concerned = text_of(mail).split("seulement si elles vous concernent")
    assert "- Curriculum vitæ" in asked and "- Attestation de langue" in concerned


async def test_no_link_of_a_mail_leads_nowhere(tmp_path: Path, noon: FixedClock) -> None:
    """Every page that mails lead to is there."""
    async with run_suite(tmp_path / "var", services=["mailer"], clock=noon, pages=pages) as suite:
        for path in PORTAL.values():
            async with suite.client.get(path.format(application="0" * 26)) as answer:
                assert answer.status == 200, path
                assert "{" not in path or answer.url.query["next"] == path.format(application="0" * 26)

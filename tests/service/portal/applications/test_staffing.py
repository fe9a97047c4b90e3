"""An administrator gives and takes rights on pages, without JavaScript."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiohttp import web

from services import SERVICES
from services.accounts.domain.grants import MOST_BYTES, Grant
from services.chassis.clock import FixedClock
from services.chassis.testing import Suite
from services.contracts.actors import Role
from services.contracts.api.problem import Problem
from services.contracts.api.staff import StaffView
from services.contracts.events.absences import DocumentsWasAway
from services.contracts.instants import instant_text
from services.portal.pages.profile_fields import DATE_PARTS
from services.portal.pages.staffing.members import StaffPages
from services.portal.prolonged import ASK_SECONDS
from tests.service.applications.candidate import PeerServices
from tests.service.portal.applications.staff import appointed, staff
from tests.service.portal.browser import Browser, Form
from tests.service.portal.people import log_in, validated

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOME = "/gestion/personnes"


def day(name: str, *typed: str) -> dict[str, str]:
    """A day as it is typed."""
    return {f"{name}-{part}": each for part, each in zip(DATE_PARTS, typed, strict=True)}


async def test_whose_rights_change_while_one_gives_more_by_their_address_are_shown_the_form_again(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = StaffPages.member

    async def earlier(pages: StaffPages, request: web.Request, login: str) -> StaffView | Problem:
        found = await member(pages, request, login)
        return found if isinstance(found, Problem) else found.model_copy(update={"version": found.version + 1})

    async with Browser(suite.url) as pia:
        await appointed(suite, pia, "pia@univ.test", Grant(Role.ADMIN))
        await log_in(pia, "pia@univ.test")
        form = (await pia.open(f"{HOME}/nouvelle")).forms[0]
        with monkeypatch.context() as patched:
            patched.setattr(StaffPages, "member", earlier)
            late = await pia.send(form, email="pia@univ.test", role="support")
        assert (late.status, late.forms[0].fields["email"]) == (412, "pia@univ.test")
        assert "ont changé" in late.words


async def test_rights_are_given_and_taken_and_the_last_of_them_takes_the_person_away(suite: Suite) -> None:
    async with Browser(suite.url) as ada, Browser(suite.url) as kim:
        await appointed(suite, ada, "ada@univ.test", Grant(Role.ADMIN))
        people = await log_in(ada, "ada@univ.test", path=f"/connexion?next={HOME}")
        assert (people.address, people.heading) == (HOME, "Personnes et droits")
        assert "Administration – Partout" in people.words and "Accès actif" in people.words

        new = await ada.open(f"{HOME}/nouvelle")
        refused = await ada.send(new.forms[0], email="kim", **day("valid_until", "31", "2", "2099"))
        assert refused.status == 422 and {"#role", "#valid_until"} <= set(refused.links)
        assert refused.forms[0].fields["email"] == "kim" and refused.forms[0].fields["valid_until-day"] == "31"
        typed = {"email": "kim@univ.test", "role": "manager", "centres": "UPVD-SEE, UPVD-LSH"}
        person = await ada.send(new.forms[0], **typed, **day("valid_until", "31", "12", "2099"))
        assert person.heading == "kim@univ.test" and "Invitation envoyée" in person.words
        assert "Gestion des dossiers – Centres : UPVD-LSH, UPVD-SEE – jusqu’au 31 décembre 2099" in person.words
        assert "par ada@univ.test" in person.words
        assert (await ada.send(new.forms[0], **typed, **day("valid_until", "31", "12", "2099"))).path == person.path

        await validated(suite, "kim@univ.test")
        assert (await log_in(kim, "kim@univ.test")).address == "/gestion"
        assert HOME not in (await kim.open("/gestion")).links
        assert (await kim.open(HOME)).status == 403
        role = await ada.open(f"{person.address}/roles")
        nowhere = await ada.send(role.forms[0], role="readonly", centres=" , ")
        assert nowhere.status == 422 and "#centres" in nowhere.links, "no code is not every centre"
        long = " ".join(f"CENTRE-{number}" for number in range(190))
        longer = await ada.send(role.forms[0], role="readonly", centres=long)
        assert longer.status == 422 and "#role" in longer.links, "more than a session bears"
        person = await ada.send(role.forms[0], role="support")
        assert "Assistance – Partout" in person.words
        late = await ada.send(role.forms[0], role="readonly")
        assert late.status == 412 and "ont changé" in late.words, "the page was of other rights"
        await log_in(kim, "kim@univ.test")

        take = await ada.open(f"{person.address}/roles/1")
        assert "Gestion des dossiers –" in take.words and "Assistance –" not in take.words
        person = await ada.send(take.forms[0])
        assert "Gestion des dossiers –" not in person.words and "Assistance – Partout" in person.words
        assert (await ada.send(take.forms[0])).address == person.address, "pressed twice"
        last = await ada.open(f"{person.address}/roles/1")
        assert last.heading == "Retirer tous les droits"
        people = await ada.send(last.forms[0])
        assert people.address == HOME and "kim@univ.test" not in people.words
        assert (await ada.send(last.forms[0])).address == HOME, "pressed twice"
        assert (await ada.open(person.address)).status == 404


async def test_codes_of_nothing_in_the_catalogue_are_marked(suite: Suite) -> None:
    """Acceptance 92: they open nothing, and whoever has mistyped one sees it."""
    async with Browser(suite.url) as iris:
        await appointed(suite, iris, "iris@univ.test", Grant(Role.ADMIN))
        await log_in(iris, "iris@univ.test")
        form = (await iris.open(f"{HOME}/nouvelle")).forms[0]
        codes = {"centres": "UPVD-SEE, UPVD-SEEE", "commissions": "NULLE"}
        person = await iris.send(form, email="leo@univ.test", role="manager", **codes)
        assert "Absent de l’offre de formation : UPVD-SEEE, NULLE." in person.words


async def test_who_sits_on_a_jury_is_invited_and_an_administrator_stays_one(suite: Suite) -> None:
    most = Grant(Role.MANAGER, centres=("A" * (MOST_BYTES - len('[{"role":"manager","centres":[""]}]')),))
    async with staff(suite, "marie", most) as marie, Browser(suite.url) as eva:
        await appointed(suite, eva, "eva@univ.test", Grant(Role.ADMIN))
        await log_in(eva, "eva@univ.test")
        for form in ("nouvelle", "invitation"):
            assert (await marie.open(f"{HOME}/{form}")).status == 403
        invitation = await eva.open(f"{HOME}/invitation")
        assert (await marie.send(invitation.forms[0])).status == 403
        refused = await eva.send(invitation.forms[0], email="juror@elsewhere.test", commissions="C BIO")
        assert refused.status == 422 and "#valid_until" in refused.links
        person = await eva.send(refused.forms[0], **day("valid_until", "30", "6", "2099"))
        assert "Commission – Commissions : BIO, C – jusqu’au 30 juin 2099" in person.words
        own = await eva.open(f"{HOME}/eva@univ.test")
        assert f"{own.address}/retrait" not in own.links
        take = await eva.open(f"{HOME}/eva@univ.test/roles/1")
        kept = await eva.send(take.forms[0])
        assert kept.status == 409 and "Vos propres droits" in kept.heading


async def test_what_services_depend_on_is_seen_and_tested_one_by_one(suite: Suite) -> None:
    """A folder that is none any more shows as what it is, and as it was before once it is mended."""
    here, folder = "/gestion/connecteurs", suite.host.settings.data / "pre-enrolment"
    async with Browser(suite.url) as olga, staff(suite, "nina") as nina:
        await appointed(suite, olga, "olga@univ.test", Grant(Role.ADMIN))
        await log_in(olga, "olga@univ.test")
        assert here in (await olga.open(HOME)).links
        page = await olga.open(here)
        tests = {form.action: form for form in page.forms if form.action.startswith(here)}
        assert {f"{here}/{service}/store" for service in SERVICES} <= tests.keys()
        assert {
            f"{here}/mailer/mail",
            f"{here}/documents/objects",
            f"{here}/applications/pre-enrolment",
        } <= tests.keys()
        assert f"{here}/documents/scanner" not in tests and "Non connecté" in page.words, (
            "nothing looks into files here"
        )
        assert "A répondu en " in (await olga.send(tests[f"{here}/mailer/mail"])).words
        moved = folder.rename(folder.with_name("elsewhere-for-now")) if folder.exists() else None
        folder.write_text("a file")
        broken = await olga.send(tests[f"{here}/applications/pre-enrolment"])
        assert "Échec après" in broken.words and "PreEnrolmentsUnavailable" in broken.words
        assert str(folder) not in broken.html, "no address is told"
        folder.unlink()
        if moved is not None:
            moved.rename(folder)
        assert "A répondu en " in (await olga.send(tests[f"{here}/applications/pre-enrolment"])).words
        assert (await olga.send(Form(f"{here}/mailer/objects", tests[f"{here}/mailer/mail"].fields))).status == 404
        assert (await nina.open(here)).status == 403


async def test_an_incident_is_declared_looked_at_and_last_days_are_moved(suite: Suite) -> None:
    here, ends = "/gestion/incidents", suite.clock.now() - timedelta(hours=30)
    assert isinstance(suite.clock, FixedClock)
    await PeerServices(suite, suite.clock).publish_programme(
        "M1-MER", submission_deadline="2027-01-30", closes_on="2027-01-30"
    )
    async with Browser(suite.url) as ines, staff(suite, "noa") as noa:
        await appointed(suite, ines, "ines@univ.test", Grant(Role.ADMIN))
        await log_in(ines, "ines@univ.test")
        assert here in (await ines.open(HOME)).links
        (form,) = [each for each in (await ines.open(here)).forms if each.action == here]
        wrong = await ines.send(form, begins="hier", ends=f"{ends:%Y-%m-%dT%H:%M}", reason="")
        assert wrong.status == 422 and {"#begins", "#reason"} & set(wrong.links)
        begins = ends - timedelta(hours=30)
        typed = {"begins": f"{begins:%Y-%m-%dT%H:%M}", "ends": f"{ends:%Y-%m-%dT%H:%M}", "reason": "Panne de courant"}
        one = await ines.send(form, **typed)
        assert " passe au " not in one.words, "nothing is moved before somebody says so"
        assert "Déclaré par l’établissement" in one.words and "À traiter" in (await ines.open(here)).words
        (judge,) = [each for each in one.forms if each.action.endswith("/apercu")]
        assert judge.fields["reason"] == "Panne de courant", "what was said first is not lost by what is said then"
        assert (await ines.send(judge, hours="29", reason="Panne")).status == 422
        assert (await ines.send(judge, hours="30", reason="")).status == 422
        preview = await ines.send(judge, hours="30", reason="Panne de courant")
        assert "Une prolongation ne peut pas être annulée" in preview.words and " passe au " in preview.words
        (confirm,) = [each for each in preview.forms if each.action.endswith("/confirmation")]
        changed = await ines.send(confirm, digest="0" * 32)
        assert changed.status == 409
        done = await ines.send(confirm)
        assert "Les dates limites sont prolongées" in done.words and "Dates limites prolongées" in done.words
        suite.clock.advance(seconds=ASK_SECONDS)
        while "des dates limites sont prolongées" not in (await noa.open("/")).words:
            suite.clock.advance(seconds=ASK_SECONDS)
        assert not [each for each in done.forms if each.action.startswith(here)], "once and for ever"
        span = {"begins": instant_text(ends - timedelta(days=3)), "ends": instant_text(ends - timedelta(days=2))}
        await suite.publish(DocumentsWasAway(service="documents", **span), "documents")
        await suite.settle()
        (measured,) = [each for each in (await ines.open(here)).links if each.startswith(f"{here}/documents-")]
        assert "personne ne pouvait déposer ni lire de pièce" in (await ines.open(measured)).words
        assert (await noa.open(here)).status == 403

"""Staff decide on a file on pages, and its candidate answers the place that is offered, without JavaScript."""

from __future__ import annotations

import asyncio

import pypdfium2
import pytest
import zxingcpp
from yarl import URL

from services.accounts.domain.grants import Grant
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.testing import Suite
from services.contracts.actors import Role
from services.contracts.api.applications import MOST_BEFORE
from services.contracts.api.letter_checks import LONGEST_NAME
from services.contracts.decision_types import SHIPPED
from services.documents.domain.letter_tries import NAMES
from services.offers.wiring import set_parameters
from services.portal.pages.profile_fields import DATE_PARTS
from tests.candidate import IDENTITY
from tests.service.portal.applications.applying import form_of
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.test_examined import submitted
from tests.service.portal.applications.test_reviewing import file_of
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Browser, Form, Page
from tests.service.portal.people import mail_to

pytestmark = pytest.mark.asyncio(loop_scope="module")


def on_day(name: str, *day: str) -> dict[str, str]:
    return {f"{name}-{part}": typed for part, typed in zip(DATE_PARTS, day, strict=True)}


async def test_a_place_is_offered_accepted_and_given_up(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 46, 78, 80, 83, 85, 86: nothing is seen before it is validated; to withdraw one is asked twice."""
    own = await submitted(zoe)
    before = own.words
    async with staff(suite, "vera") as vera:
        page = await vera.open(f"{file_of(own)}/decision")
        page = await vera.send(page.forms[0], type="AVIS_FAVORABLE", comment="Très bon dossier")
        assert page.path == file_of(own)
        for words in ("Décision saisie, non validée", "Avis favorable", "Saisie le 1er février 2027"):
            assert words in page.words, words
        assert (await zoe.open(own.path)).words == before
        assert (await zoe.open(f"{own.path}/reponse")).address == own.path
        page = await vera.open(f"{file_of(own)}/decision/validation")
        form = page.forms[0]
        page = await vera.send(form, **on_day("answer_deadline", "31", "1", "2027"))
        assert page.status == 422 and "#answer_deadline" in page.links
        for sent in (page.forms[0], page.forms[0]):
            page = await vera.send(sent, **on_day("answer_deadline", "3", "2", "2027"))
            assert page.status == 200 and "Validée le 1er février 2027" in page.words
        own = await zoe.open(own.path)
        assert "Confirmez votre candidature ou désistez-vous au plus tard le 3 février 2027 à 23 h 59" in own.words
        assert "Très bon dossier" in own.words
        form = (await zoe.open(f"{own.path}/reponse")).forms[0]
        page = await zoe.send(form)
        assert page.status == 422 and "#answer" in page.links
        page = await zoe.send(form, answer="accept")
        assert page.address == own.path and "Vous avez confirmé votre candidature" in page.words
        letters = (f"{own.path}/lettre", f"{file_of(own)}/lettre")
        assert letters[0] in page.links and letters[1] in (await vera.open(file_of(own))).links
        found = await zoe.take(letters[0])
        assert (found.status, found.headers["Content-Type"]) == (200, "application/pdf")
        assert (await vera.take(letters[1])).content == found.content
        address = await _checked(suite, found.content)
        assert "Confirmation de candidature" in (await vera.open(file_of(own))).words
        page = await zoe.send((await zoe.open(f"{own.path}/reponse")).forms[0], answer="withdraw")
        assert page.heading == "Confirmer votre désistement"
        for _ in range(2):
            done = await zoe.send(page.forms[0])
            assert done.address == own.path and "Vous avez renoncé à cette place" in done.words
        assert letters[0] not in (await zoe.open(own.path)).links
        assert (await zoe.open(letters[0])).status == (await vera.open(letters[1])).status == 409
        async with Browser(suite.url) as stranger:
            assert (await stranger.open(address)).heading == "Cette lettre ne compte plus"
        again = await zoe.send(form, answer="accept")
        assert "Vous avez renoncé à cette place" in again.words, "the old form is the old command, and done"


async def _checked(suite: Suite, letter: bytes) -> str:
    """Whoever holds the letter sees that it is genuine, and whether it was made for the name that they type (ADR 107)."""
    *_, last = pypdfium2.PdfDocument(letter)
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    (code,) = zxingcpp.read_barcodes(last.render(scale=2).to_pil(), formats=formats)
    address = URL(code.text).path
    async with Browser(suite.url) as stranger:
        asked = form_of(await stranger.open("/lettre"), "/lettre")
        assert (await stranger.send(asked, code="x" * 25)).status == 422
        page = await stranger.send(asked, code=address.rpartition("/")[2].upper())
        assert (page.path, page.heading) == (address, "Cette lettre est authentique")
        name = f"{IDENTITY['given_name']} {IDENTITY['family_name']}"
        assert "Sciences de la mer" in page.words and str(IDENTITY["family_name"]) not in page.words
        form = form_of(page, address)
        agreed = await stranger.send(form, name=name.upper())
        assert "Cette lettre a bien été faite pour ce nom." in agreed.words
        other = await stranger.send(form, name="Eve Martin")
        assert "n’a pas été faite pour ce nom" in other.words and form_of(other, address).fields["name"] == "Eve Martin"
        for wrong in (" ", "\u200b", "é" * (LONGEST_NAME + 1), "\u0958" * LONGEST_NAME):
            refused = await stranger.send(form, name=wrong)
            assert refused.status == 422 and "#name" in refused.links
        for unknown in ("0" * 26, "no-code"):
            found = [
                await stranger.open(f"/lettre/{unknown}"),
                await stranger.send(Form(f"/lettre/{unknown}", form.fields), name=name),
            ]
            assert {(page.status, page.heading) for page in found} == {(404, "Cette lettre n’est pas reconnue")}
        for _ in range(NAMES.times - 1):
            page = await stranger.send(form, name="Eve Martin")
        assert (page.status, page.heading) == (429, "Cette lettre est authentique"), "it is still told what it says"
        assert "#name" in page.links and form_of(page, address).fields["name"] == "Eve Martin"
    return address


async def test_what_is_wrong_with_a_decision_is_told_and_stays_typed(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 79."""
    own = await submitted(zoe)
    async with staff(suite, "otto") as otto:
        form = (await otto.open(f"{file_of(own)}/decision")).forms[0]
        page = await otto.send(form)
        assert page.status == 422 and "#type" in page.links
        page = await otto.send(form, type="AVIS_DEFAVORABLE", comment="é" * 1001)
        assert page.status == 422 and "#comment" in page.links
        page = await otto.send(form, type="AVIS_DEFAVORABLE", comment="é")
        assert page.status == 422 and "#reason" in page.links and page.forms[0].fields["comment"] == "é"
        page = await otto.send(form, type="AVIS_LISTE_COMP", rank="premier")
        assert page.status == 422 and page.forms[0].fields["rank"] == "premier"
        page = await otto.send(
            form, type="AVIS_PRESELECTION", place="Salle 12", time="14h30", **on_day("day", "31", "2", "27")
        )
        assert page.status == 422 and "#day" in page.links
        page = await otto.send(
            form, type="AVIS_PRESELECTION", place="Salle 12", time="14h30", **on_day("day", "3", "2", "2027")
        )
        assert page.status == 200 and "3 février 2027 à 14 h 30" in page.words


async def test_of_two_who_decide_the_second_is_shown_what_the_first_entered(suite: Suite, zoe: Uploader) -> None:
    """What was typed stays; who validates the decision that is no more is shown the one that is."""
    own = await submitted(zoe)
    decision = f"{file_of(own)}/decision"
    async with staff(suite, "rosa") as rosa, staff(suite, "karl") as karl:
        forms = [(await each.open(decision)).forms[0] for each in (rosa, karl)]
        assert (await rosa.send(forms[0], type="AVIS_LISTE_ATT")).status == 200
        page = await karl.send(forms[1], type="AVIS_DEFAVORABLE", reason="Hors délai")
        assert page.status == 409 and "Quelqu’un d’autre a saisi une décision" in page.words
        assert page.forms[0].fields["reason"] == "Hors délai"
        validation = (await rosa.open(f"{decision}/validation")).forms[0]
        assert (await karl.send(page.forms[0], type="AVIS_DEFAVORABLE")).status == 200
        page = await rosa.send(validation)
        assert page.status == 409 and "Hors délai" in page.words
        removal = (await rosa.open(decision)).forms[1]
        for _ in range(2):
            page = await rosa.send(removal)
            assert page.path == file_of(own) and "Hors délai" not in page.words
        gone = await rosa.send(validation)
        assert gone.status == 409 and "Il n’y a pas de décision à valider" in gone.words


async def test_with_two_people_the_page_says_why_one_does_not_validate(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 81."""
    own = await submitted(zoe)
    validation = f"{file_of(own)}/decision/validation"
    async with staff(suite, "ines") as ines, staff(suite, "abel") as abel:
        form = (await ines.open(f"{file_of(own)}/decision")).forms[0]
        await ines.send(form, type="AVIS_LISTE_ATT")
        old = (await ines.open(validation)).forms[0]
        await told(suite, {"applications.decided_by": "two"})
        try:
            page = await ines.open(validation)
            assert page.path == file_of(own) and "c’est à une autre personne de la valider" in page.words
            assert validation not in page.links
            refused = await ines.send(old)
            assert refused.status == 403 and "Une autre personne doit valider" in refused.words
            assert "c’est à une autre personne" not in (await abel.open(file_of(own))).words
            page = await abel.send((await abel.open(validation)).forms[0])
            assert page.path == file_of(own) and "Validée le 1er février 2027" in page.words
        finally:
            await told(suite, {"applications.decided_by": "one"})


async def test_the_institution_says_what_it_calls_decisions_and_candidates_read_it(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 123: on the pages of both, and in the mail."""
    own = await submitted(zoe)
    types = ["PLEIN | unfavourable | Refus faute de places | No places left | appeal", "OUI | favourable | Admission"]
    await told(suite, {"applications.decision_types": types})
    try:
        async with staff(suite, "nour") as nour:
            page = await nour.open(f"{file_of(own)}/decision")
            assert "Liste complémentaire" not in page.words
            page = await nour.send(page.forms[0], type="PLEIN", reason="20 places")
            assert page.path == file_of(own) and "Refus faute de places" in page.words
            await told(suite, {"applications.decision_types": types[1:]})
            page = await nour.send((await nour.open(f"{file_of(own)}/decision/validation")).forms[0])
            assert page.status == 200 and "Refus faute de places" in page.words
        own = await zoe.open(own.path)
        for words in ("Refus faute de places", "Contester la décision", "devant le tribunal administratif"):
            assert words in own.words, words
        async with asyncio.timeout(120):
            while "Refus faute de places" not in (mail := await mail_to(suite, zoe.email)):
                await asyncio.sleep(0.05)
        assert "devant le tribunal administratif" in " ".join(mail.split())
    finally:
        await told(suite, {"applications.decision_types": list(SHIPPED)})


async def told(suite: Suite, given: dict[str, str | list[str]]) -> None:
    """`parvis parameters set`."""
    ports = suite.service("offers").service.ports
    command = CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR)
    await set_parameters(ports, given, command=command, expected=None, dry_run=False)
    await suite.settle()


async def test_a_member_of_a_commission_enters_and_does_not_validate(suite: Suite, zoe: Uploader) -> None:
    own = await submitted(zoe)
    async with staff(suite, "lise") as lise, staff(suite, "jury", Grant(Role.COMMISSION)) as member:
        page = await lise.open(f"{file_of(own)}/etat")
        await lise.send(page.forms[0], state="complete")
        page = await member.open(f"{file_of(own)}/decision")
        page = await member.send(page.forms[0], type="AVIS_LISTE_COMP", rank="3")
        assert page.path == file_of(own) and f"{file_of(own)}/decision/validation" not in page.links
        assert (await member.open(f"{file_of(own)}/decision/validation")).address == file_of(own)
        page = await lise.open(f"{file_of(own)}/decision/validation")
        await lise.send(page.forms[0])
    own = await zoe.open(own.path)
    assert "Vous êtes sur la liste complémentaire" in own.words and "Votre rang aujourd’hui 1" in own.words
    assert (
        "Personne n’attend avant vous" in own.words
        and "Toutes les places déjà proposées ont reçu une réponse" in own.words
    )
    await leaves_the_list(zoe, own.path)


async def leaves_the_list(zoe: Uploader, own: str) -> None:
    """Acceptance 91: one is asked once more; it is for ever, also where it is pressed twice."""
    page = await zoe.open(f"{own}/liste")
    assert (
        page.heading == "Quitter la liste complémentaire" and "Vous ne pourrez pas revenir sur ce choix" in page.words
    )
    for _ in range(2):
        done = await zoe.send(page.forms[0])
        assert done.address == own and "Vous avez quitté la liste." in done.words
        assert f"{own}/liste" not in done.links
    assert (await zoe.open(f"{own}/liste")).address == own


async def test_how_many_wait_before_somebody_is_counted_up_to_a_thousand(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 91: of the last rank that is told, and of the next, which is not, nobody counts how far down it is."""
    own = await submitted(zoe)
    async with staff(suite, "rose") as rose:
        page = await rose.open(f"{file_of(own)}/decision")
        await rose.send(page.forms[0], type="AVIS_LISTE_COMP", rank="90000")
        await rose.send((await rose.open(f"{file_of(own)}/decision/validation")).forms[0])
    store, key = suite.service("applications").service.ports.store, "a list of its own"
    row = await store.get("applications", own.path.rpartition("/")[2])
    assert row is not None
    assert await store.replace(
        "applications", row | {"waits_for": key, "version": row["version"] + 1}, version=row["version"]
    )
    before = [{"_id": f"w{rank}", "version": 1, "waits_for": key, "waiting_rank": rank} for rank in range(1001)]
    await store.append("applications", [each | {"rank_key": each["_id"]} for each in before[: MOST_BEFORE - 1]])
    said = plain(await zoe.open(own.path))
    assert f"Votre rang aujourd’hui {MOST_BEFORE} {MOST_BEFORE - 1} personnes attendent avant vous" in said
    for each in before[MOST_BEFORE - 1 :]:
        await store.append("applications", [each | {"rank_key": each["_id"]}])
        said = plain(await zoe.open(own.path))
        assert f"Votre rang aujourd’hui {MOST_BEFORE} personnes ou plus attendent avant vous" in said


async def nothing_comes_of_a_simulation(nina: Uploader, places: str, own: str) -> None:
    """Acceptance 90; ADR 103: who holds a place is chosen, or how many give theirs up; what is refused is kept."""
    page = await nina.open(f"{places}/simulation")
    assert page.heading.endswith("Simuler des désistements") and "Place proposée, réponse attendue" in page.words
    for query in (f"f={own}", "n=1"):
        page = await nina.open(f"{places}/simulation?{query}")
        said = plain(page)
        assert "Avec 1 désistement" in said and "1 place ne serait pas proposée. Plus personne n’attend" in said
    assert 'value="1"' in page.html
    for query, words in (
        ("n=201", "Vous pouvez simuler 200 désistements au plus"),
        ("n=deux", "nombre"),
        (f"n=1&f={own}", "mais pas les deux"),
        ("f=nobody", "n’a pas, ou n’a plus, de place"),
    ):
        wrong = await nina.open(f"{places}/simulation?{query}")
        assert wrong.status == 422 and words in wrong.words, (query, wrong.words)
        assert {"#n", "#f"} & set(wrong.links)
    assert "Places proposées, sans réponse 1" in plain(await nina.open(places)), "nothing has come of it"


def plain(page: Page) -> str:
    """The words of a page, one space between each two."""
    return " ".join(page.words.split())


async def test_staff_offer_a_place_to_who_is_next_on_the_list(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 89-91: they see who that is before, and until when; the last day of the list is held to."""
    own = await submitted(zoe)
    async with staff(suite, "nina") as nina:
        page = await nina.open(f"{file_of(own)}/decision")
        under = {"condition-1-text": "Obtenir la licence"}
        await nina.send(page.forms[0], type="AVIS_LISTE_COMP", rank="7", **under)
        page = await nina.send((await nina.open(f"{file_of(own)}/decision/validation")).forms[0])
        (places,) = {link for link in page.links if link.endswith("/places")}
        waits = plain(await zoe.open(own.path))
        assert "votre admission dépendra de ces conditions. Obtenir la licence" in waits and "À remplir" not in waits
        page = await nina.open(places)
        assert page.heading.endswith("Places et liste complémentaire")
        assert "Personnes qui attendent 1" in plain(page) and file_of(own) in page.links
        page = await nina.open(f"{places}/arret")
        wrong = await nina.send(page.forms[0], **on_day("promotes_until", "31", "2", "2027"))
        assert wrong.status == 422 and "#promotes_until" in wrong.links
        past = await nina.send(wrong.forms[0], **on_day("promotes_until", "31", "1", "2027"))
        assert past.status == 422 and "Choisissez aujourd’hui ou un jour à venir" in past.words
        page = await nina.send(past.forms[0], **on_day("promotes_until", "28", "2", "2027"))
        assert page.path == places and "Dernier jour de la liste 28 février 2027" in plain(page)
        late = await nina.send(past.forms[0], **on_day("promotes_until", "27", "2", "2027"))
        assert late.status == 412 and "Dernier jour de la liste 28 février 2027" in plain(await nina.open(places))
        page = await nina.send((await nina.open(f"{places}/arret")).forms[0], **on_day("promotes_until", "", "", ""))
        assert "Dernier jour de la liste aucun" in plain(page)
        page = await nina.open(f"{places}/proposition")
        assert "La prochaine place est pour" in page.words and "rang décidé 7" in page.words
        for _ in range(2):
            done = await nina.send(page.forms[0])
            assert done.path == places and "Personne n’attend de place" in done.words
        await nothing_comes_of_a_simulation(nina, places, own.path.rpartition("/")[2])
    own = await zoe.open(own.path)
    assert f"{own.path}/reponse" in own.links and "Votre admission sera définitive quand" in own.words
    async with asyncio.timeout(120):
        while "une place s’est libérée et elle vous est proposée, sous conditions" not in " ".join(
            (await mail_to(suite, zoe.email)).split()
        ):
            await asyncio.sleep(0.05)

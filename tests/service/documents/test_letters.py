"""Letters as PDF: when there is one, what it says, to whom, and that it stays what it was (acceptance 86)."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import pikepdf

from services.chassis.testing import Suite
from services.contracts.events.accounts import AccountErased, AddressPart
from services.contracts.events.letter_parts import ConditionPart, LetterPart
from services.contracts.events.offers import TextPart
from services.documents.domain.states import State
from tests.parameters import hear
from tests.service.documents.client import events, get, keys, paper, rows, tell, words
from tests.service.documents.given import APPLICATION, card, changed, submitted
from tests.service.documents.test_staff_reading import noted, read

DECIDED: dict[str, Any] = {"decision": "d1", "decided_at": "2027-03-01T09:00:00.000Z"}
ADMITTED = LetterPart(kind="admission", **DECIDED, accepted_at="2027-03-02T23:30:00.000Z")
REJECTED = LetterPart(kind="rejection", **DECIDED, reason="Le *niveau* en #calcul.")


async def told(suite: Suite, letter: LetterPart | None = ADMITTED, *, decision: str = "d1") -> None:
    """Ann's file is decided on, with this letter or without."""
    letter = None if letter is None else letter.model_copy(update={"decision": decision})
    await tell(suite, changed(state="complete", submission=submitted(), letter=letter))


async def test_the_letter_of_admission_says_who_where_and_when(suite: Suite) -> None:
    """Days are those of the institution's zone."""
    await hear(suite, {"institution.name": "Université de l’Été", "institution.sign_off": "La direction"})
    await told(suite)
    status, pdf, headers = await paper(suite, "letter")
    assert status == 200
    assert (headers["Content-Type"], headers["Content-Length"]) == ("application/pdf", str(len(pdf)))
    assert 'filename="lettre-d-admission-AB12CD34-M1-MER.pdf"' in headers["Content-Disposition"]
    said = words(pdf)
    for each in (
        "Université de l’Été",
        "Lettre d’admission",
        "Ann Müller-L’Hôte",
        "66000 Perpignan",
        "Sciences de la mer",
        "Master 1, UFR SEE",
        "AB12CD34",
        "2027",
        "1er mars 2027",
        "Vous avez confirmé votre candidature le 3 mars 2027.",
        "La direction",
    ):
        assert each in said, each
    assert "{" not in said
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.Root.MarkInfo.Marked and opened.Root.Lang == "fr"
        assert opened.open_metadata()["pdfuaid:part"] == "1"
        assert str(opened.docinfo["/CreationDate"]).startswith("D:20270302233000")


async def test_the_letter_of_who_is_admitted_under_conditions_names_them_and_another_one_says_that_they_are_met(
    suite: Suite,
) -> None:
    """Whatever the institution's own words say."""
    degree = ConditionPart(label=TextPart(fr="Obtenir la licence"), until="2027-09-30")
    language = ConditionPart(label=TextPart(fr="Niveau B2 en français", en="Level B2 in French"))
    conditional = ADMITTED.model_copy(update={"conditions": [degree, language], "final": False})
    await told(suite, conditional)
    said = words((await paper(suite, "letter"))[1])
    for each in ("Admission sous condition (1)", "Obtenir la licence, au plus tard le 30 septembre 2027", "Niveau B2"):
        assert each in said, each
    await told(suite, conditional.model_copy(update={"final": True}))
    said = words((await paper(suite, "letter"))[1])
    assert "Condition remplie (2)" in said and "sous condition" not in said


async def test_the_letter_of_rejection_gives_the_reason_as_it_was_typed(suite: Suite) -> None:
    await told(suite, REJECTED)
    status, pdf, headers = await paper(suite, "letter", language="en")
    assert (status, headers["Content-Language"]) == (200, "en")
    assert "Reason for the decision: Le *niveau* en #calcul." in words(pdf)
    assert "accepted" not in words(pdf)
    assert "FRANCE" not in words(pdf)


async def test_a_letter_abroad_names_the_country_last(suite: Suite) -> None:
    sent = submitted()
    abroad = AddressPart(lines=["Hauptstraße 1"], city="Freiburg", country="DE", postcode="79098")
    sent = sent.model_copy(update={"profile": sent.profile.model_copy(update={"address": abroad})})
    await tell(suite, changed(state="complete", submission=sent, letter=REJECTED))
    lines = words((await paper(suite, "letter"))[1])
    assert "79098 Freiburg ALLEMAGNE" in " ".join(lines.split())


async def test_who_was_offered_a_place_without_having_submitted_has_a_letter_by_the_profile_as_it_stands(
    suite: Suite,
) -> None:
    """Acceptance 47."""
    await tell(suite, changed(state="complete", letter=ADMITTED))
    status, body, _ = await paper(suite, "letter")
    assert (status, json.loads(body)["slug"]) == (503, "busy"), "the profile is not heard yet"
    await tell(suite, card(), service="accounts")
    status, pdf, _ = await paper(suite, "letter")
    assert (status, "Ann Müller-L’Hôte" in words(pdf)) == (200, True)


async def test_there_is_none_before_the_place_is_accepted_and_after_it_is_given_up(suite: Suite) -> None:
    """What was downloaded before is not given out by another way either."""
    assert (await paper(suite, "letter"))[0] == 404
    for letter, status in ((None, 409), (ADMITTED, 200), (None, 409)):
        await told(suite, letter)
        found, body, _ = await paper(suite, "letter")
        assert found == status
        assert status == 200 or b'"no-letter"' in body
    (row,) = await rows(suite)
    assert (await get(suite, row["_id"]))[0] == 404
    assert (await read(suite, f"documents/{row['_id']}", {"role": "manager"}))[0] == 404
    async with suite.client.get("/api/documents/documents", headers=suite.bearer("ann")) as response:
        assert (await response.json())["items"] == []


async def test_it_is_made_once_and_stays_the_same_whatever_changes(suite: Suite) -> None:
    """Also where two ask for it at once; each language has its own, and so has each decision."""
    await told(suite)
    path = f"applications/{APPLICATION}/letter.pdf"
    (status, first, _), of_staff = await asyncio.gather(paper(suite, "letter"), read(suite, path, {"role": "manager"}))
    assert (status, of_staff) == (200, (200, first))
    assert len(await rows(suite)) == len(await keys(suite)) == 1
    await hear(suite, {"institution.name": "Université renommée"})
    assert (await paper(suite, "letter"))[1] == first
    assert b"%PDF-" in (await paper(suite, "letter", language="en"))[1]
    await told(suite, decision="d2")
    assert "Université renommée" in words((await paper(suite, "letter"))[1])
    assert len(await rows(suite)) == 3
    assert await events(suite) == [], "nobody is told of letters"


async def test_staff_within_reach_read_it_which_is_noted_and_others_do_not(suite: Suite) -> None:
    """Acceptance 62, 92, 94."""
    await told(suite)
    path = f"applications/{APPLICATION}/letter.pdf"
    assert (await paper(suite, "letter", account="eve"))[0] == 404
    assert (await read(suite, path, {"role": "manager", "centres": ["OTHER"]}))[0] == 404
    assert (await read(suite, path, {"role": "administrator"}))[0] == 403
    assert (await read(suite, path, {"role": "manager"}))[1] == (await paper(suite, "letter"))[1]
    assert await noted(suite) == [("staff:kim", "ann", f"letter:{APPLICATION}")]


async def test_it_goes_with_the_person(suite: Suite) -> None:
    await told(suite)
    assert (await paper(suite, "letter"))[0] == 200
    await tell(suite, AccountErased(account="ann", campaign="2027"), service="accounts")
    assert await keys(suite) == []
    assert [row["state"] for row in await rows(suite)] == [State.ERASED.value]
    assert (await paper(suite, "letter"))[0] == 404

"""A centre writes the words of its letters, which count before the institution's for the programmes that it has today."""

from __future__ import annotations

from typing import Any

from services.chassis.testing import Suite
from services.contracts.events.offers import ProgrammeChanged, ProgrammePublished
from services.documents.domain.letter import MOST
from services.documents.repository.letter_texts import LETTER_TEXTS
from tests.service.documents.client import paper, tell, words
from tests.service.documents.test_letter_texts import ONE, TEXTS, ask
from tests.service.documents.test_letters import told
from tests.service.documents.test_signatures import SAMPLE, sample
from tests.service.documents.test_staff_reading import programme

ALL = "/api/documents/letter-templates"
SEE = [{"role": "manager", "centres": ["SEE"]}]
CENTRES = TEXTS | {"body": "Bienvenue à {centre}, {name}."}
"""Words of a centre: TEXTS are the institution's."""


async def counts(suite: Suite, decision: str) -> str:
    """The words of the letter of another decision on Ann's file."""
    await told(suite, decision=decision)
    return words((await paper(suite, "letter"))[1])


async def test_words_of_a_centre_count_before_those_of_all_and_letters_that_are_made_stay(suite: Suite) -> None:
    await tell(suite, ProgrammePublished(code="M1-MER", programme=programme()), service="offers")
    assert (await ask(suite, "PUT", json=TEXTS))[1]["level"] == "institution"
    shown = (await ask(suite, "GET", f"{ALL}?centre=SEE", SEE))[1]
    first = shown["items"][0]
    assert (first["level"], first["own"], first["version"], first["title"]) == ("institution", False, 0, TEXTS["title"])
    assert (shown["items"][1]["level"], shown["centres"]) == ("shipped", [])
    assert "À bientôt." in await counts(suite, "d1")
    before = (await paper(suite, "letter"))[1]
    status, shown, headers = await ask(suite, "PUT", f"{ONE}?centre=SEE", SEE, json=CENTRES)
    assert (status, shown["level"], shown["own"], shown["version"], headers["etag"]) == (200, "centre", True, 1, '"1"')
    assert (shown["centre"], shown["changed_by"]) == ("SEE", "staff:kim")
    assert (await paper(suite, "letter"))[1] == before
    assert "Bienvenue à UFR SEE" in await counts(suite, "d2")
    listed = (await ask(suite, "GET", ALL))[1]
    assert (listed["centres"], listed["items"][0]["title"]) == (["SEE"], TEXTS["title"])
    status, shown, _ = await ask(suite, "DELETE", f"{ONE}?centre=SEE", SEE)
    assert (shown["level"], shown["own"], shown["version"], shown["title"]) == ("institution", False, 2, TEXTS["title"])
    assert (await ask(suite, "GET", ALL))[1]["centres"] == []
    assert "À bientôt." in await counts(suite, "d3")


async def test_a_programme_takes_the_words_of_the_centre_that_it_has_moved_to(suite: Suite) -> None:
    """Those of a centre that has no programme any more count for nobody, and can still be taken back."""
    await tell(suite, ProgrammePublished(code="M1-MER", programme=programme()), service="offers")
    await ask(suite, "PUT", f"{ONE}?centre=SEE", SEE, json=CENTRES)
    moved = ProgrammeChanged(code="M1-MER", programme=programme(2, centre="DROIT"))
    await tell(suite, moved, service="offers")
    assert "plaisir" in await counts(suite, "d1")
    assert (await ask(suite, "PUT", f"{ONE}?centre=DROIT", json=CENTRES))[0] == 200
    assert "Bienvenue" in await counts(suite, "d2")
    assert (await ask(suite, "GET", ALL))[1]["centres"] == ["DROIT", "SEE"]
    assert (await ask(suite, "DELETE", f"{ONE}?centre=SEE"))[1]["level"] == "shipped"


async def test_a_preview_is_of_a_programme_of_that_centre(suite: Suite) -> None:
    """What is not known of a centre is no other one's; boards look at their letters in the words of their centre."""
    preview = f"{ONE}/preview?centre=SEE"
    made = words((await ask(suite, "POST", preview, SEE, json=CENTRES))[1])
    assert "Bienvenue à SEE, Camille Martin." in made and "Faculté" not in made
    await tell(suite, ProgrammePublished(code="M1-DROIT", programme=programme()), service="offers")
    made = words((await ask(suite, "POST", preview, SEE, json=CENTRES))[1])
    told_of = programme()
    assert f"Bienvenue à {told_of.centre.label}, Camille Martin." in made and told_of.title.fr in made
    assert (await ask(suite, "GET", ALL))[1]["centres"] == [], "nothing is kept"
    await ask(suite, "PUT", f"{ONE}?centre=SEE", SEE, json=CENTRES)
    assert "Bienvenue" in words((await sample(suite, centre="SEE"))[1])
    assert "plaisir" in words((await sample(suite))[1])
    asked: dict[str, Any] = {"json": {"commission": "JURY", "centre": "DROIT"}}
    assert (await ask(suite, "POST", SAMPLE, SEE, **asked))[0] == 404


async def test_only_who_has_all_of_a_centre_writes_its_words(suite: Suite) -> None:
    asked = (("GET", ALL), ("PUT", ONE), ("DELETE", ONE), ("POST", f"{ONE}/preview"))
    beyond = [{"role": "manager", "centres": ["DROIT"]}, {"role": "admin", "centres": ["SEE"], "commissions": ["JURY"]}]
    for method, path in asked:
        body = {"json": CENTRES} if method in ("PUT", "POST") else {}
        for role in ("registrar", "commission", "support"):
            assert (await ask(suite, method, f"{path}?centre=SEE", [{"role": role}], **body))[0] == 403
        assert (await ask(suite, method, f"{path}?centre=SEE", beyond, **body))[0] == 404
        assert (await ask(suite, method, f"{path}?centre=../x", **body))[0] == 422
    for grants in ([{"role": "admin", "centres": ["SEE"]}], [{"role": "manager"}]):
        assert (await ask(suite, "PUT", f"{ONE}?centre=SEE", grants, json=CENTRES))[0] == 200


async def test_there_is_an_end_to_their_number(suite: Suite) -> None:
    """What is there already is written all the same, and so are the institution's own."""
    store = suite.service("documents").service.ports.store
    row = {"version": 1, "schema": 1, "meta": {}, "outbox": []}
    await store.append(LETTER_TEXTS.name, [{"_id": f"admission.fr.C{number}", **row} for number in range(MOST - 1)])
    assert (await ask(suite, "PUT", f"{ONE}?centre=SEE", SEE, json=CENTRES))[0] == 200
    refused = await ask(suite, "PUT", f"{ONE}?centre=DROIT", json=CENTRES)
    assert (refused[0], refused[1]["slug"]) == (409, "too-many-letter-texts")
    assert (await ask(suite, "PUT", f"{ONE}?centre=SEE", SEE, json=TEXTS))[1]["version"] == 2
    assert (await ask(suite, "DELETE", f"{ONE}?centre=DROIT"))[0] == 200
    assert (await ask(suite, "PUT", json=TEXTS))[0] == 200

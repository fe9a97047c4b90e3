"""Minutes of meetings as PDF: what they say, to whom, and that they stay what they were (ADR 102)."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Final

import pikepdf

from services.chassis.testing import Suite
from services.contracts.events.commissions import AlertsPart, CommissionChanged, LettersPart
from services.contracts.events.meetings import MeetingClosed
from services.contracts.events.offers import ProgrammePublished, TextPart
from services.documents.domain.states import State
from tests.service.documents.client import keys, rows, tell, words
from tests.service.documents.test_staff_reading import EVERYWHERE, programme

MEETING: Final = "0123456789abcdef0123456789"
JURY: Final[Mapping[str, Any]] = {"role": "commission", "commissions": ["JURY"]}
LINES: Final[list[dict[str, Any]]] = [
    {"number": "AA11BB22", "kind": "unfavourable", "label": {"fr": "Défavorable"}, "reason": {"fr": "Le *niveau*."}},
    {"number": "CC33DD44", "kind": "ranked_waitlist", "label": {"fr": "Liste complémentaire"}, "rank": 2},
    {"number": "EE55FF66", "kind": "ranked_waitlist", "label": {"fr": "Liste complémentaire"}, "rank": 1},
    {
        "number": "GG77HH88",
        "kind": "favourable",
        "label": {"fr": "Favorable", "en": "Favourable"},
        "conditions": [{"fr": "Obtenir la licence"}],
        "votes": {"favourable": 3, "waitlist": 0, "unfavourable": 2, "abstention": 1},
    },
    {"number": "II99JJ00"},
]


def closed(version: int = 1, **changed: Any) -> MeetingClosed:
    """What applications tells of a meeting that is closed."""
    told: dict[str, Any] = {
        "meeting": MEETING,
        "version": version,
        "commission": "JURY",
        "title": "Jury de juin",
        "day": "2027-06-01",
        "time": "14:30",
        "place": "Bâtiment F, salle 12",
        "closed_at": "2027-06-01T15:00:00.000Z",
        "present": ["Ada Lovelace"],
        "absent": ["Bob Morane"],
        "recusals": [{"member": "bob", "name": "Bob Morane", "numbers": ["AA11BB22"]}],
        "programmes": [{"code": "M1-MER", "title": {"fr": "Sciences de la mer"}, "lines": LINES}],
        "voting": {"secret": True, "quorum": 4},
    }
    return MeetingClosed.model_validate(told | changed)


async def board(suite: Suite) -> None:
    """The programme of the meeting, and what its board is called and signed by."""
    await tell(suite, ProgrammePublished(code="M1-MER", programme=programme()), service="offers")
    letters = LettersPart(kinds=["admission"], signatory="Grace Hopper", function="Présidente du jury")
    label = TextPart(fr="Jury du master", en="Board of the master’s degree")
    alerts = AlertsPart(on=[])
    said = CommissionChanged(
        part="commission:JURY", commission="JURY", version=1, label=label, letters=letters, alerts=alerts
    )
    await tell(suite, said, service="offers")


async def read(
    suite: Suite, *grants: Mapping[str, Any], name: str = "kim", language: str = "fr"
) -> tuple[int, bytes, Mapping[str, str]]:
    headers = suite.bearer(name, kind="staff", grants=list(grants)) | {"Accept-Language": language}
    async with suite.client.get(f"/api/documents/meetings/{MEETING}/minutes.pdf", headers=headers) as response:
        return response.status, await response.read(), response.headers


async def test_minutes_say_who_was_there_and_what_was_decided_in_order(suite: Suite) -> None:
    await board(suite)
    assert (await read(suite, EVERYWHERE))[0] == 404
    await tell(suite, closed())
    status, pdf, headers = await read(suite, EVERYWHERE)
    assert (status, headers["Content-Type"]) == (200, "application/pdf")
    assert 'filename="proces-verbal-JURY-2027-06-01.pdf"' in headers["Content-Disposition"]
    said = words(pdf)
    for each in (
        "Jury du master",
        "Jury de juin",
        "1er juin 2027, 14:30",
        "Bâtiment F, salle 12",
        "Ada Lovelace",
        "Bob Morane n’a pas pris part aux dossiers suivants : AA11BB22",
        "Sciences de la mer",
        "Liste complémentaire : 2",
        "Le *niveau*.",
        "Obtenir la licence",
        "à bulletin secret, quorum de 4",
        "Voix : favorables 3, liste d’attente 0, défavorables 2, abstentions 1",
        "Grace Hopper",
        "Présidente du jury",
    ):
        assert each in said, each
    table = said.partition("Sciences de la mer")[2]
    places = [table.index(number) for number in ("GG77HH88", "EE55FF66", "CC33DD44", "AA11BB22", "II99JJ00")]
    assert places == sorted(places)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.Root.Lang == "fr"
        assert opened.open_metadata()["pdfuaid:part"] == "1"
    english = words((await read(suite, EVERYWHERE, language="en"))[1])
    assert "Board of the master’s degree" in english and "Favourable: 1" in english


async def test_they_are_for_who_reaches_the_programmes_and_had_part_in_all_files(suite: Suite) -> None:
    """Acceptance 62, 92: beyond one's reach as if there were none."""
    await board(suite)
    await tell(suite, closed())
    assert (await read(suite, JURY, name="ada"))[0] == 200
    assert (await read(suite, {"role": "manager", "centres": ["SEE"]}))[0] == 200
    for grant in ({"role": "commission", "commissions": ["OTHER"]}, {"role": "manager", "centres": ["LSH"]}):
        assert (await read(suite, grant))[0] == 404
    for role in ("support", "readonly", "admin"):
        assert (await read(suite, {"role": role}))[0] == 403
    status, told, _ = await read(suite, JURY, name="bob")
    assert (status, b'"recused"' in told) == (403, True)
    async with suite.client.get(
        f"/api/documents/meetings/{MEETING}/minutes.pdf", headers=suite.bearer("ann")
    ) as response:
        assert response.status == 403


async def test_they_are_made_once_and_made_anew_only_without_who_is_forgotten(suite: Suite) -> None:
    await board(suite)
    await tell(suite, closed())
    before = (await read(suite, EVERYWHERE))[1]
    await tell(suite, closed(), closed(place="Ailleurs"))  # told again, whatever it says
    assert (await read(suite, JURY, name="ada"))[1] == before
    (kept,) = await keys(suite)
    lines = [{"kind": "unfavourable", "label": {"fr": "Défavorable"}}, *LINES[1:]]
    programmes = [{"code": "M1-MER", "title": {"fr": "Sciences de la mer"}, "lines": lines}]
    await tell(suite, closed(2, programmes=programmes, recusals=[]))
    assert kept not in await keys(suite)
    assert [row["state"] for row in await rows(suite)] == [State.ERASED.value]
    after = words((await read(suite, EVERYWHERE))[1])
    assert "dossier effacé" in after and "Défavorable : 1" in after
    assert not any(gone in after for gone in ("AA11BB22", "niveau", "n’a pas pris part"))
    assert (await read(suite, JURY, name="bob"))[0] == 200

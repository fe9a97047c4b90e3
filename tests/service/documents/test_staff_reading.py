"""Staff read documents and whole files within their reach, which is that of the examination; each time is noted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from services.chassis.testing import Suite
from services.contracts.actors import Role
from services.contracts.events.accounts import AccountErased
from services.contracts.events.applications import PieceDeposited
from services.contracts.events.offers import ProgrammeChanged, ProgrammePart, ProgrammePublished
from services.documents.repository.reads import READS
from tests.parameters import hear
from tests.service.documents.client import stored, tell
from tests.service.documents.given import APPLICATION, changed, slot, submitted
from tests.unit.documents import files

CONTENT: Final = files.pdf(2)
EVERYWHERE: Final[Mapping[str, Any]] = {"role": "manager"}
PAPERS: Final = (f"applications/{APPLICATION}/dossier.pdf", f"applications/{APPLICATION}/receipt.pdf")


def programme(version: int = 1, centre: str = "SEE", commission: str | None = "JURY") -> ProgrammePart:
    """The programme of Ann's file as offers tells it."""
    told: dict[str, Any] = {
        "code": "M1-MER",
        "version": version,
        "campaign": "2027",
        "title": {"fr": "Sciences de la mer"},
        "centre": {"code": centre, "label": centre},
        "diploma": {"code": "M1", "label": "Master 1"},
        "route": "controlled",
        "opens_on": "2027-01-10",
        "closes_on": "2027-03-31",
        "submission_deadline": "2027-04-15",
        "contact": {"email": "see@example.org"},
        "requirements": [],
        "commission": None if commission is None else {"code": commission, "label": commission},
    }
    return ProgrammePart.model_validate(told)


async def deposited(suite: Suite, state: str = "submitted") -> str:
    """A document in Ann's file, whose programme is known."""
    answer = await stored(suite, CONTENT)
    place = {"application": APPLICATION, "account": "ann", "programme": "M1-MER", "campaign": "2027", "piece": "notes"}
    await tell(suite, ProgrammePublished(code="M1-MER", programme=programme()), service="offers")
    await tell(
        suite,
        PieceDeposited(**place, document=answer["document"], sha256=answer["sha256"]),
        changed(state=state, pieces=[slot("notes", answer["document"])], submission=submitted()),
    )
    return str(answer["document"])


async def read(suite: Suite, path: str, *grants: Mapping[str, Any], method: str = "GET") -> tuple[int, bytes]:
    headers = suite.bearer("kim", kind="staff", grants=list(grants))
    async with suite.client.request(method, f"/api/documents/{path}", headers=headers) as response:
        return response.status, await response.read()


async def noted(suite: Suite) -> list[tuple[str, str, str]]:
    rows = await suite.service("documents").service.ports.store.find(READS.name, {}, limit=100)
    return [(row["by"], row["account"], row["what"]) for row in rows]


async def test_a_manager_reads_documents_and_papers_and_each_time_is_noted(suite: Suite) -> None:
    """Acceptance 61, 62, 94."""
    id = await deposited(suite)
    status, body = await read(suite, f"documents/{id}", {"role": "manager", "centres": ["SEE"]})
    assert (status, body) == (200, CONTENT)
    for path in PAPERS:
        status, body = await read(suite, path, {"role": "manager", "commissions": ["JURY"]})
        assert (status, body[:5]) == (200, b"%PDF-")
    assert (await read(suite, f"documents/{id}", EVERYWHERE, method="HEAD"))[0] == 200
    what = [f"document:{id}", f"dossier:{APPLICATION}", f"receipt:{APPLICATION}"]
    assert sorted(await noted(suite)) == [("staff:kim", "ann", each) for each in what]


async def test_what_lies_beyond_a_right_is_not_there(suite: Suite) -> None:
    """Acceptance 62, 92: alike for what is another's and what is nobody's; nothing is noted."""
    id = await deposited(suite)
    unattached = (await stored(suite, files.pdf(3)))["document"]
    everywhere = [f"documents/{'0' * 26}", f"documents/{unattached}", f"applications/{'0' * 26}/dossier.pdf"]
    asked: list[tuple[str, Mapping[str, Any]]] = [(path, EVERYWHERE) for path in everywhere]
    for path in (f"documents/{id}", *PAPERS):
        asked += [
            (path, {"role": "manager", "centres": ["OTHER"]}),
            (path, {"role": "manager", "commissions": ["OTHER"]}),
            (path, {"role": "manager", "centres": ["SEE"], "commissions": ["OTHER"]}),
            (path, {"role": "manager", "centres": []}),
            (path, {"role": "commission"}),
        ]
    answers = {(await read(suite, path, grant))[0] for path, grant in asked}
    assert answers == {404}
    assert (await read(suite, f"documents/{id}", asked[3][1], method="HEAD"))[0] == 404
    assert await noted(suite) == []


@pytest.mark.parametrize(("state", "status"), [("submitted", 404), ("incomplete", 404), ("complete", 200)])
async def test_a_commission_reads_a_file_while_it_is_complete(suite: Suite, state: str, status: int) -> None:
    """Acceptance 77: or in the states that the parameter says."""
    id = await deposited(suite, state)
    for path in (f"documents/{id}", PAPERS[0]):
        assert (await read(suite, path, {"role": "commission", "commissions": ["JURY"]}))[0] == status
        assert (await read(suite, path, {"role": "commission", "commissions": ["OTHER"]}))[0] == 404
    await hear(suite, {"applications.commission_sees": ["submitted", "complete"]})
    by_parameter = 404 if state == "incomplete" else 200
    for path in (f"documents/{id}", PAPERS[0]):
        assert (await read(suite, path, {"role": "commission", "commissions": ["JURY"]}))[0] == by_parameter


async def test_other_roles_read_nothing(suite: Suite) -> None:
    """Acceptance 92."""
    id = await deposited(suite, "complete")
    for path in (f"documents/{id}", *PAPERS):
        for role in Role:
            status, _ = await read(suite, path, {"role": role.value})
            assert status == (200 if role in (Role.MANAGER, Role.COMMISSION) else 403), role
    async with suite.client.get("/api/documents/documents", headers=suite.bearer("kim", kind="staff")) as response:
        assert response.status == 403, "a list of one's own is for who has something"


async def test_it_follows_to_whom_the_programme_belongs_today(suite: Suite) -> None:
    """What is told late changes nothing; of a programme that is not known, only who reaches all reads."""
    id = await deposited(suite)
    moved = ProgrammeChanged(code="M1-MER", programme=programme(2, centre="LLA", commission=None))
    await tell(suite, moved, service="offers")
    await tell(suite, ProgrammePublished(code="M1-MER", programme=programme(1)), service="offers")
    rights: list[tuple[Mapping[str, Any], int]] = [
        ({"role": "manager", "centres": ["SEE"]}, 404),
        ({"role": "manager", "commissions": ["JURY"]}, 404),
        ({"role": "manager", "centres": ["LLA"]}, 200),
    ]
    for grant, status in rights:
        assert (await read(suite, f"documents/{id}", grant))[0] == status
    await tell(suite, changed(programme="UNKNOWN", pieces=[slot("notes", id)]))
    assert (await read(suite, f"documents/{id}", {"role": "manager", "centres": ["LLA"]}))[0] == 404
    assert (await read(suite, f"documents/{id}", EVERYWHERE))[0] == 200


async def test_who_is_gone_is_read_by_nobody_and_no_note_of_it_stays(suite: Suite) -> None:
    id = await deposited(suite)
    assert (await read(suite, f"documents/{id}", EVERYWHERE))[0] == 200
    await tell(suite, AccountErased(account="ann", campaign="2027"), service="accounts")
    for path in (f"documents/{id}", *PAPERS):
        assert (await read(suite, path, EVERYWHERE))[0] == 404
    assert await noted(suite) == []

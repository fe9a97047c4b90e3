"""Every service answers what its OpenAPI document says, whatever it is sent: no 5xx, nothing undocumented, no warning.

One candidate has gone so far that every question has something to be asked about.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from services import SERVICES
from services.chassis import seen
from services.chassis.aggregates import Caused
from services.chassis.clock import FixedClock
from services.chassis.testing import Suite, run_suite
from tests.candidate import Candidate, Mailbox
from tests.contracts.api.conformance import assert_conforms
from tests.unit.chassis.demo import MOMENT


@dataclass
class Scene:
    """A whole suite and a candidate with one submitted application and one draft."""

    suite: Suite
    candidate: Candidate
    mark: str

    programme: str = ""

    def path(self, service: str) -> Mapping[str, str]:
        """Values of path parameters that lead somewhere."""
        ledger = self.candidate.ledger
        known: Mapping[str, Mapping[str, str]] = {
            "offers": {"code": self.programme, "name": "lettre-de-recommandation.pdf"},
            "applications": {"id": ledger.application, "code": next(iter(ledger.pieces))},
            "documents": {"id": next(iter(ledger.documents))},
        }
        return known.get(service, {})

    def given(self, service: str) -> Mapping[str, str]:
        """What stands for values that are too special to be made up."""
        given = {"header.Parvis-Seen": self.mark}
        if service == "documents":
            given["header.X-Filename"] = "cv.pdf"
        return given


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with run_suite(tmp_path / "data", services=SERVICES, clock=FixedClock(MOMENT)) as suite:
        await suite.settle()
        candidate = Candidate(suite.client, suite.url, Mailbox(tmp_path / "data" / "mail"))
        scene = Scene(suite, candidate, seen.write([Caused("any", "elsewhere.fact.v1")], MOMENT))
        await candidate.becomes_known()
        scene.programme = await candidate.finds("energie solaire")
        await candidate.opens(scene.programme)
        await candidate.completes_the_pieces()
        await candidate.submits()
        yield scene


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_answers_as_documented(service: str, scene: Scene, tmp_path: Path) -> None:
    await assert_conforms(
        scene.suite.url,
        service,
        tmp_path,
        headers={"Authorization": f"Bearer {scene.candidate.token}"},
        path=scene.path(service),
        given=scene.given(service),
    )

"""Staff with more programmes in reach than one question to the store takes."""

from __future__ import annotations

import pytest

from services.applications.domain.reach import Reach
from services.applications.domain.states import FileState
from services.applications.wiring import use_cases
from services.chassis.store.query import MAX_IN
from services.contracts.actors import Role
from tests.service.applications.candidate import Candidate, PeerServices


@pytest.mark.parametrize("more", [-2, -1, MAX_IN - 1])
async def test_any_number_of_programmes_may_be_in_reach(peers: PeerServices, zoe: Candidate, more: int) -> None:
    """Acceptance 62, 92: at the limit of one question, one past it, and past that of two."""
    await peers.publish_programme("M1-A")
    ids = [await zoe.opened(code) for code in ("M1-A", "M1-MER")]
    files = use_cases(peers.suite.service("applications").service.ports).applications
    codes = frozenset({"M1-A", "M1-MER", *(f"M1-B{number:04}" for number in range(MAX_IN + more))})
    reach = Reach(Role.MANAGER, codes)
    assert [saved and saved.id for saved in [await files.reached(id, reach) for id in ids]] == ids
    assert await files.reached(ids[1], Reach(Role.MANAGER, codes - {"M1-MER"})) is None
    assert await files.reached(ids[1], Reach(Role.COMMISSION, codes, frozenset({FileState.COMPLETE}))) is None

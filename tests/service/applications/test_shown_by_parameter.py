"""What the institution's parameters show: files to commissions (acceptance 77), route and code to candidates (44)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_decisions import answer, entered
from tests.service.applications.test_enrolment import offered
from tests.service.applications.test_pre_enrolment import hand_over
from tests.service.applications.test_review import Staff, drafted, handed_over

CODE = "ECAB12CD34"


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


async def test_in_which_states_a_commission_sees_a_file_is_a_parameter(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 77: in its list, by its address, for a verdict and for a decision; a draft never."""
    lou = Staff(peers, [{"role": "commission", "centres": ["SEE"]}], "lou")
    id, draft = await handed_over(zoe), await drafted(peers, zoe)

    async def reached() -> list[bool]:
        listed = id in await lou.sees("submitted") + await lou.sees("incomplete") + await lou.sees("complete")
        read = (await lou.ask("GET", f"/{id}")).status
        judged = (await lou.judge(id, "cv", "none", comment="Vu")).status
        assert {read, judged} <= {200, 404}
        return [listed, read == 200, judged == 200]

    for version, (seen, marked, expected) in enumerate(
        (
            (["complete"], None, False),
            (["submitted", "complete"], None, True),
            (["submitted", "complete"], "incomplete", False),
            (["incomplete"], None, True),
            (["incomplete"], "complete", False),
            (["complete"], None, True),
        ),
        1,
    ):
        await hear(peers.suite, {"applications.commission_sees": seen}, version=version)
        if marked is not None:
            assert (await kim.mark(id, marked)).status == 200
        assert await reached() == [expected] * 3, (seen, marked)
        assert (await lou.ask("GET", f"/{draft}")).status == 404
        counted = (await lou.ask("GET", "/counts")).body["items"]
        assert {each["state"] for each in counted} == set(seen)
    await entered(lou, id)


async def test_candidates_are_told_the_route_where_the_parameter_says_so_and_staff_always(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 44: not by itself."""
    await peers.publish_programme("M1-DIRECT", route="direct")
    controlled, direct = await zoe.opened(), await zoe.opened("M1-DIRECT")

    async def told() -> list[Any]:
        listed = (await zoe.ask("GET", "/applications")).body["items"]
        found = [(await zoe.get(id))["route"] for id in (controlled, direct)]
        assert sorted(str(each["route"]) for each in listed) == sorted(map(str, found))
        return found

    assert await told() == [None, None]
    assert [(await kim.ask("GET", f"/{id}")).body["route"] for id in (controlled, direct)] == ["controlled", "direct"]
    await hear(peers.suite, {"applications.route_shown": "yes"})
    assert await told() == ["controlled", "direct"]
    await hear(peers.suite, {}, version=2)
    assert await told() == [None, None]


async def test_candidates_are_told_their_code_where_the_parameter_says_so_and_staff_always(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 44: nowhere in what they are answered; that they are pre-enrolled is no secret (acceptance 87)."""
    id = await offered(zoe, kim)
    accepted = await answer(zoe, id, "accept")
    for reply in (accepted.body, await zoe.get(id), (await zoe.ask("GET", "/applications")).body):
        assert CODE not in json.dumps(reply)
    assert accepted.body["pre_enrolment"]["state"] in ("waiting", "done")
    await hear(peers.suite, {"enrolment.code_shown": "yes"})
    assert (await zoe.get(id))["pre_enrolment"]["code"] == CODE
    await hear(peers.suite, {}, version=2)
    assert (await zoe.get(id))["pre_enrolment"]["code"] is None
    await hand_over(peers)
    assert (await kim.ask("GET", f"/{id}")).body["pre_enrolment"]["code"] == CODE

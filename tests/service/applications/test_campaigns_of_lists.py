"""Lists are those of a campaign, the active one unless another is asked for, and what is closed is examined no more."""

from __future__ import annotations

from services.chassis.clock import FixedClock
from services.contracts.events.offers import CampaignActivated, CampaignClosed
from tests.service.applications.candidate import PeerServices
from tests.service.applications.test_bulk import foreseen, results
from tests.service.applications.test_decisions import complete, enter, entered, validate
from tests.service.applications.test_export import fetched, table
from tests.service.applications.test_lists import Files, person
from tests.service.applications.test_meetings import Board, held, kim
from tests.service.applications.test_review import Staff, handed_over

__all__ = ["kim"]


async def activated(peers: PeerServices, campaign: str, starts_on: str) -> None:
    label = f"Candidatures {campaign}"
    told = CampaignActivated(campaign=campaign, label=label, starts_on=starts_on, ends_on="2029-09-30")
    await peers.suite.publish(told, "offers")
    await peers.suite.settle()


async def two_years(peers: PeerServices, clock: FixedClock) -> Files:
    """Five files of a campaign, then one of the next, whose programme has gone on into it."""
    files = await Files(peers).made(clock)
    await activated(peers, "2027", "2026-12-01")
    clock.advance(seconds=1)
    await peers.suite.publish(CampaignClosed(campaign="2027"), "offers")
    await peers.publish_programme("M1-MER", changed=True, version=2, campaign="2028")
    await activated(peers, "2028", "2027-12-01")
    steps = await person(peers, "eva", "Abel", "Eva", "EE11EE11")
    await peers.candidate("eva", version=2, campaign="2028", file_number="EE11EE11")
    files.names[await handed_over(steps, "M1-MER")] = "eva-sea"
    await peers.suite.settle()
    return files


async def test_a_list_is_that_of_the_active_campaign_and_every_one_is_a_filter_away(
    peers: PeerServices, clock: FixedClock
) -> None:
    """The oldest first begins with this year's, and nothing is hidden without being said."""
    files, kim = await two_years(peers, clock), Staff(peers)
    before = "ana-sea zoe-sea ben-law zoe-bio"
    for query, expected in (
        ({}, "eva-sea"),
        ({"campaign": "2028"}, "eva-sea"),
        ({"campaign": "2027"}, before),
        ({"campaign": "*"}, f"{before} eva-sea"),
        ({"campaign": "*", "sort": "newest"}, "eva-sea zoe-bio ben-law zoe-sea ana-sea"),
        ({"campaign": "*", "programme": "M1-MER"}, "ana-sea zoe-sea eva-sea"),
        ({"programme": "M1-MER"}, "eva-sea"),
        ({"campaign": "2027", "centre": "SEE"}, "ana-sea zoe-sea zoe-bio"),
        ({"campaign": "2027", "state": "draft"}, "ana-draft"),
        ({"state": "draft"}, ""),
        ({"q": "ab1"}, ""),
        ({"q": "ab1", "campaign": "2027"}, "zoe-sea zoe-bio"),
        ({"q": "mer", "campaign": "*", "centre": "SEE"}, "eva-sea ana-sea zoe-sea"),
        ({"q": "mer", "campaign": "2027", "centre": "SEE"}, "ana-sea zoe-sea"),
        ({"account": "zoe"}, "zoe-sea zoe-bio"),
        ({"decision": "none", "campaign": "2027"}, before),
        ({"decision": "none"}, "eva-sea"),
    ):
        found = await files.seen(kim, **query)
        assert sorted(found) == sorted(expected.split()) if "q" in query else found == expected.split(), query
    for query, campaign in (({}, "2028"), ({"campaign": "2027"}, "2027"), ({"campaign": "*"}, None)):
        reply = await kim.ask("GET", "", params=query)
        assert (reply.body["campaign"], {each["campaign"] for each in reply.body["items"]}) == (
            campaign,
            {campaign} if campaign else {"2027", "2028"},
        )
        counted = (await kim.ask("GET", "/counts", params=query)).body["items"]
        submitted = next(each["files"] for each in counted if each["state"] == "submitted")
        assert submitted == len(reply.body["items"])
    rows = table(await fetched(kim, "csv", columns="file_number,campaign"))
    assert rows == [{"N° de dossier": "EE11EE11", "Campagne": "2028"}]
    choices = (await kim.ask("GET", "/choices")).body["campaigns"]
    assert [(each["code"], each["label"], each["over"]) for each in choices] == [
        ("2028", "Candidatures 2028", False),
        ("2027", "Candidatures 2027", True),
    ]
    for wrong, rule in (("2031", "beyond-reach"), ("**", "malformed"), ("x" * 61, "too-long"), ("", "too-short")):
        reply = await kim.ask("GET", "", params={"campaign": wrong})
        assert (reply.status, reply.slug) == (422, "invalid-fields"), wrong
        assert [each["slug"] for each in reply.body["fields"]] == [rule], wrong


async def test_between_two_campaigns_lists_stay_those_of_the_last(peers: PeerServices, clock: FixedClock) -> None:
    files, kim = await two_years(peers, clock), Staff(peers)
    await peers.suite.publish(CampaignClosed(campaign="2028"), "offers")
    await peers.suite.settle()
    assert await files.seen(kim) == ["eva-sea"]


async def test_of_who_applied_in_a_closed_campaign_nothing_more_is_asked(
    peers: PeerServices, clock: FixedClock
) -> None:
    """ADR 128: one by one and in bulk; a decision that counts is corrected, and what is kept beside goes on."""
    await peers.publish_programme("M1-MER")
    zoe = await person(peers, "zoe", "Müller-L’Hôte", "Zoé", "AB12CD34")
    ana = await person(peers, "ana", "Martin", "Ana", "ZZ99ZZ99")
    kim = Staff(peers)
    decided, other = await complete(zoe, kim), await handed_over(ana, "M1-MER")
    assert (await validate(kim, decided, await entered(kim, decided))).status == 200
    assert (await kim.judge(other, "cv", "validated")).status == 200
    await peers.suite.publish(CampaignClosed(campaign="2027"), "offers")
    await peers.suite.settle()
    before = await kim.ask("GET", f"/{other}")
    assert before.body["campaign_over"] is True
    for reply in (
        await kim.judge(other, "letter", "validated"),
        await kim.mark(other, "complete"),
        await kim.mark(other, "incomplete", submission_deadline="2027-04-02"),
        await kim.ask("POST", f"/{other}/reopening", json={"reason": "Par erreur"}),
        await enter(kim, other),
    ):
        assert (reply.status, reply.slug) == (409, "campaign-closed"), reply.body
        assert "campagne" in reply.body["title"]
    assert (await kim.ask("GET", f"/{other}")).body["version"] == before.body["version"]
    for action, args in (("mark_complete", {}), ("enter_decision", {"decision": {"kind": "favourable"}})):
        preview = await foreseen(kim, action, [other], args=args)
        assert results(preview) == [("refused", "campaign-closed")], action
    assert (await kim.ask("POST", f"/{other}/notes", json={"text": "Dossier papier rendu"})).status == 200
    corrected = await entered(kim, decided, "unfavourable", reason="Recours")
    assert (await validate(kim, decided, corrected)).status == 200
    assert (await kim.ask("GET", f"/{decided}")).body["decision"]["kind"] == "unfavourable"


async def test_nor_does_what_a_meeting_has_found_come_to_be_entered(peers: PeerServices, kim: Board) -> None:
    zoe = await person(peers, "zoe", "Müller-L’Hôte", "Zoé", "AB12CD34")
    meeting = await held(kim, id := await complete(zoe, kim))
    await peers.suite.publish(CampaignClosed(campaign="2027"), "offers")
    await peers.suite.settle()
    outcome = {"programme": "M1-MER", "items": [{"file": id, "kind": "favourable"}], "first_rank": 1}
    (came,) = (await kim.good("POST", f"/{meeting}/outcome", json=outcome))["items"]
    assert (came["result"], came["refusal"]["slug"]) == ("refused", "campaign-closed")
    assert (await kim.ask("GET", f"/{id}")).body["entered_decision"] is None

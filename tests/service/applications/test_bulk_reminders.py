"""Staff remind many candidates at once of what their files lack: what would come of it is told first."""

from __future__ import annotations

from services.contracts.events.accounts import AccountErased, AccountExpired, AddressChanged
from services.contracts.languages import Language
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_bulk import NOBODYS, bulk, foreseen, results
from tests.service.applications.test_closed_accounts import close
from tests.service.applications.test_lists import SEA, person
from tests.service.applications.test_review import Staff, drafted, handed_over, set_to

FORM = {"code": "plans", "label": {"fr": "Projet"}, "url": "https://survey.example/1", "required": True}


async def writes_to(peers: PeerServices, account: str, language: Language) -> None:
    said = {"file_number": "AB12CD34", "email": f"{account}@example.org", "family_name": "M", "given_name": "Z"}
    await peers.suite.publish(AddressChanged(account=account, language=language, **said), "accounts")
    await peers.suite.settle()


async def test_who_is_reminded_in_which_language_and_who_is_not_and_why(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 62, 76, 93, 94: the preview, the act, the same again, and what stays as it was."""
    kim, sea = Staff(peers), Staff(peers, SEA, "sea")
    ana = await person(peers, "ana", "Martin", "Ana", "ZZ99ZZ99")
    await writes_to(peers, "zoe", "en")
    lacks, done, ready = await zoe.opened(), await handed_over(ana), await drafted(peers, zoe)
    await peers.publish_programme("L1-DROIT", centre={"code": "DROIT", "label": "UFR Droit"})
    law = await zoe.opened("L1-DROIT")
    told, held = len(await peers.events()), await zoe.ask("GET", f"/applications/{lacks}")
    asked, about = [lacks, done, ready, law, NOBODYS], {"about": "pieces"}
    preview = await foreseen(sea, "remind", asked, args=about)
    assert results(preview) == [
        ("changed", None),
        ("refused", "not-in-hands"),
        ("changed", None),
        ("refused", "not-found"),
        ("refused", "not-found"),
    ]
    first = preview["items"][0]
    assert (first["mails"], first["mail_language"]) == (["application-reminded"], "en")
    assert first["before"] == first["after"], "the file stays as it is"
    assert "Réceptionné" in preview["items"][1]["refusal"]["detail"]
    assert len(await peers.events()) == told, "nothing is done yet"
    for _ in range(2):  # sent twice it is done once
        sent = await bulk(sea, "remind", asked, args=about, digest=preview["digest"], key="once")
        assert sent.body == preview | {"dry_run": False}
    reminded = await peers.told("reminded")
    assert [(each["application"], each["about"], each["again"]) for each in reminded] == [
        (lacks, "pieces", False),
        (ready, "pieces", False),
    ]
    assert reminded[0]["awaited"] == ["cv", "letter", "b2"] and reminded[0]["submission_deadline"] == "2027-04-15"
    trail = (await kim.ask("GET", f"/{lacks}/audit")).body["items"]
    assert [trail[-1][name] for name in ("action", "actor", "mail")] == ["remind_of_pieces", "staff:sea", True]
    # What the candidate read before is not stale: they go on where they were.
    given = await zoe.ask(
        "PUT",
        f"/applications/{lacks}/pieces/b2/not-applicable",
        headers={"If-Match": held.headers["ETag"]},
    )
    assert given.status == 200, given.body
    again = await foreseen(sea, "remind", [lacks, ready], args=about)
    assert results(again) == [("refused", "reminded-today")] * 2
    other = await foreseen(sea, "remind", [lacks], args={"about": "submission"})
    assert results(other) == [("refused", "reminded-today")], "it would say the same"
    assert results(await foreseen(sea, "remind", [lacks], args={"about": "forms"})) == [("refused", "nothing-missing")]
    peers.clock.advance(seconds=86400)
    assert results(await foreseen(sea, "remind", [lacks], args=about)) == [("changed", None)], "another day"


async def test_a_reminder_goes_only_where_it_is_of_use(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 76: not behind the last day, not to a closed account, and what is asked is checked."""
    kim = Staff(peers)
    await peers.publish_programme("M1-MER", changed=True, version=2, forms=[FORM])
    id = await zoe.opened()
    digest = (await foreseen(kim, "remind", [id], args={"about": "forms"}))["digest"]
    stale = await bulk(kim, "remind", [id], args={"about": "pieces"}, digest=digest)
    assert stale.slug == "premises-changed", "another kind was foreseen"
    for args, field, slug in (
        ({}, "args.about", "required"),
        ({"about": "all"}, "args.about", "unknown-choice"),
        ({"about": "forms", "reason": "?"}, "args.reason", "unknown-field"),
    ):
        refused = await bulk(kim, "remind", [id], args=args, dry_run=True)
        assert refused.status == 422, refused.body
        assert [each["field"] for each in refused.body["fields"]] == [field], slug
    board = Staff(peers, [{"role": "commission"}])
    assert (await bulk(board, "remind", [id], args={"about": "forms"}, dry_run=True)).status == 403
    await close(peers, kept="lea")
    assert results(await foreseen(kim, "remind", [id], args={"about": "forms"})) == [
        ("refused", "candidate-account-closed")
    ]
    await close(peers, kept=None)
    assert (await bulk(kim, "remind", [id], args={"about": "forms"}, digest=digest)).body["changed"] == 1
    assert (await peers.told("reminded"))[0]["awaited_forms"] == ["plans"]
    for after, result in ((0, ("changed", None)), (1, ("refused", "deadline-passed"))):
        set_to(peers.clock, peers.clock.now().replace(year=2027, month=4, day=15 + after, hour=12))
        assert results(await foreseen(kim, "remind", [id], args={"about": "forms"})) == [result]


async def test_in_which_language_one_is_written_to_is_forgotten_with_them(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 21."""
    await writes_to(peers, "zoe", "en")
    store = peers.suite.service("applications").service.ports.store
    assert (await store.get("readers", "zoe") or {})["language"] == "en"
    await writes_to(peers, "newcomer", "en")
    await peers.suite.publish(AccountExpired(account="newcomer", campaign="2027"), "accounts")
    await peers.suite.publish(AccountErased(account="zoe", campaign="2027"), "accounts")
    await peers.suite.settle()
    assert "language" not in (await store.get("readers", "zoe") or {})
    assert "language" not in (await store.get("readers", "newcomer") or {}), "who never confirmed an address"
    await writes_to(peers, "zoe", "en")
    assert "language" not in (await store.get("readers", "zoe") or {}), "late news bring nothing back"

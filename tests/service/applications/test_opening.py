"""Opening, listing, reading and cancelling over HTTP."""

import asyncio
from datetime import UTC, datetime

import pytest

from services.chassis.clock import FixedClock
from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices


async def test_an_application_is_opened_and_shown(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 42."""
    reply = await zoe.apply()
    assert reply.status == 201
    assert reply.headers["Location"] == f"/api/applications/applications/{reply.body['id']}"
    shown = reply.body
    assert (shown["state"], shown["state_label"], shown["decision"], shown["decision_label"]) == (
        "draft",
        "En attente",
        None,
        "Pas encore de décision",
    )
    assert shown["programme"] == {
        "code": "M1-MER",
        "title": "Sciences de la mer",
        "centre": "UFR SEE",
        "diploma": "Master 1",
    }
    assert (shown["submission_deadline"], shown["answer_deadline"]) == ("2027-04-15", "2027-07-01")
    assert shown["contact"]["email"] == "see@example.org"
    assert [(piece["code"], piece["state"], piece["state_label"]) for piece in shown["pieces"]] == [
        ("cv", "awaiting", "En attente"),
        ("letter", "awaiting", "En attente"),
        ("b2", "awaiting", "En attente"),
    ]
    assert shown["pieces"][1]["model_document"] == "/api/offers/models/letter.pdf"
    assert (shown["can_submit"], shown["can_cancel"], shown["can_answer"]) == (False, True, False)
    assert await zoe.get(shown["id"]) == shown
    assert await peers.told("opened") == [
        {
            "application": shown["id"],
            "account": "zoe",
            "programme": "M1-MER",
            "campaign": "2027",
            "submission_deadline": "2027-04-15",
            "by": "candidate",
        }
    ]


async def test_english_is_spoken_to_those_who_ask_for_it(zoe: Candidate) -> None:
    id = await zoe.opened()
    shown = await zoe.get(id, **{"Accept-Language": "en"})
    assert shown["state_label"] == "Draft"
    assert shown["programme"]["title"] == "Marine science"
    assert [block["label"] for block in shown["blocking"]] == ["Piece cv", "Piece letter", "Piece b2"]


async def test_nothing_of_staff_is_shown(zoe: Candidate) -> None:
    """Acceptance 44."""
    shown = await zoe.get(await zoe.opened())
    assert shown["route"] is None, "unless the institution says so"
    assert not {"notes", "tags", "capacity", "slot", "account"} & shown.keys()
    assert not {"route", "capacity"} & shown["programme"].keys()


async def test_without_a_profile_the_missing_steps_are_named_in_order(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 23."""
    nobody = Candidate(peers.suite, "nobody")
    reply = await nobody.apply()
    assert (reply.status, reply.slug) == (409, "profile-incomplete")
    assert reply.body["missing"] == ["identity", "address", "baccalaureate"]
    assert "informations personnelles" in reply.body["detail"]
    half = await peers.candidate("half", missing=("address", "baccalaureate"))
    assert (await half.apply()).body["missing"] == ["address", "baccalaureate"]
    whole = await peers.candidate("half", version=2)
    assert (await whole.apply()).status == 201


async def test_an_older_card_does_not_undo_a_newer_one(peers: PeerServices, zoe: Candidate) -> None:
    await peers.candidate("zoe", version=3)
    await peers.candidate("zoe", version=2, missing=("identity",))
    assert (await zoe.apply()).status == 201


async def test_an_unknown_programme_is_not_found(zoe: Candidate) -> None:
    reply = await zoe.apply("M1-MOON")
    assert (reply.status, reply.slug) == (404, "not-found")


@pytest.mark.parametrize(
    ("moment", "reason", "member"),
    [
        (datetime(2027, 1, 9, 22, 59, 59, tzinfo=UTC), "not-yet-open", {"opens_on": "2027-01-10"}),
        (datetime(2027, 3, 31, 22, 0, 0, tzinfo=UTC), "closed", {"closes_on": "2027-03-31"}),
    ],
    ids=["the last second before", "the first second after"],
)
async def test_outside_the_window_the_reason_is_its_date(
    zoe: Candidate, clock: FixedClock, moment: datetime, reason: str, member: dict[str, str]
) -> None:
    """Acceptance 38, 39: days of the institution's zone, an hour or two ahead of UTC."""
    clock.moment = moment
    reply = await zoe.apply()
    assert (reply.status, reply.slug, reply.body["reason"]) == (409, "programme-closed", reason)
    assert member.items() <= reply.body.items()


@pytest.mark.parametrize(
    "moment",
    [datetime(2027, 1, 9, 23, 0, tzinfo=UTC), datetime(2027, 3, 31, 21, 59, 59, tzinfo=UTC)],
    ids=["the first second", "the last second"],
)
async def test_inside_the_window_applying_works(zoe: Candidate, clock: FixedClock, moment: datetime) -> None:
    """Acceptance 39."""
    clock.moment = moment
    assert (await zoe.apply()).status == 201


async def test_what_has_left_the_catalogue_takes_nobody_until_it_is_back(peers: PeerServices, zoe: Candidate) -> None:
    await peers.withdraw_programme()
    assert (await zoe.apply()).body["reason"] == "withdrawn"
    await peers.publish_programme(version=1, changed=True)
    assert (await zoe.apply()).body["reason"] == "withdrawn"
    await peers.publish_programme(version=3)
    assert (await zoe.apply()).status == 201


async def test_a_withdrawal_of_what_is_not_known_here_does_no_harm(peers: PeerServices, zoe: Candidate) -> None:
    await peers.withdraw_programme("M9")
    assert (await zoe.apply("M9")).slug == "not-found"


async def test_a_programme_that_is_not_offered_takes_nobody(peers: PeerServices, zoe: Candidate) -> None:
    await peers.publish_programme("M2", offered=False)
    assert (await zoe.apply("M2")).body["reason"] == "not-offered"


async def test_an_account_of_another_campaign_is_told_so(peers: PeerServices, zoe: Candidate) -> None:
    old = await peers.candidate("old", campaign="2026")
    assert (await old.apply()).body["reason"] == "other-campaign"


async def test_a_second_active_application_is_refused_until_the_first_is_cancelled(zoe: Candidate) -> None:
    """Acceptance 40."""
    id = await zoe.opened()
    reply = await zoe.apply()
    assert (reply.status, reply.slug) == (409, "already-applied")
    assert (await zoe.ask("POST", f"/applications/{id}/cancellation")).status == 200
    assert (await zoe.apply()).status == 201


async def test_two_tabs_open_one_application(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 40."""
    replies = await asyncio.gather(*(zoe.apply() for _ in range(20)))
    assert sorted(reply.status for reply in replies) == [201] + [409] * 19
    assert {reply.slug for reply in replies if reply.status == 409} == {"already-applied"}
    assert len(await peers.told("opened")) == 1


async def test_one_key_opens_one_application_however_often_it_is_sent(peers: PeerServices, zoe: Candidate) -> None:
    replies = await asyncio.gather(*(zoe.apply(**{"Idempotency-Key": "k-1"}) for _ in range(20)))
    assert {(reply.status, reply.body["id"]) for reply in replies} == {(201, replies[0].body["id"])}
    assert len(await peers.told("opened")) == 1
    again = await zoe.apply(**{"Idempotency-Key": "k-1"})
    assert (again.status, again.body) == (201, replies[0].body)
    await peers.publish_programme("M2")
    other = await zoe.apply("M2", **{"Idempotency-Key": "k-1"})
    assert (other.status, other.slug) == (422, "idempotency-key-reused")


async def test_the_retry_of_an_opening_is_answered_after_the_window_has_closed(
    zoe: Candidate, clock: FixedClock
) -> None:
    first = await zoe.apply(**{"Idempotency-Key": "k-1"})
    clock.moment = datetime(2027, 4, 2, tzinfo=UTC)
    again = await zoe.apply(**{"Idempotency-Key": "k-1"})
    assert (again.status, again.body["id"]) == (201, first.body["id"])


async def test_the_same_key_of_two_people_opens_two_applications(peers: PeerServices, zoe: Candidate) -> None:
    ali = await peers.candidate("ali", file_number="EF56GH78")
    first, second = [await person.apply(**{"Idempotency-Key": "k-1"}) for person in (zoe, ali)]
    assert first.body["id"] != second.body["id"]


async def test_twenty_are_the_most_in_one_centre_and_cancelled_ones_do_not_count(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 41."""
    for number in range(21):
        await peers.publish_programme(f"P{number}")
    await peers.publish_programme("ELSEWHERE", centre={"code": "IUT", "label": "IUT"})
    ids = [await zoe.opened(f"P{number}") for number in range(20)]
    reply = await zoe.apply("P20")
    assert (reply.status, reply.slug, reply.body["max"]) == (409, "too-many-applications", 20)
    assert (await zoe.apply("ELSEWHERE")).status == 201
    assert (await zoe.ask("POST", f"/applications/{ids[7]}/cancellation")).status == 200
    assert (await zoe.apply("P20")).status == 201
    assert (await zoe.apply("P7")).slug == "too-many-applications"


async def test_sixty_may_be_opened_in_a_day_whether_or_not_they_are_cancelled(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    """Acceptance 108."""
    ali = await peers.candidate("ali", file_number="EF56GH78")
    first = await zoe.apply(**{"Idempotency-Key": "first"})
    for number in range(60):
        id = first.body["id"] if not number else await zoe.opened()
        assert (await zoe.ask("POST", f"/applications/{id}/cancellation")).status == 200
        clock.advance(seconds=1)
    one_more = await zoe.apply()
    assert (one_more.status, one_more.slug, one_more.body["max"]) == (429, "too-many-openings", 60)
    assert one_more.headers["Retry-After"] == str(24 * 3600 - 60)
    assert (await zoe.apply(**{"Idempotency-Key": "first"})).body["id"] == first.body["id"]
    assert (await ali.apply()).status == 201
    clock.advance(seconds=24 * 3600 - 61)
    assert (await zoe.apply()).status == 429
    clock.advance(seconds=1)
    assert (await zoe.apply()).status == 201
    assert (await zoe.apply()).slug == "too-many-openings"


async def test_cancelled_applications_are_not_read_with_the_one_that_is_open(
    peers: PeerServices, zoe: Candidate
) -> None:
    """What is reusable comes from active ones alone, so reading stays as cheap as it was (acceptance 63, 108)."""
    given = await zoe.opened()
    assert (await zoe.deposit(given, "cv", "doc-1")).status == 200
    await peers.publish_programme("M2")
    second = await zoe.opened("M2")
    applications = peers.suite.service("applications").service.ports.store
    assert [piece["reusable"] for piece in (await zoe.get(second))["pieces"]] == [True, False, False]
    assert (await zoe.ask("POST", f"/applications/{given}/cancellation")).status == 200
    row = await applications.get("applications", given)
    assert row is not None
    unreadable = row | {"state": "of no release", "version": row["version"] + 1}
    assert await applications.replace("applications", unreadable, version=row["version"])
    assert [piece["reusable"] for piece in (await zoe.get(second))["pieces"]] == [False, False, False]


async def in_centres(peers: PeerServices, *codes: str) -> None:
    """Programmes, the first letter of whose code is their centre."""
    for code in codes:
        await peers.publish_programme(code, centre={"code": f"CENTRE-{code[0]}", "label": code[0]})


async def test_the_maximum_may_count_all_centres_together(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 41: establishment mode; what was opened when each centre counted by itself counts too."""
    await in_centres(peers, "A1", "B1", "C1", "D1")
    assert (await zoe.apply("A1")).status == 201
    await hear(peers.suite, {"applications.max_active": 2, "applications.max_active_per": "establishment"})
    assert (await zoe.apply("B1")).status == 201
    third = await zoe.apply("C1")
    assert (third.status, third.slug, third.body["max"]) == (409, "too-many-applications", 2)
    await hear(peers.suite, {"applications.max_active": 2}, version=2)
    assert (await zoe.apply("C1")).status == 201


async def test_a_maximum_below_what_is_open_takes_nothing_away_and_lets_nothing_more_in(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 41: also with free slots below the new maximum; one fewer than it, and one may be opened again."""
    await in_centres(peers, *(f"A{number}" for number in range(5)))
    opened = [await zoe.opened(f"A{number}") for number in range(4)]
    await hear(peers.suite, {"applications.max_active": 2})
    assert [(await zoe.get(id))["state"] for id in opened] == ["draft"] * 4
    for id in opened[:2]:
        assert (await zoe.apply("A4")).body["max"] == 2
        assert (await zoe.ask("POST", f"/applications/{id}/cancellation")).status == 200
    assert (await zoe.apply("A4")).slug == "too-many-applications"
    assert (await zoe.ask("POST", f"/applications/{opened[2]}/cancellation")).status == 200
    assert (await zoe.apply("A4")).status == 201


async def test_an_active_application_bars_another_wherever_the_maximum_counts(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 40, also when the way of counting was changed between the two."""
    assert (await zoe.apply()).status == 201
    await hear(peers.suite, {"applications.max_active_per": "establishment"})
    assert (await zoe.apply()).slug == "already-applied"
    assert (await zoe.apply(**{"Idempotency-Key": "k-1"})).slug == "already-applied"


async def test_so_many_are_opened_within_a_day_as_is_set_now(peers: PeerServices, zoe: Candidate) -> None:
    """At the maximum and one past it."""
    await in_centres(peers, "A1", "A2", "A3", "A4")
    await hear(peers.suite, {"applications.max_openings": 2})
    assert [(await zoe.apply(code)).status for code in ("A1", "A2")] == [201, 201]
    assert (await zoe.apply("A3")).body["max"] == 2
    await hear(peers.suite, {"applications.max_openings": 3}, version=2)
    assert (await zoe.apply("A3")).status == 201
    assert (await zoe.apply("A4")).slug == "too-many-openings"


async def test_the_maximum_holds_when_many_are_opened_at_once(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 41."""
    for number in range(30):
        await peers.publish_programme(f"P{number}")
    replies = await asyncio.gather(*(zoe.apply(f"P{number}") for number in range(30)))
    assert sorted(reply.status for reply in replies) == [201] * 20 + [409] * 10
    assert {reply.slug for reply in replies if reply.status == 409} == {"too-many-applications"}


async def test_a_draft_is_cancelled_once(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 45."""
    id = await zoe.opened()
    first = await zoe.ask("POST", f"/applications/{id}/cancellation")
    assert (first.body["state"], first.body["can_cancel"], first.body["blocking"]) == ("cancelled", False, [])
    assert [past["state"] for past in first.body["history"]] == ["draft", "cancelled"]
    again = await zoe.ask("POST", f"/applications/{id}/cancellation")
    assert (again.status, again.body) == (200, first.body)
    assert len(await peers.told("cancelled")) == 1


async def test_what_was_submitted_is_not_cancelled(zoe: Candidate) -> None:
    id = await zoe.ready()
    await zoe.submit(id)
    reply = await zoe.ask("POST", f"/applications/{id}/cancellation")
    assert (reply.status, reply.slug, reply.body["state"]) == (409, "wrong-state", "submitted")


async def test_a_list_is_read_page_by_page_the_newest_first(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    for number in range(5):
        await peers.publish_programme(f"P{number}")
        await zoe.opened(f"P{number}")
        clock.advance(seconds=number % 2)  # some within the same millisecond
    stranger = await peers.candidate("ali", file_number="EF56GH78")
    await stranger.opened("P0")
    seen, after = [], ""
    while True:
        page = (await zoe.ask("GET", f"/applications?limit=2{after}")).body
        seen += [item["programme"]["code"] for item in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    whole = (await zoe.ask("GET", "/applications")).body
    assert sorted(seen) == [f"P{number}" for number in range(5)]
    assert seen == [item["programme"]["code"] for item in whole["items"]]
    assert seen[0] == "P4"
    assert whole["next"] is None
    assert whole["items"][0] == await zoe.get(whole["items"][0]["id"])


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=ten", "after=x", "after=", "sort=state"])
async def test_a_page_that_cannot_be_is_refused(zoe: Candidate, query: str) -> None:
    reply = await zoe.ask("GET", f"/applications?{query}")
    assert (reply.status, reply.slug) == (422, "invalid-fields")


async def test_a_page_may_have_two_hundred(zoe: Candidate) -> None:
    assert (await zoe.ask("GET", "/applications?limit=200")).status == 200


async def test_a_foreign_application_is_the_same_as_none(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 62."""
    id = await zoe.ready()
    ali = await peers.candidate("ali", file_number="EF56GH78")
    nowhere = "0" * 26
    calls = [
        ("GET", "", None),
        ("GET", "/receipt", None),
        ("POST", "/submission", None),
        ("POST", "/cancellation", None),
        ("PUT", "/pieces/cv", {"receipt": ali.receipt("doc-1")}),
        ("DELETE", "/pieces/cv", None),
        ("PUT", "/pieces/b2/not-applicable", None),
        ("DELETE", "/pieces/b2/not-applicable", None),
        ("PUT", "/pieces/cv/reuse", None),
    ]
    before = await zoe.get(id)
    for method, path, body in calls:
        request = {"json": body} if body else {}
        foreign = await ali.ask(method, f"/applications/{id}{path}", **request)
        unknown = await ali.ask(method, f"/applications/{nowhere}{path}", **request)
        assert (foreign.status, foreign.slug) == (404, "not-found"), (method, path)
        assert foreign.body == unknown.body
    assert await zoe.get(id) == before
    assert (await ali.ask("GET", "/applications")).body["items"] == []


async def test_without_a_token_nobody_is_answered(peers: PeerServices, zoe: Candidate) -> None:
    id = await zoe.opened()
    for method, path in (("GET", ""), ("POST", "/submission"), ("DELETE", "/pieces/cv")):
        async with peers.suite.client.request(method, f"/api/applications/applications/{id}{path}") as answer:
            assert answer.status == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"programme": None},
        {"programme": {"$ne": None}},
        {"programme": ""},
        {"programme": "x" * 61},
        {"programme": "M1 MER"},
        {"programme": "M1-MER\u0000"},
        {"programme": "M1-MER", "state": "submitted"},
        {"programme": ["M1-MER"]},
    ],
)
async def test_a_body_that_is_not_one_changes_nothing(peers: PeerServices, zoe: Candidate, body: object) -> None:
    reply = await zoe.ask("POST", "/applications", json=body)
    assert (reply.status, reply.slug) == (422, "invalid-fields")
    assert (await zoe.ask("GET", "/applications")).body["items"] == []


async def test_the_longest_code_is_looked_up(zoe: Candidate) -> None:
    assert (await zoe.apply("x" * 60)).slug == "not-found"

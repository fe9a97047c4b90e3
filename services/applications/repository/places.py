"""The places of programmes, and what is asked of the applications to one: who has a place, who waits for one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Final

from services.applications.domain.model import Application
from services.applications.domain.places import Freed, Places, Promotion
from services.applications.domain.states import PlaceState
from services.applications.domain.waiting import is_ranked, takes_place
from services.applications.repository.rows import fields
from services.chassis import ports
from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates
from services.chassis.ports import Collection, Index, Range, Store
from services.chassis.store.evolution import members
from services.chassis.store.rows import BY_ID, every
from services.contracts.actors import Acting
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant, instant_text

PLACES: Final = Collection("places", (OUTBOX_INDEX, Index("unsettled", ("unsettled",))))
RANK_INDEX: Final = "rank"
"""One application waits at a rank."""
LIST_INDEXES: Final = (
    Index(RANK_INDEX, ("rank_key",), unique=True),
    Index("waiting", ("waits_for", "waiting_rank")),
    # Alone, and the same while a place is offered and when it is accepted: whoever counts misses nobody who answers.
    Index("taken", ("takes_place",)),
    Index("offered", ("offers_place",)),
    Index("offered_until", ("offers_place", "unanswered_until")),
    Index("taken_of_group", ("takes_group",)),
    Index("offered_of_group", ("offers_group",)),
    Index("offered_of_group_until", ("offers_group", "unanswered_until")),
)
"""The indexes of applications by which their programme's places are counted."""
SOURCES: Final = 500
"""Applications of one programme of whose events it is remembered that they were heard: far more than are in hand at once."""
NEXT_ONES: Final = 2
"""Who waits is read so many at a time by who asks for the next one, which mostly is the first: their files are long."""
_APPLICATIONS: Final = "applications"
_BY_RANK: Final = (("waiting_rank", 1), ("_id", 1))


def key_of(campaign: str, programme: str) -> str:
    """By what the applications to one programme in one campaign are found."""
    return f"{campaign}|{programme}"


def list_key(key: str, group: str | None) -> str:
    """By what those are found who wait in a group of a programme, or who take its places; in none, by that of the programme.

    Codes have no `|`.
    """
    return key if group is None else f"{key}|{group}"


def list_fields(application: Application) -> ports.Document:
    """What of an application's document says that it has a place, or waits for one by rank, there only while it does.

    And how it came last to one by its rank, that it has left the list, and that one was accepted; and that an incident has
    moved one of its last days.
    """
    key, found = key_of(application.campaign, application.programme.code), ports.Document()
    if application.promotion is not None:
        found |= {"promotion": application.promotion, "waited_by": application.waited_by}
    if application.left:
        found["left"] = True
    if application.passed_over is not None:
        found["passed_over"] = instant_text(application.passed_over)
    if application.prolonged:
        found["prolonged"] = True
    if application.was_accepted:
        found["was_accepted"] = True
    if takes_place(application):
        place = application.place
        group = None if place is None or place.group is None else list_key(key, place.group)
        found |= {"takes_place": key} | ({} if group is None else {"takes_group": group})
        if place is not None and place.state is PlaceState.OFFERED:
            found |= {"offers_place": key} | ({} if group is None else {"offers_group": group})
    if is_ranked(application) and application.decision is not None:
        entered = application.decision.entered
        listed = list_key(key, entered.group_code)
        found |= {"waits_for": listed, "waiting_rank": entered.rank, "rank_key": f"{listed}|{entered.rank}"}
    return found


def of_list(document: Mapping[str, Any]) -> dict[str, Any]:
    """What it says of the list that one was on."""
    promotion, waited_by = document.get("promotion"), document.get("waited_by")
    left, accepted, passed = document.get("left", False), was_accepted(document), document.get("passed_over")
    found = {"promotion": promotion, "waited_by": waited_by, "left": left, "was_accepted": accepted}
    found["prolonged"] = document.get("prolonged", False)
    return found if passed is None else found | {"passed_over": instant(passed)}


def was_accepted(document: Mapping[str, Any]) -> bool:
    """Whether its candidate has ever accepted a place; rows of before that was kept say so while they have it."""
    accepts = document.get("place", {}).get("state") == PlaceState.ACCEPTED.value
    return bool(accepts or document.get("was_accepted", False))


class PlacesRepository(Aggregates[Places]):
    """The places of each programme, by `key_of`; nobody is told of them."""

    service: ClassVar[str] = "applications"
    collection: ClassVar[Collection] = PLACES
    sources: ClassVar[int | None] = SOURCES

    def to_document(self, state: Places) -> ports.Document:
        """`unsettled` is there while something is to be done."""
        document: ports.Document = {
            "campaign": state.campaign,
            "programme": state.programme,
            "freed": state.freed,
            "leaving": list(state.leaving),
            "until": None if state.until is None else state.until.isoformat(),
            "capacity": state.capacity,
            "told": state.told,
        }
        if state.taken_away:
            document["taken_away"] = state.taken_away
        if state.of_groups:
            document["of_groups"] = {str(each.group): _freed_out(each) for each in state.of_groups}
        if state.leaving_of:
            document["leaving_of"] = dict(state.leaving_of)
        if (promotion := state.promotion) is not None:
            document["promotion"] = fields(promotion) | {"by": fields(promotion.by)}
        return document if state.is_settled else document | {"unsettled": True}

    def from_document(self, document: ports.Document) -> Places:
        """What `to_document` wrote."""
        until, promotion = document["until"], document.get("promotion")
        return Places(
            campaign=document["campaign"],
            programme=document["programme"],
            freed=document["freed"],
            promotion=None if promotion is None else _promotion(promotion),
            until=None if until is None else date.fromisoformat(until),
            leaving=tuple(document["leaving"]),
            capacity=document["capacity"],
            told=document["told"],
            taken_away=document.get("taken_away", 0),
            of_groups=tuple(
                Freed(group, each["freed"], each["taken_away"])
                for group, each in sorted(document.get("of_groups", {}).items())
            ),
            leaving_of=document.get("leaving_of", {}),
        )

    def publish(self, id: str, state: Places, domain_event: Any) -> Sequence[Event]:
        """None: what comes of it is told of each application."""
        raise AssertionError("nothing is told of places")

    def unsettled(self) -> AsyncIterator[ports.Document]:
        """Those where something is to be done."""
        return every(self._store, self.collection.name, {"unsettled": True}, sort=(("unsettled", 1),))


def _offered(key: str, group: str | None) -> dict[str, ports.Condition]:
    return {"offers_place": key} if group is None else {"offers_group": list_key(key, group)}


class Ranks:
    """What is asked, by an index, of the applications to one programme in one campaign, in nobody's name.

    Lists are those of `list_key`.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def taken(self, key: str) -> int:
        """How many have a place: offered, or accepted."""
        return await self._store.count(_APPLICATIONS, {"takes_place": key})

    async def taken_of(self, key: str, group: str) -> int:
        """The same of the places of a group."""
        return await self._store.count(_APPLICATIONS, {"takes_group": list_key(key, group)})

    async def waiting_elsewhere(self, key: str, groups: Sequence[str]) -> int:
        """How many wait by rank in groups that are none of these."""
        where: ports.Where = {"waits_for": Range(gt=f"{key}|", lt=f"{key}}}")}
        found = await self._store.count(_APPLICATIONS, where)
        return found - sum([await self.waiting(list_key(key, group)) for group in groups])

    async def holder(self, rank_key: str) -> str | None:
        """The application that waits at a rank."""
        found = await self._store.find(_APPLICATIONS, {"rank_key": rank_key}, limit=1, fields=())
        return found[0]["_id"] if found else None

    async def offered(self, key: str, most: int | None = None, group: str | None = None) -> int:
        """How many have not answered to theirs, of a group or of the whole programme, `most` at most."""
        return await self._store.count(_APPLICATIONS, _offered(key, group), most=most)

    async def offered_until(self, key: str, day: date, most: int, group: str | None = None) -> tuple[int, date | None]:
        """How many of those can do so that day and until some day, `most` at most, and the last of these days."""
        where: ports.Where = _offered(key, group) | {"unanswered_until": Range(ge=day.isoformat())}
        last: ports.Sort = (("unanswered_until", -1),)
        found = await self._store.find(_APPLICATIONS, where, sort=last, limit=1, fields=("unanswered_until",))
        count = await self._store.count(_APPLICATIONS, where, most=most)
        return count, date.fromisoformat(found[0]["unanswered_until"]) if found else None

    async def waiting(self, key: str) -> int:
        """How many wait by rank."""
        return await self._store.count(_APPLICATIONS, {"waits_for": key})

    async def before(self, key: str, rank: int, most: int) -> int:
        """How many wait at a lower rank, `most` at most."""
        where: ports.Where = {"waits_for": key, "waiting_rank": Range(lt=rank)}
        return await self._store.count(_APPLICATIONS, where, most=most)

    def by_rank(self, key: str, page: int = NEXT_ONES) -> AsyncGenerator[ports.Document, None]:
        """Those who wait, the lowest rank first, read so many at a time."""
        return every(self._store, _APPLICATIONS, {"waits_for": key}, sort=(("waiting_rank", 1),), page=page)

    async def holders(self, key: str, most: int) -> list[ports.Document]:
        """The first so many of those who have a place, in the order of their opening."""
        return await self._store.find(_APPLICATIONS, {"takes_place": key}, sort=BY_ID, limit=most)

    async def listed(self, key: str, most: int) -> list[ports.Document]:
        """The first so many of those who wait, the lowest rank first."""
        return await self._store.find(_APPLICATIONS, {"waits_for": key}, sort=_BY_RANK, limit=most)


def _freed_out(each: Freed) -> dict[str, int]:
    return {"freed": each.freed, "taken_away": each.taken_away}


def _promotion(out: Mapping[str, Any]) -> Promotion:
    known = members(Promotion, out)
    return Promotion(**{**known, "by": Acting(**members(Acting, out["by"]))})

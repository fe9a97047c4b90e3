"""Places are shared out: each limit at it and one past it, and what is left for others."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from services.chassis.clients import Client
from services.chassis.context import Actor
from services.chassis.http.places import Party, Place, Places, asker, network
from services.chassis.refusals import TOO_MANY_AT_ONCE
from services.contracts.actors import ActorKind
from services.contracts.refusals import BUSY, RefusedError


def take_all(places: Places, *parties: Party | None, kept: int = 0) -> list[Place]:
    """As many as one gets."""
    taken = []
    with suppress(RefusedError):
        while True:
            taken.append(places.take(*parties, kept=kept))
    return taken


def near(number: int) -> Party | None:
    return network(Client(f"192.0.{number}.1", f"192.0.{number}.0/24"))


def test_what_nobody_tells_apart_takes_all_places_and_not_one_more() -> None:
    places = Places("test", 8)
    assert len(take_all(places, network(None))) == 8
    with pytest.raises(RefusedError) as refused:
        places.take()
    assert refused.value.slug is BUSY


def person(number: int) -> Actor:
    return Actor(f"person-{number}")


def test_somebody_of_staff_takes_nothing_from_an_account_of_the_same_id() -> None:
    places = Places("test", 64)
    zoe = Actor("zoe")
    first = take_all(places, asker(zoe))
    for other in (replace(zoe, kind=ActorKind.STAFF), replace(zoe, deputy=Actor("kim", ActorKind.STAFF))):
        place = places.take(asker(other))
        place.leave()
    with pytest.raises(RefusedError) as refused:
        places.take(asker(zoe))
    assert refused.value.slug is TOO_MANY_AT_ONCE
    assert places.taken == len(first)


@pytest.mark.parametrize(("accounts", "left"), [(1, 56), (8, 22), (16, 6)])
def test_however_many_accounts_take_what_they_get_some_are_left(accounts: int, left: int) -> None:
    """Acceptance 108."""
    places = Places("test", 64)
    for number in range(accounts):
        take_all(places, asker(person(number)))
    assert 64 - places.taken == left
    assert len(take_all(places, asker(Actor("ann")))) >= 1


def test_one_network_takes_half_and_not_one_more() -> None:
    """Acceptance 108."""
    places = Places("test", 64)
    assert len(take_all(places, near(1))) == 32
    with pytest.raises(RefusedError) as refused:
        places.take(near(1))
    assert refused.value.slug is TOO_MANY_AT_ONCE
    assert len(take_all(places, near(2))) == 16


def test_accounts_of_one_network_share_its_part() -> None:
    places = Places("test", 64)
    for number in range(16):
        take_all(places, near(1), asker(person(number)))
    assert places.taken <= 32
    places.take(near(2), asker(Actor("ann")))


def test_who_holds_none_gets_the_last() -> None:
    places = Places("test", 2)
    places.take(asker(Actor("ann")))
    with pytest.raises(RefusedError):
        places.take(asker(Actor("ann")))
    places.take(asker(Actor("bob")))


def test_a_refused_place_is_nobodys_and_a_left_one_is_free_once() -> None:
    places = Places("test", 2)
    place = places.take(asker(Actor("ann")))
    with pytest.raises(RefusedError):
        places.take(asker(Actor("ann")))
    assert places.taken == 1
    place.leave()
    place.leave()
    assert places.taken == 0
    with places.take(asker(Actor("ann"))):
        assert places.taken == 1
    assert places.taken == 0


def test_what_is_kept_for_who_is_known_better_is_to_others_as_if_it_were_not_there() -> None:
    """ADR 49."""
    places = Places("test", 64 + 8)
    assert len(take_all(places, near(1), kept=8)) == 32
    for number in range(2, 34):
        places.take(near(number), kept=8)
    with pytest.raises(RefusedError) as refused:
        places.take(near(34), kept=8)
    assert refused.value.slug is BUSY
    assert len(take_all(places)) == 8

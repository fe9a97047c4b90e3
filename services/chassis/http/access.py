"""Who is let in: the one place in which a token's holder is held against what an endpoint declares."""

from __future__ import annotations

from dataclasses import replace

from services.chassis.context import Actor
from services.chassis.refusals import RIGHT_MISSING
from services.contracts.actors import ActorKind
from services.contracts.api.access import Access


def admitted(actor: Actor, access: Access) -> Actor:
    """The actor with those rights alone for which the endpoint is there; raises RIGHT_MISSING for whom it does not name.

    What a handler asks of the store is bounded by these grants: a right for other things widens nothing.
    """
    if actor.kind is ActorKind.ACCOUNT and access.account:
        return actor
    grants = tuple(grant for grant in actor.grants if grant.role in access.roles)
    if actor.kind is ActorKind.STAFF and (grants or access.rightless):
        return replace(actor, grants=grants)
    raise RIGHT_MISSING()

"""How far the rights of staff reach in the catalogue."""

from __future__ import annotations

from typing import Protocol

from services.offers.domain.programmes import Content


class Reach(Protocol):
    """For which centres and which commissions a right is, by their codes; None is all of them."""

    @property
    def centres(self) -> frozenset[str] | None:
        """The centres."""
        ...

    @property
    def commissions(self) -> frozenset[str] | None:
        """The commissions."""
        ...


def reaches(grant: Reach, content: Content) -> bool:
    """Whether a right for some centres and some commissions is one for this programme."""
    board = content.commission.code if content.commission else ""
    return (grant.centres is None or content.centre.code in grant.centres) and (
        grant.commissions is None or board in grant.commissions
    )


def holds(grant: Reach, centre: str | None, commission: str | None = None) -> bool:
    """Whether a right is one for what is a centre's, or everybody's if there is none; of boards, for them alone."""
    return (grant.centres is None or centre in grant.centres) and (
        grant.commissions is None or commission in grant.commissions
    )

"""Which files a mail tells of, and what was told of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class About:
    """A file that a mail tells of, with the codes of its programme, and of whose that was then.

    `told` is what the event said by which a mail of this `kind` was written: what it says can be written anew.
    """

    application: str
    programme: str
    kind: str
    centre: str = ""
    commission: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)


class Scope(Protocol):
    """For which centres and commissions somebody may do something, by their codes; None is all of them."""

    @property
    def centres(self) -> Collection[str] | None:
        """Of these centres."""

    @property
    def commissions(self) -> Collection[str] | None:
        """Of these commissions."""


def is_within(grants: Iterable[Scope], about: About) -> bool:
    """Whether one of these grants is for that file."""
    return any(
        (grant.centres is None or about.centre in grant.centres)
        and (grant.commissions is None or about.commission in grant.commissions)
        for grant in grants
    )

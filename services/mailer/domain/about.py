"""Which files a mail tells of, and what was told of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.contracts.api.identity import Grant


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


def is_within(grants: Iterable[Grant], about: About) -> bool:
    """Whether one of these grants is for that file."""
    return any(
        (grant.centres is None or about.centre in grant.centres)
        and (grant.commissions is None or about.commission in grant.commissions)
        for grant in grants
    )

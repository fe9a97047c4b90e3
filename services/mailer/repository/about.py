"""Which files mails tell of, as documents, and mails by whose files they tell of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.chassis.ports import Document, Index, Where
from services.contracts.api.identity import Grant
from services.mailer.domain.about import About

CENTRE, COMMISSION = "of_centre", "of_commission"
INDEXES: Final = (
    Index("centre", (CENTRE, "created_at")),
    Index("commission", (COMMISSION, "created_at")),
    Index("centre_state", (CENTRE, "state", "created_at")),
    Index("commission_state", (COMMISSION, "state", "created_at")),
)
"""A mail that tells of several files is found by the first of them, and by its person."""


def about_out(about: Sequence[About]) -> Document:
    """The files of a mail, and whose the first of them is."""
    if not about:
        return {}
    return {
        CENTRE: about[0].centre,
        COMMISSION: about[0].commission,
        "about": [
            {
                "application": each.application,
                "programme": each.programme,
                "kind": each.kind,
                "centre": each.centre,
                "commission": each.commission,
                "told": dict(each.told),
            }
            for each in about
        ],
    }


def about_in(document: Mapping[str, Any]) -> tuple[About, ...]:
    """What `about_out` wrote."""
    names = ("application", "programme", "kind", "centre", "commission", "told")
    return tuple(About(**{name: each[name] for name in names}) for each in document.get("about", ()))


def wheres_of(commission: str | None, grants: Sequence[Grant] | None) -> list[Where]:
    """Where the mails stand that tell of files of a commission, or else of files that these grants are for."""
    if commission is not None:
        return [{COMMISSION: commission}]
    centres = {code for each in grants or () for code in each.centres or ()}
    boards = {code for each in grants or () if each.centres is None for code in each.commissions or ()}
    if grants is None or any(each.centres is None and each.commissions is None for each in grants):
        return [{}]
    return [*({CENTRE: code} for code in sorted(centres)), *({COMMISSION: code} for code in sorted(boards))]

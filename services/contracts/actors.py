"""Who acts: the kinds of somebody, the roles of staff, and how each is named in tokens, events and documents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ActorKind(StrEnum):
    """What sort of somebody acts; the values travel in events."""

    ACCOUNT = "account"
    STAFF = "staff"
    CLIENT = "client"
    SERVICE = "service"
    OPERATOR = "operator"
    NOBODY = "nobody"


class Role(StrEnum):
    """What somebody of the university may do; each is granted for some centres, some commissions, or all."""

    ADMIN = "admin"
    REGISTRAR = "registrar"
    MANAGER = "manager"
    COMMISSION = "commission"
    SUPPORT = "support"
    READONLY = "readonly"


IN_PLACE: Final = (Role.MANAGER, Role.SUPPORT)
"""Who fills in a file in its candidate's place, within their scope, and says why."""

_ID: Final = r"[A-Za-z0-9._-]{1,64}"
ID_PATTERN: Final = rf"^{_ID}$"
"""The id of whoever acts, as tokens bear it; no colon, so that kind and id are one name that no other has."""
ACTOR_PATTERN: Final = rf"^[a-z-]{{1,32}}(:{_ID})?$"
"""An actor as events and documents name it: a kind, which a newer release may have more of, and an id."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Who does something, and in whose place where that is another: kind and opaque id of each, `account:<id>`."""

    actor: str
    on_behalf_of: str | None = None


def staff_id(actor: str | None) -> str:
    """The account of somebody of staff as documents name them; empty of anybody else."""
    kind, _, id = (actor or "").partition(":")
    return id if kind == ActorKind.STAFF else ""

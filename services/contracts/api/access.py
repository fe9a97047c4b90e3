"""Who may call: what a declaration of the public API says of it. The words are those of the people (product, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.contracts.actors import Role


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call an endpoint: anybody, the holder of an account for what is theirs, staff who have one of some roles.

    Whom it does not name is answered 401 without a good token, else 403 `right-missing`. How far a role reaches, its
    centres and commissions, is for the question that is asked of the store: what lies outside is not found there.
    `rightless` lets in staff of those roles and of none: who has to show a second factor first has no right yet.
    """

    public: bool = False
    account: bool = False
    roles: frozenset[Role] = frozenset()
    rightless: bool = False

    def __post_init__(self) -> None:
        """Refuse, by ValueError, what lets nobody in, or names some people where anybody may come."""
        if self.public == (self.account or bool(self.roles)):
            raise ValueError("either anybody may call, or an account or some role is named")

    @property
    def names(self) -> tuple[str, ...]:
        """Who may call, in words of the documents: `anybody`, or `account` and roles."""
        if self.public:
            return ("anybody",)
        return (*(("account",) if self.account else ()), *sorted(self.roles))


PUBLIC: Final = Access(public=True)
"""Anybody; a token is not looked at."""
ACCOUNT: Final = Access(account=True)
"""The holder of an account, for what is theirs."""


def staff(*roles: Role) -> Access:
    """Staff who have one of these roles."""
    return Access(roles=frozenset(roles))

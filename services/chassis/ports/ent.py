"""The ENT: the university's own single sign-on, which says who somebody is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from services.chassis.ports.errors import PortError

Denial = Literal["ticket", "answer", "expired"]


class EntUnavailable(PortError):
    """It did not answer in time, or in no way that can be read: nobody knows who came."""


class EntRefused(PortError):
    """It says no, or what it says is not to be believed.

    `denial` is what people are told: the `ticket` is good for nothing, the `answer` is not what it must be, or it has
    `expired`; `why` is a word for logs.
    """

    def __init__(self, denial: Denial, why: str) -> None:
        super().__init__(why)
        self.denial: Denial = denial
        self.why = why


@dataclass(frozen=True, slots=True)
class EntVisit:
    """One way to the ENT and back: the page to come back to, and three secrets of it alone.

    `state` comes back with who comes back. `nonce` is repeated in what an OpenID provider signs; `verifier` never leaves
    this side before the provider asks for it (RFC 7636).
    """

    page: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class EntPerson:
    """Whom the ENT knows: `subject` names them for good, `session` this login of theirs, empty where it has no name.

    The rest is what the ENT says of them, as far as it does: to fill a form with, and proof of nothing.
    """

    subject: str
    session: str = ""
    family_name: str = ""
    given_name: str = ""
    emails: tuple[str, ...] = ()
    student_number: str = ""


@dataclass(frozen=True, slots=True)
class EntGone:
    """Who has logged out at the ENT: one login by its `session`, or all of a `subject`."""

    session: str = ""
    subject: str = ""


class Ent(Protocol):
    """Lets people prove who they are."""

    async def login_address(self, visit: EntVisit) -> str:
        """Where a browser is sent, to come back to the page with a ticket or code; raises EntUnavailable."""
        ...

    async def person(self, visit: EntVisit, proof: str) -> EntPerson:
        """Who came back with this ticket or code; it is good once. Raises EntRefused, EntUnavailable."""
        ...

    async def gone(self, notice: str) -> EntGone:
        """Who has logged out, by the ENT's own notice; raises EntRefused, EntUnavailable."""
        ...

    async def ping(self) -> None:
        """Return if it answers; raises EntUnavailable."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...

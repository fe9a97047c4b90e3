"""No ENT: everybody comes in by e-mail."""

from __future__ import annotations

from services.chassis.ports.ent import EntGone, EntPerson, EntUnavailable, EntVisit


class NoEnt:
    """Knows nobody."""

    async def login_address(self, visit: EntVisit) -> str:
        """There is none; raises EntUnavailable."""
        raise EntUnavailable("no ENT")

    async def person(self, visit: EntVisit, proof: str) -> EntPerson:
        """Nobody; raises EntUnavailable."""
        raise EntUnavailable("no ENT")

    async def gone(self, notice: str) -> EntGone:
        """Nobody; raises EntUnavailable."""
        raise EntUnavailable("no ENT")

    async def ping(self) -> None:
        """Return."""

    async def close(self) -> None:
        """Return."""

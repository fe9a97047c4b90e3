"""Pre-enrolments over HTTP: each is one signed message, as docs/operations/pre-enrolment.md tells it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Final

from pydantic import ValidationError

from services.chassis.outbound import SECONDS, Outbound
from services.chassis.ports import Clock
from services.chassis.ports.pre_enrolments import PreEnrolmentAnswer, PreEnrolmentsUnavailable
from services.chassis.security.webhooks import signing
from services.contracts.api.texts import without_unreadable
from services.contracts.pre_enrolments import LONGEST_REASON, PreEnrolmentEntry, PreEnrolmentRefusal
from services.contracts.text import normal, visible

MOST_UNANSWERED: Final = 3
"""In a row: then the others need not be tried."""


class HttpPreEnrolments:
    """The student records at `address`, told with the first of `secrets`."""

    def __init__(self, address: str, secret: str, clock: Clock, *, seconds: float = SECONDS) -> None:
        self._address = address
        self._secret = secret
        self._clock = clock
        self._outbound = Outbound(PreEnrolmentsUnavailable, seconds=seconds)

    async def hand_over(self, entries: Sequence[PreEnrolmentEntry]) -> AsyncGenerator[PreEnrolmentAnswer, None]:
        """One after the other; no more once some have had no answer in a row."""
        silent = 0
        for entry in entries:
            answer = await self._asked(entry)
            silent = silent + 1 if answer.what == "unanswered" else 0
            yield answer
            if silent == MOST_UNANSWERED:
                raise PreEnrolmentsUnavailable(answer.reason)

    async def ping(self) -> None:
        """Return if there is an answer, whatever it is: nothing can be asked that hands nobody over."""
        await self._outbound.ask("OPTIONS", self._address)

    async def close(self) -> None:
        """Let go."""
        await self._outbound.close()

    async def _asked(self, entry: PreEnrolmentEntry) -> PreEnrolmentAnswer:
        body = entry.model_dump_json(exclude_none=True).encode()
        headers = signing(entry.key, body, self._secret, self._clock.now())
        headers |= {"Content-Type": "application/json", "Idempotency-Key": entry.key}
        try:
            reply = await self._outbound.ask("POST", self._address, data=body, headers=headers)
        except PreEnrolmentsUnavailable as error:
            return PreEnrolmentAnswer(entry, "unanswered", str(error))
        if 200 <= reply.status < 300:
            return PreEnrolmentAnswer(entry, "taken")
        if reply.status == 422 and (reason := _reason(reply.body)):
            return PreEnrolmentAnswer(entry, "refused", reason)
        return PreEnrolmentAnswer(entry, "unanswered", f"status {reply.status}")


def _reason(body: bytes) -> str:
    """What staff can read of why; empty where it does not say, for a proxy's page is no answer."""
    try:
        said = PreEnrolmentRefusal.model_validate_json(body).reason
    except ValidationError:
        return ""
    readable = " ".join(normal("NFC", visible(str(without_unreadable(said[: 4 * LONGEST_REASON])))).split())
    return readable[:LONGEST_REASON]

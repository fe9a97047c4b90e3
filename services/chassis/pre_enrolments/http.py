"""Pre-enrolments over HTTP: each is one signed message, as docs/operations/pre-enrolment.md tells it."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any, Final, Literal, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

from aiohttp import ClientTimeout
from pydantic import BaseModel, ValidationError

from services.chassis.outbound import SECONDS, Outbound, Reply
from services.chassis.ports import Clock
from services.chassis.ports.errors import PortError
from services.chassis.ports.pre_enrolments import (
    DocumentAnswer,
    HeldThere,
    PreEnrolmentAnswer,
    PreEnrolmentsNotUnderstood,
    PreEnrolmentsSilent,
    PreEnrolmentsUnavailable,
)
from services.chassis.security.webhooks import signing
from services.contracts.api.texts import without_unreadable
from services.contracts.pre_enrolment_documents import DOCUMENT_HEADER, DocumentEntry
from services.contracts.pre_enrolments import (
    LONGEST_REASON,
    MOST_HELD,
    MOST_HELD_AT_ONCE,
    HeldDigest,
    HeldEntries,
    HeldEntry,
    HeldQuestion,
    PreEnrolmentEntry,
    PreEnrolmentRefusal,
)
from services.contracts.text import normal, visible

T = TypeVar("T", bound=BaseModel)

NOT_UNDERSTOOD: Final = "no answer that was agreed on"
MOST_UNANSWERED: Final = 3
"""In a row: then the others need not be tried."""
DOCUMENT_SECONDS: Final = 120.0
"""In which a document is taken, bytes and all; whatever its size may be."""
HELD_SECONDS: Final = 1800.0
"""In which all whom they hold are told: pages that have no end would have nobody else compared for ever."""


class HttpPreEnrolments:
    """The student records at `address`, told with the first of `secrets`."""

    def __init__(
        self,
        address: str,
        secret: str,
        clock: Clock,
        *,
        seconds: float = SECONDS,
        most_held: int = MOST_HELD,
        held_seconds: float = HELD_SECONDS,
    ) -> None:
        self._address = address
        self._secret = secret
        self._clock = clock
        self._most_held = most_held
        self._held_seconds = held_seconds
        self._seconds = seconds
        self._understood = True
        self._outbound = Outbound(PreEnrolmentsUnavailable, seconds=seconds)

    async def hand_over(self, entries: Sequence[PreEnrolmentEntry]) -> AsyncGenerator[PreEnrolmentAnswer, None]:
        """One after the other; no more once some have had no answer in a row.

        Raises PreEnrolmentsNotUnderstood behind the last, if nobody there said anything that can be understood.
        """
        silent, understood = 0, not entries
        for entry in entries:
            answer = await self._asked(entry)
            silent = silent + 1 if answer.what == "unanswered" else 0
            understood |= answer.reason != NOT_UNDERSTOOD
            yield answer
            if silent == MOST_UNANSWERED:
                raise self._no_answer(answer.reason)
        if not understood:
            raise self._no_answer(NOT_UNDERSTOOD)

    async def told(self, campaign: str) -> HeldThere:
        """Asked by a signed question that changes nothing."""
        return await self._told("digest", campaign)

    async def held(self, campaign: str) -> AsyncGenerator[HeldEntry, None]:
        """Asked page by page."""
        after: str | None = None
        count, until = 0, time.monotonic() + self._held_seconds
        while True:
            if time.monotonic() > until:
                raise PreEnrolmentsUnavailable("entries without an end")
            question = HeldQuestion(campaign=campaign, after=after, limit=MOST_HELD_AT_ONCE)
            items = _read(HeldEntries, await self._question("entries", question)).items
            for entry in items:
                if after is not None and entry.reference <= after:
                    raise PreEnrolmentsUnavailable("entries out of order")
                after, count = entry.reference, count + 1
                if count > self._most_held:
                    raise PreEnrolmentsUnavailable("too many entries")
                yield entry
            if not items:
                return

    async def put_document(self, entry: DocumentEntry, content: AsyncIterator[bytes]) -> DocumentAnswer:
        """A PUT whose body is read as it goes; what is signed is the entry, which has size and digest of the body."""
        failed: list[PortError] = []

        async def passing() -> AsyncGenerator[bytes, None]:
            try:
                async for chunk in content:
                    yield chunk
            except PortError as error:  # who asks takes it for a line that was cut
                failed.append(error)
                raise

        digest = base64.b64encode(bytes.fromhex(entry.sha256 or "")).decode()
        headers = {
            "Content-Type": entry.media_type or "application/octet-stream",
            "Content-Length": str(entry.size),
            "Content-Digest": f"sha-256=:{digest}:",
        }
        answer = await self._document("PUT", entry, headers, data=passing())
        if failed:
            raise failed[0]
        return answer

    async def drop_document(self, entry: DocumentEntry) -> DocumentAnswer:
        """A DELETE of the same address, signed in the same way."""
        return await self._document("DELETE", entry, {})

    async def documents_told(self, campaign: str) -> HeldThere:
        """Asked as `told` asks."""
        return await self._told("documents/digest", campaign)

    async def ping(self) -> None:
        """Return if there is an answer, whatever it is: nothing can be asked that hands nobody over.

        Where the last answer to a message was none that was agreed on, that is still so until one is.
        """
        await self._outbound.ask("OPTIONS", self._address)
        if not self._understood:
            raise PreEnrolmentsNotUnderstood(NOT_UNDERSTOOD)

    async def close(self) -> None:
        """Let go."""
        await self._outbound.close()

    def _below(self, path: str) -> str:
        parts = urlsplit(self._address)
        return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{path}"))

    async def _told(self, what: str, campaign: str) -> HeldThere:
        as_of = self._clock.now()
        body = await self._question(what, HeldQuestion(campaign=campaign))
        return HeldThere(_read(HeldDigest, body), as_of)

    async def _document(
        self, method: str, entry: DocumentEntry, headers: dict[str, str], **body: Any
    ) -> DocumentAnswer:
        url = self._below(f"documents/{quote(entry.reference, safe='')}/{quote(entry.document, safe='')}")
        said = entry.model_dump_json(exclude_none=True).encode()
        headers = headers | signing(entry.key, said, self._secret, self._clock.now())
        headers |= {"Idempotency-Key": entry.key, DOCUMENT_HEADER: base64.b64encode(said).decode()}
        timeout = ClientTimeout(total=DOCUMENT_SECONDS, sock_connect=self._seconds)
        try:
            reply = await self._outbound.ask(method, url, headers=headers, timeout=timeout, **body)
        except PreEnrolmentsUnavailable as error:
            return DocumentAnswer("unanswered", str(error))
        what, reason = self._said(reply)
        if reason == NOT_UNDERSTOOD:
            raise PreEnrolmentsNotUnderstood(reason)
        return DocumentAnswer(what, reason)

    async def _question(self, what: str, question: HeldQuestion) -> bytes:
        url = self._below(what)
        body = question.model_dump_json(exclude_none=True).encode()
        id = f"{what.replace('/', '.')}.{hashlib.sha256(body).hexdigest()[:32]}"
        headers = signing(id, body, self._secret, self._clock.now()) | {"Content-Type": "application/json"}
        reply = await self._outbound.ask("POST", url, data=body, headers=headers)
        if reply.status in (404, 405, 501):
            raise PreEnrolmentsSilent(f"status {reply.status}")
        if reply.status != 200:
            raise PreEnrolmentsUnavailable(f"status {reply.status}")
        return reply.body

    async def _asked(self, entry: PreEnrolmentEntry) -> PreEnrolmentAnswer:
        body = entry.model_dump_json(exclude_none=True).encode()
        headers = signing(entry.key, body, self._secret, self._clock.now())
        headers |= {"Content-Type": "application/json", "Idempotency-Key": entry.key}
        try:
            reply = await self._outbound.ask("POST", self._address, data=body, headers=headers)
        except PreEnrolmentsUnavailable as error:
            return PreEnrolmentAnswer(entry, "unanswered", str(error))
        return PreEnrolmentAnswer(entry, *self._said(reply))

    def _said(self, reply: Reply) -> tuple[Literal["taken", "refused", "unanswered"], str]:
        """What a reply to a message means; a page of whatever stands before them is no answer, whatever its status."""
        if 200 <= reply.status < 300:
            self._understood = _is_agreed(reply.body)
            return ("taken", "") if self._understood else ("unanswered", NOT_UNDERSTOOD)
        if reply.status == 422 and (reason := _reason(reply.body)):
            self._understood = True
            return "refused", reason
        return "unanswered", f"status {reply.status}"

    def _no_answer(self, why: str) -> PreEnrolmentsUnavailable:
        return (PreEnrolmentsNotUnderstood if why == NOT_UNDERSTOOD else PreEnrolmentsUnavailable)(why)


def _read(form: type[T], body: bytes) -> T:
    try:
        return form.model_validate_json(body)
    except ValidationError:
        raise PreEnrolmentsUnavailable("an answer that cannot be read") from None


def _is_agreed(body: bytes) -> bool:
    """Whether something was done: an answer says nothing, or says it in JSON."""
    if not body.strip():
        return True
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _reason(body: bytes) -> str:
    """What staff can read of why; empty where it does not say, for a proxy's page is no answer."""
    try:
        said = PreEnrolmentRefusal.model_validate_json(body).reason
    except ValidationError:
        return ""
    readable = " ".join(normal("NFC", visible(str(without_unreadable(said[: 4 * LONGEST_REASON])))).split())
    return readable[:LONGEST_REASON]

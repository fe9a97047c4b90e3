"""Forms of a LimeSurvey server, asked by its RemoteControl 2, which speaks JSON-RPC.

Responses are exported by their numbers, some at a time, so that no answer is a whole survey; up to version 4 each stands
below its number, from 5 on it does not.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from services.chassis.forms.exports import exported, questions_of, response_of
from services.chassis.outbound import Outbound
from services.chassis.ports.forms import FormsUnavailable, Survey, SurveyResponse, WrongForms

AT_ONCE: Final = 100
"""Numbers of responses that are asked for in one question."""
LAST_NUMBER: Final = 200_000
"""No response beyond it is asked for."""
MOST_BYTES: Final = 8 * 2**20
"""Of an answer."""
SECONDS: Final = 20.0
"""How long one may take: exporting is slow."""
LONGEST_KEY: Final = 256

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,9}")
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}")
_UNSAID: Final = re.compile(r"[^A-Za-z0-9 .,:'-]")


class LimeSurvey:
    """The server whose RemoteControl is at `address`, for a user of its own there; forms are those of the same host."""

    def __init__(
        self, address: str, user: str, password: str, *, seconds: float = SECONDS, last: int = LAST_NUMBER
    ) -> None:
        self._address = address
        self._host = _host(address)
        self._user = user
        self._password = password
        self._last = last
        self._outbound = Outbound(FormsUnavailable, seconds=seconds, most_bytes=MOST_BYTES)

    def survey_of(self, url: str) -> Survey | None:
        """The survey whose number stands in the address, as `sid` or as a part of its path."""
        try:
            parts = urlsplit(url)
            if _host(url) != self._host:
                return None
            said = parse_qsl(parts.query, keep_blank_values=True)
        except ValueError:
            return None
        numbers = [value for name, value in said if name == "sid"] or [
            part for part in parts.path.split("/") if _NUMBER.fullmatch(part)
        ]
        names = {value: name for name, value in said if _CODE.fullmatch(name)}
        if not numbers or not _NUMBER.fullmatch(numbers[-1]) or "{application}" not in names:
            return None
        return Survey(numbers[-1], names["{application}"], names.get("{file_number}", ""))

    async def responses(self, survey: Survey) -> AsyncGenerator[Sequence[SurveyResponse], None]:
        """All that is there, by the numbers of the responses."""
        async with self._session() as key:
            questions = questions_of(await self._call("list_questions", key, int(survey.id)))
            total, seen, after = await self._total(key, survey), 0, 0
            while seen < total:
                if after >= self._last:
                    raise WrongForms(f"responses beyond number {self._last}")
                rows = await self._export(key, survey, after)
                after += AT_ONCE
                seen += len(rows)
                if not rows:  # some may have been deleted meanwhile
                    total = await self._total(key, survey)
                yield [response_of(row, survey, questions) for row in rows]

    async def ping(self) -> None:
        """Return if its RemoteControl answers; it is asked for nothing that takes a login, which would be counted."""
        with suppress(WrongForms):
            await self._call("get_site_settings", "", "versionnumber")

    async def close(self) -> None:
        """Let go."""
        await self._outbound.close()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[str]:
        try:
            key = await self._call("get_session_key", self._user, self._password)
        except WrongForms as error:
            raise FormsUnavailable(f"no login: {error}") from None
        if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY:
            raise FormsUnavailable("no session key")
        try:
            yield key
        finally:
            with suppress(FormsUnavailable, WrongForms):
                await self._call("release_session_key", key)

    async def _total(self, key: str, survey: Survey) -> int:
        """How many responses there are, also those that are begun alone.

        A survey that is not activated has no place for any, which says nothing of those that it had before.
        """
        summary = await self._call("get_summary", key, int(survey.id), "all")
        total = summary.get("full_responses", "") if isinstance(summary, Mapping) else None
        if total == "":
            raise WrongForms("not activated")
        if not re.fullmatch("[0-9]{1,9}", str(total)):
            raise WrongForms("no summary")
        return int(str(total))

    async def _export(self, key: str, survey: Survey, after: int) -> list[Mapping[str, Any]]:
        first, last = after + 1, after + AT_ONCE
        export = await self._call(
            "export_responses", key, int(survey.id), "json", None, "all", "code", "long", first, last
        )
        return await asyncio.to_thread(exported, export, first, last)

    async def _call(self, method: str, *params: Any) -> Any:
        """What the method answers; raises FormsUnavailable for what is no answer, WrongForms for a no."""
        body = {"method": method, "params": params, "id": 1}
        reply = await self._outbound.ask("POST", self._address, json=body)
        if reply.status != 200:
            raise FormsUnavailable(f"status {reply.status}")
        try:
            answer = await asyncio.to_thread(json.loads, reply.body)
        except (ValueError, RecursionError):
            raise FormsUnavailable("no JSON: is RemoteControl switched on, for JSON-RPC?") from None
        if not isinstance(answer, dict) or answer.get("id") != 1 or "result" not in answer:
            raise FormsUnavailable("no JSON-RPC")
        if answer.get("error") is not None:
            raise FormsUnavailable("an error of JSON-RPC")
        result = answer["result"]
        if isinstance(result, dict) and "status" in result:
            raise WrongForms(_UNSAID.sub(" ", str(result["status"]))[:80])
        return result


def _host(url: str) -> tuple[str | None, int]:
    parts = urlsplit(url)
    return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)

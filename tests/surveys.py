"""A LimeSurvey server of the tests' own: its RemoteControl as far as Parvis speaks with it, in old and new shapes."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from tests.ents import served

SURVEY: Final = "1234"
USER, PASSWORD = "parvis", "sésame-ouvre-toi"
QUESTIONS: Final = [
    {"qid": "1", "parent_qid": "0", "title": "idCandidature", "question": "Candidature"},
    {"qid": "2", "parent_qid": "0", "title": "numDossier", "question": "Dossier"},
    {
        "qid": "3",
        "parent_qid": "0",
        "title": "OU",
        "question": "<p>Où vous voyez-vous<br>dans dix&nbsp;ans&thinsp;?</p>",
    },
    {"qid": "4", "parent_qid": "0", "title": "LG", "question": "<script>alert(1)</script>Langues"},
    {"qid": "5", "parent_qid": "4", "title": "SQ001", "question": "Anglais"},
]
KEY: Final = "k" * 32


@dataclass
class SurveyServer:
    """What it holds and what it was asked. `says` takes the place of every answer, `status` of its number, and of what is
    asked for by a method alone one of `results`; who is `silent` never answers.
    """

    responses: dict[int, dict[str, Any]] = field(default_factory=dict)
    host: str = ""
    by_number: bool = False
    says: str | None = None
    status: int = 200
    silent: bool = False
    results: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, list[Any]]] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)

    @property
    def address(self) -> str:
        return f"http://{self.host}/index.php/admin/remotecontrol"

    @property
    def setting(self) -> str:
        """What `PARVIS_FORMS` says of it."""
        return f"limesurvey+http://{USER}:s%C3%A9same-ouvre-toi@{self.host}/index.php/admin/remotecontrol"

    @property
    def form(self) -> str:
        """The address of the survey's form in the catalogue."""
        return f"http://{self.host}/index.php/{SURVEY}?lang=fr&numDossier={{file_number}}&idCandidature={{application}}"

    def send_off(self, application: str, number: int = 0, answers: Mapping[str, Any] | None = None) -> None:
        """A candidate has sent the form off."""
        number = number or max(self.responses, default=0) + 1
        row = {"id": str(number), "submitdate": "2027-02-01 11:30:00", "lastpage": "1", "startlanguage": "fr"}
        row |= {"idCandidature": application, "numDossier": "AB12CD34", "OU": "En mer.", "LG[SQ001]": "Oui"}
        self.responses[number] = row | dict(answers or {})

    def count(self, method: str) -> int:
        """How often it was asked for that."""
        return [name for name, _ in self.asked].count(method)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """What RemoteControl answers."""
        if self.silent:
            await asyncio.sleep(3600)
        if self.says is not None or self.status != 200:
            return web.Response(text=self.says or "", status=self.status, content_type="text/html")
        asked = await request.json()
        method, params = asked["method"], asked["params"]
        self.asked.append((method, params))
        result = self.results[method] if method in self.results else getattr(self, f"_{method}")(*params)
        return web.json_response({"id": asked["id"], "result": result, "error": None})

    def _get_session_key(self, user: str, password: str) -> Any:
        if (user, password) != (USER, PASSWORD):
            return {"status": "Invalid user name or password"}
        self.sessions.add(KEY)
        return KEY

    def _release_session_key(self, key: str) -> Any:
        self.sessions.discard(key)
        return "OK"

    def _get_site_settings(self, key: str, name: str) -> Any:
        return "6.4.0" if key in self.sessions else {"status": "Invalid session key"}

    def _list_questions(self, key: str, survey: int) -> Any:
        return self._refused(key, survey) or QUESTIONS

    def _get_summary(self, key: str, survey: int, name: str) -> Any:
        done = sum(bool(row.get("submitdate")) for row in self.responses.values())
        return self._refused(key, survey) or {"completed_responses": str(done), "full_responses": len(self.responses)}

    def _export_responses(self, key: str, survey: int, kind: str, *others: Any) -> Any:
        language, status, headings, texts, first, last = others
        assert (kind, language, status, headings, texts) == ("json", None, "all", "code", "long")
        if refused := self._refused(key, survey):
            return refused
        rows = [row for number, row in sorted(self.responses.items()) if first <= number <= last]
        listed = [{row["id"]: row} for row in rows] if self.by_number else rows
        return encoded({"responses": listed})

    def _refused(self, key: str, survey: int) -> Any:
        if key not in self.sessions:
            return {"status": "Invalid session key"}
        return None if str(survey) == SURVEY else {"status": "Error: Invalid survey ID"}


def encoded(export: Any) -> str:
    """An export as it is handed over."""
    return base64.b64encode(json.dumps(export).encode()).decode()


@asynccontextmanager
async def survey_server() -> AsyncIterator[SurveyServer]:
    """A running one."""
    server = SurveyServer()
    async with served({("POST", "/index.php/admin/remotecontrol"): server.answer}) as host:
        server.host = host
        yield server

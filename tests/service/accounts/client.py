"""The registration desk: a running accounts service, and what a person does at it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.journal import JOURNALS
from services.chassis.security.sealing import Sealer
from services.chassis.testing import Suite
from services.contracts.events import accounts as events
from services.contracts.events.catalogue import Audience, Event
from services.contracts.events.offers import CampaignActivated, CampaignClosed

PASSWORD = "cheval bleu sous la pluie"
INE = "0123456789M"

IDENTITY: dict[str, Any] = {
    "title": "mrs",
    "family_name": "Durand",
    "given_name": "Zoé",
    "birth_date": "2003-05-14",
    "birth_country": "FR",
    "birth_place": "Perpignan",
    "nationality": "FR",
    "national_student_number": INE,
}
ADDRESS: dict[str, Any] = {"lines": ["1 rue des Oiseaux"], "postcode": "66000", "city": "Perpignan", "country": "FR"}
BACCALAUREATE: dict[str, Any] = {"kind": "bac", "series": "Générale", "year": 2021}
STEPS = {"identity": IDENTITY, "address": ADDRESS, "baccalaureate": BACCALAUREATE}


@dataclass(frozen=True)
class Reply:
    """What the service answered."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def slug(self) -> str:
        return str(self.body["slug"])

    @property
    def fields(self) -> dict[str, str]:
        return {fault["field"]: fault["slug"] for fault in self.body["fields"]}


@dataclass
class AccountsClient:
    """A running service, its clock, and what it has told others."""

    suite: Suite
    clock: FixedClock

    async def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, **more: Any
    ) -> Reply:
        if body is not None:
            more["json"] = body
        async with self.suite.client.request(
            method, f"/api/accounts{path}", headers=dict(headers or {}), **more
        ) as response:
            text = await response.text()
            return Reply(response.status, json.loads(text) if text else None, response.headers)

    async def open_campaign(self, code: str = "2027", *, closing: str | None = None) -> None:
        if closing is not None:
            await self.suite.publish(CampaignClosed(campaign=closing), "offers")
        event = CampaignActivated(campaign=code, label=code, starts_on="2026-11-01", ends_on="2027-10-31")
        await self.suite.publish(event, "offers")
        await self.suite.settle()

    async def told(self, kind: type[Event]) -> list[dict[str, Any]]:
        """The data of all events of a type that the service has published, in order."""
        await self.suite.settle()
        store = self.suite.service("accounts").service.ports.store
        rows = await store.find(JOURNALS[kind.AUDIENCE].name, {}, limit=1000)
        envelopes = [json.loads(row["body"]) for row in rows]
        return [envelope["data"] for envelope in envelopes if envelope["type"] == kind.TYPE]

    async def everything_told(self, audience: Audience) -> str:
        await self.suite.settle()
        store = self.suite.service("accounts").service.ports.store
        return "".join(row["body"] for row in await store.find(JOURNALS[audience].name, {}, limit=1000))

    async def mails(self, kind: str | None = None, email: str | None = None) -> list[dict[str, Any]]:
        """The mails with links that the service asked for, as the mailer can read them."""
        sealer = Sealer("", self.suite.host.settings.data)
        async with sealer.running():
            return [
                mail | {"token": sealer.open(mail["token"])}
                for mail in (
                    *await self.told(events.LinkIssued),
                    *({"kind": "staff-invited", **mail} for mail in await self.told(events.StaffInvited)),
                )
                if kind in (None, mail["kind"]) and email in (None, mail["email"])
            ]

    async def kept(self, collection: str) -> list[dict[str, Any]]:
        """What stands in the store."""
        return await self.suite.service("accounts").service.ports.store.find(collection, {}, limit=1000)

    def command(self) -> CommandContext:
        """The circumstances in which a timer acts now."""
        return CommandContext(now=self.clock.now(), correlation="test", actor=OPERATOR)

    def zoe(self, **changes: Any) -> "Person":
        return Person(self, **changes)


@dataclass
class Person:
    """Somebody at a keyboard."""

    client: AccountsClient
    email: str = "zoe.durand@etu.test"
    family_name: str = "Durand"
    given_name: str = "Zoé"
    password: str = PASSWORD
    file_number: str = ""
    tokens: dict[str, Any] = field(default_factory=dict)

    @property
    def form(self) -> dict[str, Any]:
        return {
            "family_name": self.family_name,
            "given_name": self.given_name,
            "email": self.email,
            "email_confirmation": self.email,
        }

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}

    async def register(self, headers: Mapping[str, str] | None = None, **changes: Any) -> Reply:
        return await self.client.ask("POST", "/accounts", self.form | changes, headers)

    async def link(self, kind: str = "account-created") -> str:
        """The secret in the latest mail of a kind."""
        mail = (await self.client.mails(kind, self.email))[-1]
        self.file_number = mail["file_number"]
        return str(mail["token"])

    async def follow(self, token: str, password: str | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        body = {"token": token, "password": password or self.password}
        return await self.client.ask("POST", "/validations", body, headers)

    async def look(self, token: str) -> Reply:
        return await self.client.ask("GET", f"/validations/{token}")

    async def resend(self, email: str | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        return await self.client.ask("POST", "/validations/resend", {"email": email or self.email}, headers)

    async def forget(self, email: str | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        return await self.client.ask("POST", "/password-resets", {"email": email or self.email}, headers)

    async def reset(self, token: str, password: str, headers: Mapping[str, str] | None = None) -> Reply:
        return await self.client.ask(
            "POST", "/password-resets/confirm", {"token": token, "password": password}, headers
        )

    async def log_in(
        self,
        login: str | None = None,
        password: str | None = None,
        headers: Mapping[str, str] | None = None,
        device: str | None = None,
    ) -> Reply:
        body = {"login": login or self.email, "password": password or self.password}
        if device is not None:
            body["device"] = device
        reply = await self.client.ask("POST", "/sessions", body, headers)
        if reply.status == 200:
            self.tokens = reply.body
        return reply

    async def refresh(self, token: str | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        body = {"refresh_token": token or self.tokens["refresh_token"]}
        reply = await self.client.ask("POST", "/sessions/refresh", body, headers)
        if reply.status == 200 and token is None:
            self.tokens = reply.body
        return reply

    async def get(self, path: str) -> Reply:
        return await self.client.ask("GET", path, headers=self.bearer)

    async def do(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask for something as who is logged in."""
        return await self.client.ask(method, path, body, self.bearer | dict(headers or {}))

    async def give(self, step: str, if_match: str | None = None, **changes: Any) -> Reply:
        """Give a step of the profile; None takes a field away."""
        body = {name: value for name, value in (STEPS[step] | changes).items() if value is not None}
        headers = self.bearer | ({"If-Match": if_match} if if_match else {})
        return await self.client.ask("PUT", f"/me/profile/{step}", body, headers)

    async def arrive(self) -> "Person":
        """Register, validate, log in."""
        assert (await self.register()).status == 202
        assert (await self.follow(await self.link())).status == 200
        assert (await self.log_in()).status == 200
        return self

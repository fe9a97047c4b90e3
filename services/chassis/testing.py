"""Runs real services with the shipped adapters for tests and rehearsals: over HTTP, with a clock that stands still."""

from __future__ import annotations

import asyncio
import email
import email.policy
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web

from services.chassis import urls
from services.chassis.broker.signals import EXCHANGE, Position, position_key
from services.chassis.clock import FixedClock, ShiftedClock
from services.chassis.events.inbox import INBOX
from services.chassis.events.journal import JOURNALS
from services.chassis.host.host import Host, Pages, SettingOverrides
from services.chassis.ids import RandomIds
from services.chassis.ports import BrokerUnavailable, Clock, In, Message, Where
from services.chassis.security.tokens import KEYS, Signer
from services.chassis.service.service import Running
from services.chassis.settings import Settings
from services.contracts.events.catalogue import Event
from services.contracts.events.envelope import Envelope
from services.contracts.instants import instant_text

SETTLE_SECONDS: Final = 120.0
_SIGNERS: Final[dict[str, Signer]] = {}


class PeerService:
    """The services that do not run here: their keys, so that what they would sign is believed, and their events."""

    def __init__(self, signers: Mapping[str, Signer], clock: Clock) -> None:
        self._signers = signers
        self._clock = clock
        self._sequences: dict[str, int] = {}

    def sign(self, service: str, claims: Mapping[str, Any], *, typ: str) -> str:
        """What that service would sign."""
        return self._signers[service].sign(claims, typ=typ)

    def envelope(self, event: Event, service: str) -> Envelope:
        """An event as that service would send it, next in the order of its key."""
        key = event.partition_key
        self._sequences[key] = sequence = self._sequences.get(key, 0) + 1
        return Envelope(
            id=f"{service}.elsewhere.{key}.{sequence}",
            source=f"/parvis/{service}/elsewhere",
            type=event.TYPE,
            subject=key,
            time=instant_text(self._clock.now()),
            partitionkey=key,
            sequence=f"{sequence:010d}",
            correlationid="elsewhere",
            data=event.model_dump(mode="json", exclude_none=True),
        )


class Suite:
    """A running suite: `client` speaks to it, `clock` is its time."""

    def __init__(self, host: Host, client: aiohttp.ClientSession, clock: Clock, elsewhere: PeerService) -> None:
        self.host = host
        self.client = client
        self.clock = clock
        self.elsewhere = elsewhere
        self._read: dict[Path, EmailMessage] = {}

    @property
    def url(self) -> str:
        """The address of the suite, without trailing slash."""
        return f"http://127.0.0.1:{self.host.settings.port}"

    @property
    def ops_url(self) -> str:
        """The address of the operations' port."""
        return f"http://127.0.0.1:{self.host.ops_port}"

    def service(self, name: str) -> Running:
        """The machinery of one running service."""
        return self.host.running[name]

    def token(self, account: str, **more: Any) -> str:
        """An access token as accounts would give it, for suites that run without accounts; `more` are further claims."""
        now = int(self.clock.now().timestamp())
        claims = {
            "aud": "parvis",
            "sub": account,
            "iat": now,
            "exp": now + 600,
            "sid": f"session-{account}",
            "jti": f"{account}-{now}",
        }
        return self.elsewhere.sign("accounts", claims | more, typ="at+jwt")

    def bearer(self, account: str, **more: Any) -> dict[str, str]:
        """The request header of that token."""
        return {"Authorization": f"Bearer {self.token(account, **more)}"}

    async def publish(self, event: Event, service: str) -> Envelope:
        """Send an event of a service that does not run here; each service has heard it, or put it off, when this returns.

        So what is published next finds what this has changed, also if it is of another key, for which nothing else keeps
        the order. AssertionError after two minutes.
        """
        envelope = self.elsewhere.envelope(event, service)
        message = Message(event.AUDIENCE.value, event.TYPE, envelope.encode(), envelope.id)
        await self._send(message)
        await self._until(lambda: self._is_heard(envelope.id), "nobody takes the event up")
        return envelope

    async def _send(self, message: Message) -> None:
        """Have the broker confirm it, which a busy machine may not do within the time of one try."""
        broker = next(iter(self.host.running.values())).service.ports.broker

        async def is_confirmed() -> bool:
            with suppress(BrokerUnavailable):
                return bool(await broker.publish([message]))
            return False

        await self._until(is_confirmed, "nobody takes the message")

    async def _is_heard(self, id: str) -> bool:
        stores = [running.service.ports.store for running in self.host.running.values()]
        rows = [await store.get(INBOX.name, id) for store in stores]
        return not any(row is not None and row["state"] == "pending" for row in rows)

    async def vouch(self, *services: str) -> None:
        """Say for services that do not run here that they have told all that they have to say, up to now."""
        for service in services:
            for journal in JOURNALS.values():
                said = Position(
                    service=service,
                    journal=journal.name,
                    position=0,
                    heads={},
                    until=instant_text(self.clock.now()),
                )
                await self._send(Message(EXCHANGE, position_key(service), said.model_dump_json().encode(), "vouched"))
        for running in self.host.running.values():
            await running.listener.look()

    def mails(self) -> list[EmailMessage]:
        """The mails in the Maildir, oldest first: as they were written, of which several may be of one second.

        Each is read once, for to read it takes longer than to write it; so nobody changes them.
        """
        folder = self.host.settings.data / "mail"
        files = sorted([*folder.glob("new/*"), *folder.glob("cur/*")], key=lambda file: file.stat().st_mtime_ns)
        for file in files:
            if file not in self._read:
                self._read[file] = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        return [self._read[file] for file in files]

    async def settle(self) -> None:
        """Wait until every event has been relayed, published and applied (or parked); AssertionError after two minutes.

        What others than these services themselves have left in their stores, and what a clock that was moved has made due,
        is looked for at once, and not when it is time.
        Each process then knows which sessions are over, for which it looks once a second only.
        """
        for running in self.host.running.values():
            running.relay.look()
            for look in running.service.looks:
                look()
        await self._until(self._stays_settled, "the suite does not come to rest")
        for running in self.host.running.values():
            await running.revocations.look()

    async def _stays_settled(self) -> bool:
        """Two looks, for what is applied during one may tell something where that one has looked already.

        The second one sees that, or else the journals are longer than they were before the first.
        """
        before = await self._journaled()
        return await self._is_settled() and await self._is_settled() and before == await self._journaled()

    async def _journaled(self) -> Sequence[int]:
        """The newest position of each journal."""
        return [await journal.last() for running in self.host.running.values() for journal in running.journals.values()]

    async def _until(self, holds: Callable[[], Awaitable[bool]], otherwise: str) -> None:
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                while not await holds():  # noqa: ASYNC110 - rest is seen by looking
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(otherwise) from None

    async def _is_settled(self) -> bool:
        for running in self.host.running.values():
            await self._retry_at_once(running)
        if not await self.host.is_caught_up():
            return False
        waiting: Where = {"state": In(("pending", "retrying", "blocked"))}
        stores = [running.service.ports.store for running in self.host.running.values()]
        return not any([await store.count(INBOX.name, waiting) for store in stores])

    async def _retry_at_once(self, running: Running) -> None:
        """A clock that stands still would never bring the next try."""
        if isinstance(self.clock, FixedClock):
            for row in await running.service.ports.store.find(INBOX.name, {"state": "retrying"}, sort=(("due_at", 1),)):
                await running.inbox.retry(row["_id"])


@asynccontextmanager
async def run_suite(
    data: Path,
    *,
    services: Sequence[str],
    clock: Clock | None = None,
    pages: Pages | None = None,
    timers_by_time: bool = True,
    **settings: Any,
) -> AsyncIterator[Suite]:
    """Run these services on free ports with all their data in `data`; further keywords are settings.

    Without a `clock` one stands still at the present moment. Who has seen something waits for it for 20 s: how slow this
    machine is at the moment is nothing to be told. Who moves the clock and then tells timers to run has none run beside by
    itself where `timers_by_time` is not so.
    """
    clock = clock or FixedClock(Host(Settings(data=data), ()).clock.now())
    async with AsyncExitStack() as stack:
        signers = await _signers_elsewhere()
        address = await _serve_keysets(stack, signers, running := {})
        chosen = Settings(
            **{
                "data": data,
                "port": 0,
                "ops_port": 0,
                "keysets_url": f"{address}/{{service}}",
                "catch_up_seconds": 20,
                **settings,
            }
        )
        rehearsal = SettingOverrides(clock, timers_by_time=timers_by_time)
        host = await stack.enter_async_context(Host(chosen, services, pages=pages, rehearsal=rehearsal))
        running.update({name: f"http://127.0.0.1:{host.settings.port}/api/{name}/jwks.json" for name in services})
        client = await stack.enter_async_context(
            aiohttp.ClientSession(
                f"http://127.0.0.1:{host.settings.port}", timeout=aiohttp.ClientTimeout(timedelta(minutes=1).seconds)
            )
        )
        yield Suite(host, client, clock, PeerService(signers, clock))


async def _signers_elsewhere() -> Mapping[str, Signer]:
    """The signers of services that do not run here: the same for all suites of a process, for keys take long to make.

    Their only keys sign at any time.
    """
    from services import SERVICES  # noqa: PLC0415 - `run_suite` has an argument of that name

    with tempfile.TemporaryDirectory() as folder:
        for name in SERVICES:
            if name in _SIGNERS:
                continue
            store = urls.open_store("sqlite:", service=name, data=Path(folder))
            try:
                await store.prepare([KEYS])
                signer = Signer(name, store, ShiftedClock(), RandomIds())
                await signer.load()
            finally:
                await store.close()
            _SIGNERS.setdefault(name, signer)
    return dict(_SIGNERS)


async def _serve_keysets(stack: AsyncExitStack, signers: Mapping[str, Signer], running: Mapping[str, str]) -> str:
    """Serve the key sets of services that do not run here, and send on to those that do."""

    async def keyset(request: web.Request) -> web.Response:
        name = request.match_info["service"]
        if name in running:
            raise web.HTTPTemporaryRedirect(running[name])
        return web.json_response(signers[name].jwks())

    app = web.Application()
    app.router.add_get("/{service}", keyset)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"

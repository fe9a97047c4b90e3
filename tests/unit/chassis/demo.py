"""A small service of the tests' own, run as the host runs the real ones: shipped adapters, loopback, a clock that stands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import aiohttp
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from services.chassis import urls
from services.chassis.broker.topology import topology
from services.chassis.clock import FixedClock
from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates, Decision
from services.chassis.events.inbox import Apply
from services.chassis.events.outbox import Outbox
from services.chassis.http.application import root_application
from services.chassis.http.connections import Bounds
from services.chassis.http.server import Runner
from services.chassis.ids import RandomIds
from services.chassis.ports import Collection, Document, Store
from services.chassis.routing import Posted, Request, Response, Route
from services.chassis.security.tokens import KEYS, KeySets, Signer
from services.chassis.service.parameters import ParameterCopy
from services.chassis.service.service import Ports, Running, Service
from services.chassis.settings import Settings
from services.contracts.actors import Role
from services.contracts.api.access import PUBLIC, staff
from services.contracts.api.endpoint import Api, Endpoint
from services.contracts.events.catalogue import Event
from services.contracts.refusals import NOT_FOUND, ErrorCode, ErrorKind
from tests.unit.chassis.texts import catalogues_with

FULL = ErrorCode("basket-full", ErrorKind.CONFLICT)
MOMENT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TEXTS = {
    "fr": ("Le panier est plein", "Il ne tient que {max} fruits. Retirez-en un, puis recommencez."),
    "en": ("The basket is full", "It holds {max} fruits only. Take one out, then try again."),
}


class FruitPut(Event, type="demo.fruit.put.v1", key="basket"):
    """A fruit was put into a basket."""

    basket: str
    fruit: str


class FruitBody(BaseModel):
    """A fruit to put in."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    fruit: Annotated[str, Field(min_length=2, max_length=10, pattern=r"^[^\x00-\x1f\x7f]*$")]
    kind: Literal["red", "green"] | None = None
    weight: Annotated[int, Field(ge=1, le=1000)] | None = None


class PageQuery(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    open: bool | None = None


class BasketPath(BaseModel):
    """Names of baskets."""

    id: Annotated[str, Field(pattern=r"^b-[a-z0-9]{1,18}$")]


class Basket(BaseModel):
    """A basket and what is in it."""

    id: str
    fruits: list[str]
    version: int


class Baskets(BaseModel):
    """Some baskets."""

    items: list[Basket]
    next: str | None


DEMO = Api("demo", "Demo", "Baskets of fruits.", signs=True)
LIST: Endpoint[None, Baskets] = DEMO.declare(
    Endpoint(
        "GET",
        "/baskets",
        "Some baskets.",
        access=PUBLIC,
        query=PageQuery,
        answer=Baskets,
        cache="public, max-age=10",
        heeds=(FruitPut,),
    )
)
GET: Endpoint[None, Basket] = DEMO.declare(
    Endpoint("GET", "/baskets/{id}", "One basket.", path_params=BasketPath, answer=Basket)
)
PUT: Endpoint[FruitBody, Basket] = DEMO.declare(
    Endpoint(
        "POST",
        "/baskets/{id}/fruits",
        "Put a fruit into a basket.",
        body=FruitBody,
        answer=Basket,
        path_params=BasketPath,
        status=201,
        heeds=(FruitPut,),
        refusals=(FULL,),
        takes_key=True,
        takes_if_match=True,
    )
)
EMPTY: Endpoint[None, None] = DEMO.declare(
    Endpoint("POST", "/baskets/{id}/emptying", "Take all out.", path_params=BasketPath)
)
SHELVES: Endpoint[None, Baskets] = DEMO.declare(
    Endpoint("GET", "/shelves", "What is on the shelves.", access=staff(Role.MANAGER, Role.ADMIN), answer=Baskets)
)
BYTES: Endpoint[None, None] = DEMO.declare(
    Endpoint("GET", "/bytes", "Some bytes.", access=PUBLIC, download=("application/octet-stream",))
)


@dataclass(frozen=True, slots=True)
class Put:
    """The fact that a fruit was put in."""

    fruit: str


class Repository(Aggregates[tuple[str, ...]]):
    """Baskets."""

    service = "demo"
    collection = Collection("baskets", (OUTBOX_INDEX,))

    def to_document(self, state: tuple[str, ...]) -> Document:
        """The fruits."""
        return {"fruits": list(state)}

    def from_document(self, document: Document) -> tuple[str, ...]:
        """The fruits."""
        return tuple(document["fruits"])

    def publish(self, id: str, state: tuple[str, ...], fact: Any) -> Sequence[Event]:
        """One event per fruit."""
        return [FruitPut(basket=id, fruit=fact.fruit)]


@dataclass(slots=True)
class Demo:
    """The demo service: what its handlers need and may be told to do."""

    baskets: Repository
    gate: Callable[[], Awaitable[None]] | None = None
    own_gate: Callable[[], Awaitable[None]] | None = None
    chunks: Sequence[bytes] = (b"one", b"two")
    failure: Exception | None = None
    short: bool = False
    seen: list[str] = field(default_factory=list)

    def routes(self) -> list[Route]:
        """All routes."""
        return [
            Route(LIST, self.list),
            Route(GET, self.get),
            Route(PUT, self.put),
            Route(EMPTY, self.empty),
            Route(BYTES, self.bytes),
            Route(SHELVES, self.shelves),
        ]

    async def list(self, request: Request) -> Response:
        """The empty basket, as often as asked; waits at the gate and fails when told."""
        if self.gate is not None:
            await self.gate()
        if self.failure is not None:
            raise self.failure
        limit = request.query(PageQuery).limit
        return Response(Baskets(items=[Basket(id=str(limit), fruits=[], version=1)], next=None))

    async def get(self, request: Request) -> Response:
        """One basket of the asker's own; waits at its own gate."""
        if self.own_gate is not None:
            await self.own_gate()
        saved = await self.baskets.get(f"{request.actor.account}-{request.path['id']}")
        if saved is None:
            raise NOT_FOUND()
        view = Basket(id=request.path["id"], fruits=list(saved.state), version=saved.version)
        return Response(view, etag=saved.version)

    async def put(self, request: Posted[FruitBody]) -> Response:
        """Put one in, at most three."""
        fruit = request.body.fruit
        id = f"{request.actor.account}-{request.path['id']}"

        def decide(state: tuple[str, ...]) -> Decision[tuple[str, ...]]:
            if len(state) >= 3:
                raise FULL(max=3)
            return Decision((*state, fruit), [Put(fruit)], {"fruits": [*state, fruit]})

        outcome = await self.baskets.change(id, decide, request.command)
        if outcome is None:
            outcome = await self.baskets.add(id, decide(()), request.command)
        view = Basket(id=request.path["id"], fruits=outcome.answer["fruits"], version=outcome.saved.version)
        return Response(view, etag=outcome.saved.version, events=outcome.events)

    async def empty(self, request: Request) -> Response:
        """Take all out."""
        id = f"{request.actor.account}-{request.path['id']}"
        outcome = await self.baskets.change(id, lambda state: Decision(()), request.command)
        if outcome is None:
            raise NOT_FOUND()
        return Response(events=outcome.events)

    async def shelves(self, request: Request) -> Response:
        """A basket for each centre that the asker may see."""
        centres = sorted({centre for grant in request.actor.grants for centre in grant.centres or ()})
        return Response(Baskets(items=[Basket(id=centre, fruits=[], version=1) for centre in centres], next=None))

    async def bytes(self, request: Request) -> Response:
        """Two chunks, which are six bytes, or others; fails after the first when told."""

        async def chunks() -> AsyncIterator[bytes]:
            for number, chunk in enumerate(self.chunks):
                if number and self.failure is not None:
                    raise self.failure
                yield chunk
                if self.short:
                    break

        known = {"Content-Type": "application/octet-stream", "Content-Length": str(sum(map(len, self.chunks)))}
        return Response(stream=chunks(), etag="bytes-1", headers=known)


@dataclass(slots=True)
class DemoService:
    """The demo service as it runs."""

    url: str
    client: aiohttp.ClientSession
    clock: FixedClock
    demo: Demo
    running: Running
    accounts: Signer

    def bearer(self, account: str = "ada", **claims: Any) -> dict[str, str]:
        """The header of an access token as accounts would sign it."""
        now = int(self.clock.now().timestamp())
        whole = {"aud": "parvis", "sub": account, "iat": now, "exp": now + 600, "jti": "j", "sid": "s"}
        return {"Authorization": f"Bearer {self.accounts.sign(whole | claims, typ='at+jwt')}"}


@asynccontextmanager
async def run_demo(
    data: Path, subscriptions: Mapping[type[Event], Apply] | None = None, **settings: Any
) -> AsyncIterator[DemoService]:
    """The demo service on a free port of loopback."""
    clock = FixedClock(MOMENT)
    async with AsyncExitStack() as stack:
        accounts = await _signer("accounts", data, clock, stack)
        address = await serve(stack, _key_set(accounts))
        chosen = Settings(data=data, keysets_url=address + "/{service}", **settings)
        keysets = await stack.enter_async_context(KeySets(chosen.keyset_address, clock))
        store = _store("demo", data, stack)
        broker = urls.open_broker("local:", topology({"demo": subscriptions or {}}))
        stack.push_async_callback(broker.close)
        objects = urls.open_objects("file:", data)
        stack.push_async_callback(objects.close)
        mail = urls.open_mail("maildir:", data)
        stack.push_async_callback(mail.close)
        scanner = urls.open_scanner("none:")
        stack.push_async_callback(scanner.close)
        ent = urls.open_ent("none:", clock)
        records = urls.open_records("none:")
        forms = urls.open_forms("none:")
        stack.push_async_callback(ent.close)
        ids = RandomIds()
        ports = Ports(chosen, clock, ids, store, broker, objects, mail, scanner, ent, records, forms, keysets, Outbox())
        demo = Demo(Repository(store, ports.outbox))
        service = Service(
            api=DEMO,
            ports=ports,
            parameters=ParameterCopy("demo", store, chosen),
            routes=demo.routes(),
            texts=catalogues_with({"demo.basket-full": TEXTS}),
            aggregates=[Repository.collection],
            collections=[KEYS],
            subscriptions=subscriptions or {},
            signer=Signer("demo", store, clock, ids),
        )
        running = await stack.enter_async_context(Running(service))
        url = await serve(stack, root_application(chosen, [running]), chosen)
        client = await stack.enter_async_context(aiohttp.ClientSession(url))
        yield DemoService(url, client, clock, demo, running, accounts)


async def serve(stack: AsyncExitStack, app: web.Application, settings: Settings | None = None) -> str:
    """Serve on a free port of loopback; the address without trailing slash."""
    runner = Runner(app, Bounds.of(settings or Settings()), drain_seconds=1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


def _store(name: str, data: Path, stack: AsyncExitStack) -> Store:
    store = urls.open_store("sqlite:", service=name, data=data)
    stack.push_async_callback(store.close)
    return store


async def _signer(name: str, data: Path, clock: FixedClock, stack: AsyncExitStack) -> Signer:
    store = _store(name, data / "elsewhere", stack)
    await store.prepare([KEYS])
    signer = Signer(name, store, clock, RandomIds())
    await signer.load()
    return signer


def _key_set(signer: Signer) -> web.Application:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(signer.jwks())

    app = web.Application()
    app.router.add_get("/{service}", answer)
    return app

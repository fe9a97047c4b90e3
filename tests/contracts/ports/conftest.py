"""The adapters that owe the suites of this folder: one line each in the tables below."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ports import Broker, Mail, Objects, Store
from tests.contracts.ports.cluster import AmqpPlace, SmtpPlace
from tests.contracts.ports.places import (
    PEOPLE,
    TOPOLOGY,
    BrokerPlace,
    MaildirPlace,
    MailPlace,
    ObjectsPlace,
    StorePlace,
)
from tests.servers import catalogue

Request = pytest.FixtureRequest

STORES: dict[str, Callable[[Request, Path], StorePlace]] = {
    "sqlite": lambda _, data: StorePlace("sqlite:", data),
    "mongodb": lambda request, data: StorePlace(request.getfixturevalue("mongodb").new_database(), data),
}

BROKERS: dict[str, Callable[[Request], BrokerPlace]] = {
    "local": lambda _: BrokerPlace("local:"),
    "rabbitmq3": lambda request: AmqpPlace.on(request.getfixturevalue("rabbitmq3")),
    "rabbitmq4": lambda request: AmqpPlace.on(request.getfixturevalue("rabbitmq4")),
}

OBJECTS: dict[str, Callable[[Request, Path], ObjectsPlace]] = {
    "file": lambda _, data: ObjectsPlace("file:", data),
    "s3": lambda request, data: ObjectsPlace(request.getfixturevalue("s3").new_bucket(), data),
}

MAILS: dict[str, Callable[[Request, Path], MailPlace]] = {
    "maildir": lambda _, data: MaildirPlace("maildir:", data),
    "smtp": lambda request, data: SmtpPlace.before(request.getfixturevalue("smtp"), data),
}


def adapters(table: Iterable[str]) -> list[Any]:
    """The adapters of a table, each marked with the server that it needs."""
    return [pytest.param(name, marks=[pytest.mark.servers(name)] if name in catalogue.NAMES else []) for name in table]


@pytest.fixture(params=adapters(STORES))
def store_place(request: Request, tmp_path: Path) -> StorePlace:
    return STORES[request.param](request, tmp_path)


@pytest.fixture
async def store(store_place: StorePlace) -> AsyncIterator[Store]:
    async with AsyncExitStack() as stack:
        yield await store_place.open(stack, PEOPLE)


@pytest.fixture(params=adapters(BROKERS))
async def broker_place(request: Request) -> AsyncIterator[BrokerPlace]:
    place = BROKERS[request.param](request)
    await place.declare(TOPOLOGY)
    yield place
    await place.clean(TOPOLOGY)


@pytest.fixture
async def broker(broker_place: BrokerPlace) -> AsyncIterator[Broker]:
    async with AsyncExitStack() as stack:
        yield await broker_place.open(stack, TOPOLOGY)


@pytest.fixture(params=adapters(OBJECTS))
def objects_place(request: Request, tmp_path: Path) -> ObjectsPlace:
    return OBJECTS[request.param](request, tmp_path)


@pytest.fixture
async def objects(objects_place: ObjectsPlace) -> AsyncIterator[Objects]:
    async with AsyncExitStack() as stack:
        yield await objects_place.open(stack)


@pytest.fixture(params=adapters(MAILS))
def mail_place(request: Request, tmp_path: Path) -> MailPlace:
    return MAILS[request.param](request, tmp_path)


@pytest.fixture
async def mail(mail_place: MailPlace) -> AsyncIterator[Mail]:
    async with AsyncExitStack() as stack:
        yield await mail_place.open(stack)

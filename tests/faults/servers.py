"""What happens to the suite on servers while a ledger is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from services import SERVICES
from services.chassis.ports import Document
from tests.faults.conftest import REPLICAS, FaultBench
from tests.faults.ledger import Population, Run, Stroke, flipped_in_the_midst, is_refused_or_cut
from tests.faults.mails import no_mail_is_handed_over
from tests.service.operations.test_commands_beside import COMMANDS, DONE

ELSE: Final[Mapping[str, tuple[int, tuple[str, ...]]]] = {
    "subscriber add": (DONE, ("ledger", "--types", "applications.application.submitted.v1", "--amqp", "{amqp}")),
    "subscriber list": (DONE, ()),
    "subscriber remove": (DONE, ("ledger",)),
    "suite begin": (DONE, ()),
    "topology apply": (DONE, ("--secrets", "{secrets}", "--amqp", "{amqp}")),
    "topology check": (DONE, ("--secrets", "{secrets}")),
    "topology empty": (DONE, ()),
}
"""Commands that end otherwise than on one machine."""
ELSEWHERE: Final = frozenset({"demo", "serve", "up"})
"""Those that are the suite, or ask each thing once: `tests/journeys/test_demo.py` plays in both sizes."""
PLENTY: Final = "900000GB"
ENOUGH: Final = "50MB"
"""Free space that the broker wants to see before it takes messages; RabbitMQ 3.10 knows no greater unit."""


class Servers(Run):
    """Strokes against a process per service and replica, and the servers behind them."""

    def __init__(self, bench: FaultBench, crowd: Population, folder: Path) -> None:
        super().__init__(bench.cluster, crowd, folder)
        self._stand = bench

    def commands(self) -> list[Stroke]:
        return [partial(self._types, command) for command in COMMANDS if command not in ELSEWHERE]

    def strokes(self) -> Sequence[Stroke]:
        return (
            self.a_replica_is_killed,
            self.a_service_is_killed,
            self.the_broker_is_killed,
            self.the_broker_has_no_room,
            self.documents_has_no_room,
            self.an_object_is_damaged,
            self.a_row_is_damaged,
            self.is_pressed,
        )

    async def _types(self, command: str) -> None:
        expected, arguments = {**COMMANDS, **ELSE}[command]
        virtual_host = self._stand.cluster.virtual_host
        places = {"secrets": virtual_host.secrets, "amqp": virtual_host.amqp, "tmp": "{tmp}", "url": "{url}"}
        words = [word.format(**places) for word in arguments]
        await self.types(command, expected, words, broker_admin=virtual_host.admin_url)

    async def a_replica_is_killed(self) -> None:
        await self._kills(self.seed.choice(SERVICES), [self.seed.randrange(REPLICAS)])

    async def a_service_is_killed(self) -> None:
        await self._kills(self.seed.choice(SERVICES), range(REPLICAS))

    async def _kills(self, service: str, replicas: Sequence[int]) -> None:
        for number in replicas:
            if service == "mailer":
                await no_mail_is_handed_over(self._stand, number)
            await self._stand.cluster.processes[service][number].kill()
            self.figures["kills"] += 1
        await self.crowd.write(2 if service != "accounts" or len(replicas) < REPLICAS else 0)
        await self._stand.cluster.start()

    async def the_broker_is_killed(self) -> None:
        await self._stand.rabbitmq.settle()
        await self._stand.rabbitmq.kill()
        await self.crowd.write(4)
        await self._stand.rabbitmq.start()
        self.figures["kills"] += 1

    async def the_broker_has_no_room(self) -> None:
        """It takes no message; what is acknowledged meanwhile is told when it does."""
        await self._broker_wants(PLENTY)
        await self.crowd.write(8)
        await self._broker_wants(ENOUGH)
        self.figures["full disks"] += 1

    async def _broker_wants(self, free: str) -> None:
        await asyncio.to_thread(self._stand.rabbitmq.ctl, "set_disk_free_limit", free)

    async def documents_has_no_room(self) -> None:
        await self.refuses_uploads_for_want_of_room(
            process.pid for process in self._stand.cluster.processes["documents"]
        )

    async def an_object_is_damaged(self) -> None:
        """A document of which a bit is another is refused, `verify` names it and nothing else, and it is put right."""
        person = await self.somebody()
        document = self.whom.choice(sorted(person.ledger.documents))
        whole = await self._replaced(document, flipped_in_the_midst)
        assert await is_refused_or_cut(person, document)
        await self.is_verified_but_for(document)
        await self._replaced(document, lambda _: whole)
        self.figures["damaged objects"] += 1

    async def _replaced(self, document: str, change: Callable[[bytes], bytes]) -> bytes:
        """Put other bytes in the place of a document's; those that were there."""
        ports = self._stand.suite["documents"].ports
        row = await ports.store.get("documents", document)
        assert row is not None
        before = b"".join([chunk async for chunk in ports.objects.read(row["object"])])
        await ports.objects.delete(row["object"])
        async with ports.objects.stage(len(before)) as stage:
            await stage.write(change(before))
            await stage.finish()
            await stage.commit(row["object"], "application/pdf")
        return before

    async def a_row_is_damaged(self) -> None:
        """An application that cannot be read is refused, `verify` names it, and it is put right."""
        person = await self.somebody()
        store, id = self._stand.suite["applications"].ports.store, person.ledger.application
        row = await store.get("applications", id)
        assert row is not None
        broken: Document = {name: value for name, value in row.items() if name != "state"}
        assert await store.replace("applications", broken, version=row["version"])
        person.insist = False
        answer = await person.get(person.place)
        person.insist = True
        assert answer.status in {500, 503}, answer.body
        said = await self.suite.parvis("verify", "all", "--timeout", "0")
        assert (said.returncode, id in said.stdout) == (1, True), said.stdout
        assert await store.replace("applications", row, version=row["version"])
        self.figures["damaged rows"] += 1

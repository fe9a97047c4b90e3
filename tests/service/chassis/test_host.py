"""A process is ready when it can serve, says so on its second port, and finishes what is under way before it goes."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import aiohttp

from services.chassis.events.inbox import INBOX
from services.chassis.host.host import Host
from services.chassis.ports import Document
from services.chassis.service.service import LOOK_SECONDS, Running
from services.chassis.settings import Settings
from services.chassis.telemetry.supervisor import Supervisor
from services.chassis.testing import run_suite
from services.cli.offline import opened
from services.contracts.backoff import Backoff


async def answer(port: int, path: str) -> tuple[int, str]:
    """Status and text of an operations' page."""
    async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{port}{path}") as said:
        return said.status, await said.text()


async def test_the_second_port_tells_of_life_readiness_version_and_figures(tmp_path: Path) -> None:
    async with Host(Settings(data=tmp_path, port=0, ops_port=0), ["offers"]) as host:
        assert await answer(host.ops_port, "/livez") == (200, "ok\n")
        status, text = await answer(host.ops_port, "/readyz")
        assert status == 200
        assert '"offers.store": "ok"' in text
        assert "parvis_journal_lag" in (await answer(host.ops_port, "/metrics"))[1]
        figures = (await answer(host.ops_port, "/metrics"))[1]
        assert "parvis_build_info{" in figures
        assert 'parvis_outbox_documents{service="offers"}' in figures
        ran = 'parvis_timer_last_run_timestamp_seconds{service="offers",timer="figures"}'
        async with asyncio.timeout(120):
            while ran not in (await answer(host.ops_port, "/metrics"))[1]:
                await asyncio.sleep(0.02)
        assert '"services": ["offers"]' in (await answer(host.ops_port, "/version"))[1]


async def test_a_broker_that_is_away_is_told_and_takes_nobody_out_of_service(tmp_path: Path) -> None:
    """ADR 6: it costs delay and nothing else."""
    nobody_listens = "amqp://nobody:nothing@127.0.0.1:9/parvis"
    settings = Settings(data=tmp_path, port=0, ops_port=0, broker=nobody_listens)
    async with Host(settings, ["offers", "mailer"]) as host:
        assert (await answer(host.ops_port, "/readyz"))[0] == 200
        status = json.loads((await answer(host.ops_port, "/status"))[1])
        assert (status["ready"], status["dependencies"]["broker"]["up"]) == (True, False)
        assert status["dependencies"]["broker"]["error"] == "BrokerUnavailable"
        figures = (await answer(host.ops_port, "/metrics"))[1]
        assert 'parvis_dependency_up{dependency="broker"} 0.0' in figures
        assert 'parvis_port_errors_total{error="BrokerUnavailable",operation="publish",port="broker"' in figures


async def test_the_status_tells_of_every_dependency_and_every_task(tmp_path: Path) -> None:
    async with Host(Settings(data=tmp_path, port=0, ops_port=0), ["mailer"]) as host:
        status = json.loads((await answer(host.ops_port, "/status"))[1])
        assert status["dependencies"].keys() == {"mailer.store", "broker", "mail"}
        assert all(told["up"] and told["worked_at"] for told in status["dependencies"].values())
        assert {"mailer.relay", "mailer.inbox", "mailer.listen", "mailer.timer-sweep"} <= status["tasks"].keys()
        assert status["tasks"]["mailer.send-urgent"] == {
            "working": True,
            "kept_running": True,
            "restarts": 0,
            "failed_at": None,
            "error": None,
        }


async def test_a_task_that_cannot_be_kept_running_makes_the_process_not_ready(tmp_path: Path) -> None:
    async def broken() -> None:
        raise KeyError

    async with Host(Settings(data=tmp_path, port=0, ops_port=0), ["offers"]) as host:
        host.tasks = supervisor = Supervisor(backoff=Backoff(timedelta(), timedelta()))
        async with supervisor.running({"broken": broken}):
            while supervisor.states["broken"].in_a_row < 3:
                await asyncio.sleep(0)
            status, text = await answer(host.ops_port, "/readyz")
            assert (status, json.loads(text)["broken"]) == (503, "failing")


async def test_a_store_that_does_not_work_makes_the_process_not_ready(tmp_path: Path) -> None:
    async with Host(Settings(data=tmp_path, port=0, ops_port=0), ["offers"]) as host:
        await host.running["offers"].service.ports.store.close()
        status, text = await answer(host.ops_port, "/readyz")
        assert (status, json.loads(text)["offers.store"]) == (503, "down")


async def test_a_draining_process_is_alive_but_not_ready(tmp_path: Path) -> None:
    async with Host(Settings(data=tmp_path, port=0, ops_port=0), ["offers"]) as host:
        host.draining = True
        assert (await answer(host.ops_port, "/livez"))[0] == 200
        assert (await answer(host.ops_port, "/readyz"))[0] == 503


async def test_what_is_under_way_is_answered_before_the_process_goes(tmp_path: Path) -> None:
    async with run_suite(tmp_path / "var", services=["documents"]) as suite:
        reader, writer = await asyncio.open_connection("127.0.0.1", suite.host.settings.port)
        head = f"PUT /api/documents/uploads HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {suite.token('a1')}\r\n"
        head += "Content-Type: application/pdf\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n"
        writer.write(head.encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100"), "it is under way"
        leaving = asyncio.create_task(suite.host.__aexit__(None, None, None))
        async with asyncio.timeout(120):
            while (await answer(suite.host.ops_port, "/readyz"))[0] != 503:
                await asyncio.sleep(0.01)
        writer.write(b"0123456789")
        assert (await reader.readline()).startswith(b"HTTP/1.1 422")
        writer.close()
        await writer.wait_closed()
        await leaving


async def test_a_start_waits_for_what_was_received_before_it_and_not_for_what_comes_on_top(tmp_path: Path) -> None:
    async with opened(Settings(data=tmp_path), ["documents"]) as suite:
        running, store = Running(suite["documents"]), suite["documents"].ports.store
        await store.insert(INBOX.name, received("early", at="2026-03-01T12:00:00.000Z"))
        starting = asyncio.create_task(running.wait_applied())
        await asyncio.sleep(5 * LOOK_SECONDS)
        assert not starting.done()
        await store.insert(INBOX.name, received("late", at="2999-03-01T12:00:00.000Z"))
        applied = received("early", at="2026-03-01T12:00:00.000Z") | {"state": "done", "version": 2}
        assert await store.replace(INBOX.name, applied, version=1)
        await starting
        assert not await running.is_applied()


def received(id: str, *, at: str) -> Document:
    return {"_id": id, "version": 1, "state": "pending", "key": id, "sequence": "0000000001", "received": at}

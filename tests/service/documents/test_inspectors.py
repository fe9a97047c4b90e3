"""The inspector process: bounded, replaced when it dies, and never the death of the suite."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from services.contracts.refusals import BUSY, ErrorCode, RefusedError
from services.contracts.refusals.documents import (
    ACTIVE_CONTENT,
    CONTENT_MISMATCH,
    DAMAGED,
    ENCRYPTED,
    IMAGE_TOO_LARGE,
    INSPECTION_UNAVAILABLE,
    TOO_COMPLEX,
)
from services.documents.domain.uploads import JPEG, PDF, PNG, Rules
from services.documents.usecases.inspection.pool import Bounds, Inspectors
from services.documents.usecases.inspection.scheduler import REMEMBERED, Scheduler
from services.documents.usecases.receiving import HEAD_BYTES, recognise
from tests.samples import sample
from tests.unit.documents import files
from tests.unit.documents.kinds import KINDS

ROOT = Path(__file__).parents[3]
MEGABYTE = 2**20
BOUNDS = Bounds(at_once=2, cpu_seconds=10, seconds=30, bytes=1024 * MEGABYTE, queue_seconds=30)
RULES = Rules((PDF, JPEG, PNG), 5 * MEGABYTE, 1_000_000)

Put = Callable[[bytes], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def write(content: bytes) -> Path:
        path = tmp_path / f"file-{len(list(tmp_path.iterdir()))}"
        path.write_bytes(content)
        return path

    return write


@asynccontextmanager
async def inspectors(bounds: Bounds = BOUNDS) -> AsyncIterator[Inspectors]:
    made = Inspectors(bounds)
    async with made.open():
        yield made


async def outcome(among: Inspectors, path: Path, media_type: str = PDF, person: str = "ann") -> ErrorCode | None:
    try:
        await among.inspect(path, media_type, RULES, person)
    except RefusedError as refusal:
        return refusal.slug
    return None


def started() -> list[psutil.Process]:
    """The inspectors that this test's process has started; servers of other tests may be its children, and end, as well."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if child.status() != psutil.STATUS_ZOMBIE and any("inspection.worker" in word for word in child.cmdline()):
                found.append(child)
    return found


def inspector() -> psutil.Process:
    (found,) = started()
    return found


def failures() -> float:
    """How many inspections have failed so far in this process, by its metrics."""
    return sample("parvis_inspections_total", {"outcome": "inspection-unavailable"}) or 0.0


async def test_each_finding_is_a_refusal(put: Put) -> None:
    """Acceptance 49."""
    async with inspectors() as among:
        assert await outcome(among, put(files.pdf())) is None
        assert await outcome(among, put(files.jpeg()), JPEG) is None
        assert await outcome(among, put(files.png()), PNG) is None
        assert await outcome(among, put(files.encrypted_pdf())) is ENCRYPTED
        assert await outcome(among, put(files.pdf()[:300])) is DAMAGED
        assert await outcome(among, put(files.pdf() + files.archive())) is CONTENT_MISMATCH
        assert await outcome(among, put(files.png_that_claims(9999, 9999)), PNG) is IMAGE_TOO_LARGE
        script = files.pdf().replace(b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /JavaScript /JS (1) >>")
        assert await outcome(among, put(script)) in (ACTIVE_CONTENT, DAMAGED)


async def test_what_needs_too_much_memory_is_too_complex_and_hurts_nobody(put: Put) -> None:
    async with inspectors(replace(BOUNDS, bytes=256 * MEGABYTE)) as among:
        bomb = put(files.bomb_pdf(288 * MEGABYTE))
        assert bomb.stat().st_size < RULES.max_bytes
        assert await outcome(among, bomb) is TOO_COMPLEX
        assert await outcome(among, put(files.pdf())) is None


async def test_what_needs_too_much_time_is_too_complex(put: Put) -> None:
    async with inspectors(replace(BOUNDS, cpu_seconds=1)) as among:
        assert await outcome(among, put(files.slow_pdf())) is TOO_COMPLEX
        assert await outcome(among, put(files.pdf())) is None


async def test_a_stalled_machine_is_not_the_files_fault(put: Put) -> None:
    """The fork is stopped by its alarm long before it used its share of the processor."""
    async with inspectors(replace(BOUNDS, seconds=1)) as among:
        assert await outcome(among, put(files.slow_pdf())) is INSPECTION_UNAVAILABLE


async def test_every_kind_can_be_looked_into_within_the_sandbox(put: Put) -> None:
    """What a parser would load or open when it first meets a kind is there already."""
    async with inspectors() as among:
        for kind, content in KINDS.items():
            announced = recognise(content[:HEAD_BYTES]) or ""
            assert (kind, await outcome(among, put(content), announced)) == (kind, None)
        with_attachment = files.pdf_with(lambda made: made.attachments.update({"a.odt": files.archive("é.xml")}))
        assert await outcome(among, put(with_attachment)) is None


async def test_a_file_that_cannot_be_opened_is_our_failure(tmp_path: Path) -> None:
    """An inspector that fails says nothing of the file."""
    before = failures()
    async with inspectors() as among:
        assert await outcome(among, tmp_path / "gone") is INSPECTION_UNAVAILABLE
    assert failures() == before + 1


async def test_an_exception_of_the_inspector_is_our_failure(put: Put) -> None:
    """An exception of the inspector's own is not the file's fault."""
    async with inspectors() as among:
        with pytest.raises(RefusedError) as caught:
            await among.inspect(put(files.jpeg()), JPEG, replace(RULES, max_pixels=None), "ann")  # type: ignore[arg-type]
        assert await outcome(among, put(files.pdf())) is None
    assert caught.value.slug is INSPECTION_UNAVAILABLE


async def test_an_inspector_that_was_killed_is_replaced(put: Put) -> None:
    async with inspectors() as among:
        assert await outcome(among, put(files.pdf())) is None
        first = inspector()
        first.kill()
        assert await outcome(among, put(files.pdf())) is None
        assert inspector().pid != first.pid


async def test_an_inspector_that_hangs_is_replaced(put: Put) -> None:
    async with inspectors(replace(BOUNDS, seconds=5, margin=0)) as among:
        assert await outcome(among, put(files.pdf())) is None
        first = inspector()
        first.suspend()
        assert await outcome(among, put(files.pdf())) is None
        assert inspector().pid != first.pid


async def test_a_fork_that_the_machine_kills_is_not_the_files_fault(put: Put) -> None:
    async with inspectors() as among:
        asking = asyncio.create_task(outcome(among, put(files.slow_pdf())))
        while not (forks := [fork for child in started() for fork in child.children()]):
            await asyncio.sleep(0.01)
        os.kill(forks[0].pid, signal.SIGKILL)
        assert await asking is INSPECTION_UNAVAILABLE


async def test_answers_find_their_questions(put: Put) -> None:
    good, bad = put(files.pdf()), put(files.encrypted_pdf())
    async with inspectors(replace(BOUNDS, at_once=8)) as among:
        asked = [outcome(among, (good, bad)[n % 2], person=f"person-{n}") for n in range(40)]
        assert await asyncio.gather(*asked) == [None, ENCRYPTED] * 20


async def test_no_file_meets_a_fork_that_has_seen_another(put: Put) -> None:
    """Whatever a file has made of its parser, it holds no other person's: also good ones end their fork."""
    good, bad = put(files.pdf()), put(files.encrypted_pdf())

    def spare() -> int:
        (fork,) = [fork.pid for fork in inspector().children() if fork.status() != psutil.STATUS_ZOMBIE]
        return fork

    seen: set[int] = set()

    async def another() -> int:
        """The one fork that waits for the next file, which is none of those that have had one."""
        async with asyncio.timeout(120):
            while True:
                with suppress(ValueError, psutil.NoSuchProcess):
                    if (fork := spare()) not in seen:
                        return fork
                await asyncio.sleep(0.01)

    async with inspectors() as among:
        for path, expected in ((good, None), (good, None), (bad, ENCRYPTED), (good, None)):
            assert await outcome(among, path) is expected
            seen.add(await another())
        assert len(seen) == 4


async def test_a_spare_fork_that_the_machine_kills_is_made_again(put: Put) -> None:
    good = put(files.pdf())
    async with inspectors() as among:
        assert await outcome(among, good) is None
        for fork in inspector().children():
            with suppress(psutil.NoSuchProcess):
                fork.kill()
        assert await outcome(among, good) in (None, INSPECTION_UNAVAILABLE)
        assert await outcome(among, good) is None


async def test_who_goes_away_leaves_no_answer_for_another(put: Put) -> None:
    good, bad = put(files.pdf()), put(files.encrypted_pdf())
    async with inspectors() as among:
        for _ in range(5):
            leaving = asyncio.create_task(outcome(among, bad))
            await asyncio.sleep(0.002)
            leaving.cancel()
            assert await outcome(among, good) is None


async def test_slow_files_of_one_person_do_not_hold_up_others(put: Put) -> None:
    slow, good = put(files.slow_pdf()), put(files.pdf())
    async with inspectors() as among:
        hostile = [asyncio.create_task(outcome(among, slow, person="mallory")) for _ in range(3)]
        await asyncio.sleep(0.1)
        assert await outcome(among, good, person="ann") is None
        assert not any(task.done() for task in hostile)
        for task in hostile:
            task.cancel()


async def test_slow_files_of_many_people_do_not_hold_up_others(put: Put) -> None:
    """Acceptance 108: each gets a quick turn, then they wait for each other."""
    slow, good = put(files.slow_pdf()), put(files.pdf())
    async with inspectors() as among:
        hostile = [asyncio.create_task(outcome(among, slow, person=f"mallory-{n}")) for n in range(2)]
        await asyncio.sleep(0)
        assert await outcome(among, good, person="ann") is None
        assert not any(task.done() for task in hostile)
        for task in hostile:
            task.cancel()


async def test_one_turn_fewer_than_all_is_for_slow_files() -> None:
    turns = Scheduler(3, 30)
    async with turns.slow(), turns.slow():
        third = asyncio.create_task(turns.slow().__aenter__())
        async with turns.quick():
            await asyncio.sleep(0)
            assert not third.done()
        third.cancel()


async def test_who_is_called_slow_is_so_until_others_push_the_name_out() -> None:
    turns = Scheduler(2, 30)
    for number in range(REMEMBERED):
        turns.call_slow(f"person-{number}")
    assert turns.is_slow("person-0")
    assert not turns.is_slow("ann")
    turns.call_slow("one-more")
    assert not turns.is_slow("person-0")
    assert turns.is_slow("person-1")


async def test_who_waits_too_long_is_asked_to_come_back(put: Put) -> None:
    async with inspectors(replace(BOUNDS, at_once=1, queue_seconds=0.2)) as among:
        hostile = asyncio.create_task(outcome(among, put(files.slow_pdf()), person="mallory"))
        await asyncio.sleep(0.1)
        assert await outcome(among, put(files.pdf())) is BUSY
        hostile.cancel()


_SUITE = """
import asyncio, sys
from pathlib import Path
from services.documents.domain.uploads import Rules
from services.documents.usecases.inspection.pool import Bounds, Inspectors
from tests.samples import sample

async def main():
    among = Inspectors(Bounds(2, 10, 30, 2**30, 30))
    await among.inspect(Path(sys.argv[1]), "application/pdf", Rules((), 1, 1), "ann")
    print("inspected", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_the_inspector_does_not_outlive_a_suite_that_is_killed(put: Put) -> None:
    suite = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SUITE, str(put(files.pdf())), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert suite.stdout is not None
    while b"inspected" not in await suite.stdout.readline():
        pass
    async with asyncio.timeout(120):
        while len(family := psutil.Process(suite.pid).children(recursive=True)) < 2:  # the inspector and its next fork
            await asyncio.sleep(0.01)
    suite.kill()
    await suite.wait()
    async with asyncio.timeout(120):
        while any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("when", ["before it is ready", "before it answers"])
async def test_an_inspector_whose_answers_nobody_reads_ends_quietly(put: Put, when: str) -> None:
    reading, writing = os.pipe()
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.documents.usecases.inspection.worker"),
        stdin=asyncio.subprocess.PIPE,
        stdout=writing,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={},
    )
    os.close(writing)
    request = {"id": 1, "task": "inspect", "paths": [str(put(files.pdf()))], "media_types": [PDF], "max_pixels": 64}
    bounds = {"cpu_seconds": 10, "seconds": 30, "bytes": BOUNDS.bytes}
    if when == "before it answers":
        assert b"sandbox" in await asyncio.to_thread(os.read, reading, 4096)
    os.close(reading)
    assert worker.stdin is not None and worker.stderr is not None
    worker.stdin.write(json.dumps(request | bounds).encode() + b"\n")  # and its input does not end
    assert (await worker.stderr.read(), await worker.wait()) == (b"", 1)


async def test_the_inspector_knows_no_secret_and_ends_with_the_suite(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_OBJECTS", "s3+https://key:secret@example.org/bucket")
    async with inspectors() as among:
        assert not started()
        await outcome(among, put(files.pdf()))
        process = inspector()
        assert not [name for name in process.environ() if name.startswith("PARVIS_")]
    assert not process.is_running()

"""Acceptance 105: bytes that are no longer those that were uploaded are never served as whole, by either object store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from services.chassis.testing import Suite, run_suite
from tests.samples import sample
from tests.service.documents.client import get, keys, stored
from tests.unit.documents import files


@pytest.fixture(params=["file", pytest.param("s3", marks=pytest.mark.servers("s3"))])
async def suite(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Suite]:
    objects = request.getfixturevalue("s3").new_bucket() if request.param == "s3" else "file:"
    async with run_suite(tmp_path, services=("documents",), objects=objects) as running:
        yield running


def a_bit_is_flipped(content: bytes) -> bytes:
    return content[:-9] + bytes([content[-9] ^ 1]) + content[-8:]


def half_is_gone(content: bytes) -> bytes:
    return content[: len(content) // 2]


def all_is_gone(content: bytes) -> bytes:
    return b""


def something_was_added(content: bytes) -> bytes:
    return content + b"x"


DAMAGES = [a_bit_is_flipped, half_is_gone, all_is_gone, something_was_added]


async def damaged_document(suite: Suite, size: int, damage: Callable[[bytes], bytes]) -> str:
    """The id of a document whose object is not what was uploaded any more."""
    content = files.pdf_of(size)
    id: str = (await stored(suite, content))["document"]
    (key,) = await keys(suite)
    objects = suite.service("documents").service.ports.objects
    await objects.delete(key)
    async with objects.stage(size + 1) as stage:
        await stage.write(damage(content))
        await stage.finish()
        await stage.commit(key, "application/pdf")
    return id


def alarms() -> float:
    return sample("parvis_objects_damaged_total", {"service": "documents"}) or 0


async def is_refused_or_cut(suite: Suite, id: str) -> bool:
    """Whether a download is answered 503, or breaks off before its end: whichever the first chunk allows."""
    try:
        return (await get(suite, id))[0] == 503
    except aiohttp.ClientPayloadError:
        return True


@pytest.mark.parametrize("size", [20_000, 700_000])
@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_document_is_never_served_as_whole(
    suite: Suite, damage: Callable[[bytes], bytes], size: int
) -> None:
    id, before = await damaged_document(suite, size, damage), alarms()
    with capture_logs() as lines:
        assert await is_refused_or_cut(suite, id)
    assert [line["document"] for line in lines if line["log_level"] == "critical"] == [id]
    assert alarms() == before + 1

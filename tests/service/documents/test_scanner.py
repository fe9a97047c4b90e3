"""What the malware scanner says, with a real clamd."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.chassis.testing import run_suite
from tests.parameters import hear
from tests.servers.clamd import EICAR, Clamd
from tests.service.documents.client import events, keys, nothing_stays, put, rows, stored
from tests.service.documents.test_retention import pass_days
from tests.unit.documents import files


async def test_an_infected_file_is_refused_told_and_not_kept(tmp_path: Path, clamd: Clamd) -> None:
    """Acceptance 58."""
    infected = files.pdf(content=EICAR, compress_streams=False)
    async with run_suite(tmp_path, services=("documents",), scanner=clamd.url) as suite:
        clean = await stored(suite, files.pdf())
        status, problem, _ = await put(suite, infected, name="Anaïs.pdf", **{"Idempotency-Key": "bad"})
        assert (status, problem["slug"]) == (422, "infected")
        assert len(await keys(suite)) == 1
        told = [data for type, data in await events(suite) if type == "documents.document.rejected.v1"]
        assert told == [{"document": told[0]["document"], "account": "ann", "reason": "infected"}]
        (trace,) = [row for row in await rows(suite) if row["state"] == "rejected"]
        assert "Anaïs" not in str(trace)
        status, problem, _ = await put(suite, infected, **{"Idempotency-Key": "bad"})
        assert (status, problem["slug"]) == (422, "infected")
        await suite.settle()
        await pass_days(suite, 7)
        assert [(row["_id"], row["state"]) for row in await rows(suite)] == [(clean["document"], "erased")]


async def test_malware_is_told_so_often_and_no_more(tmp_path: Path, clamd: Clamd) -> None:
    """Acceptance 108: each file with malware leaves a trace and an event; they count as what no application holds."""
    async with run_suite(tmp_path, services=("documents",), scanner=clamd.url) as suite:
        await hear(suite, {"documents.loose_per_account": 2})
        for _ in range(2):
            assert (await put(suite, files.pdf(content=EICAR, compress_streams=False)))[1]["slug"] == "infected"
        status, problem, _ = await put(suite, files.pdf(content=EICAR, compress_streams=False))
        assert (status, problem["slug"], problem["max"]) == (409, "too-many-uploads", 2)
        assert len([type for type, _ in await events(suite) if type == "documents.document.rejected.v1"]) == 2
        await stored(suite, files.pdf(), account="bob")
        await pass_days(suite, 7)
        await stored(suite, files.pdf())


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_a_file_that_cannot_be_scanned_is_not_kept(tmp_path: Path, language: str) -> None:
    """Acceptance 58: nobody listens at that address."""
    async with run_suite(tmp_path, services=("documents",), scanner="clamd://127.0.0.1:1") as suite:
        status, problem, headers = await put(suite, files.pdf(), **{"Accept-Language": language})
        assert (status, problem["slug"]) == (503, "scanner-unavailable")
        assert int(headers["Retry-After"]) > 0
        assert (
            problem["title"] == {"fr": "Vérification antivirus indisponible", "en": "Virus check unavailable"}[language]
        )
        await nothing_stays(suite)

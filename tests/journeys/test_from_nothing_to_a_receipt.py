"""Zoé has never been here. Tonight she finds her master's, applies, and goes to bed with a receipt."""

from __future__ import annotations

import json
from pathlib import Path

from tests.candidate import Candidate
from tests.processes import parvis


async def test_from_nothing_to_a_receipt_that_verifies_offline(candidate: Candidate, tmp_path: Path) -> None:
    """Acceptance 1, 6, 10, 12, 24, 37, 42, 51, 53, 65, 68, 69."""
    await candidate.registers()
    await candidate.validates()
    await candidate.logs_in()

    refused = await candidate.ask(
        "POST", "/api/applications/applications", json={"programme": await candidate.finds("energie solaire")}
    )
    assert (refused.status, refused.slug) == (409, "profile-incomplete")
    assert refused.body["missing"] == ["identity", "address", "baccalaureate"]
    await candidate.answers_the_profile()
    await candidate.opens(await candidate.finds("ENERGIE solaire"))

    too_early = await candidate.ask("POST", f"{candidate.place}/submission")
    assert (too_early.status, too_early.slug) == (409, "not-ready")
    assert {each["code"] for each in too_early.body["blocking"]} == {piece["code"] for piece in candidate.pieces}
    await candidate.completes_the_pieces()
    ready = await candidate.must("GET", candidate.place, 200)
    assert ready["can_submit"] is True
    assert ready["blocking"] == []
    await candidate.submits()

    after = await candidate.must("GET", candidate.place, 200)
    assert after["state"] == "submitted"
    (tmp_path / "receipt").write_text(candidate.ledger.receipt)
    keys = await candidate.must("GET", "/api/applications/jwks.json", 200)
    (tmp_path / "jwks.json").write_text(json.dumps(keys))
    verified = await parvis("verify-receipt", "receipt", "--jwks", "jwks.json", cwd=tmp_path, env={})
    assert verified.returncode == 0, verified.stderr
    proved = json.loads(verified.stdout)
    assert proved["application"] == candidate.ledger.application
    assert {piece["piece"]: piece["document"] for piece in proved["pieces"]} == candidate.ledger.pieces

"""That a mail was told is no change of a file: neither a table that is out nor a preview becomes stale by it."""

from __future__ import annotations

from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_bulk import bulk, foreseen, results
from tests.service.applications.test_deliberation import foreseen as rows_foreseen
from tests.service.applications.test_deliberation import lines, sent, table
from tests.service.applications.test_in_place import NONE, by_the_clock, deposit, kim
from tests.service.applications.test_review import Staff

__all__ = ["kim"]


async def test_a_mail_that_told_it_makes_no_table_and_no_preview_stale(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 93, 94: what was looked at before is done; what somebody has changed since is not."""
    id = await zoe.opened()
    for code in ("cv", "letter"):
        assert (await deposit(kim, zoe, id, code)).status == 200
    path, given = f"/{id}/on-behalf/pieces/b2/not-applicable", NONE | {"not_applicable": True}
    assert (await kim.ask("PUT", path, json=given)).status == 200
    assert (await zoe.submit(id)).status == 200
    assert (await kim.mark(id, "complete")).status == 200
    await peers.suite.settle()
    (row,) = await table(kim)
    preview = await foreseen(kim, "mark_incomplete", [id])
    content = lines([row | {"Décision": "AVIS_FAVORABLE"}])
    rows = await rows_foreseen(kim, content)
    peers.clock.advance(minutes=15)
    await by_the_clock(peers)
    assert len(await peers.told("acts_told")) == 1
    assert (await rows_foreseen(kim, content))["digest"] == rows["digest"]
    _, entered = await sent(kim, content, digest=rows["digest"])
    assert entered["changed"] == 1, entered
    done = await bulk(kim, "mark_incomplete", [id], digest=preview["digest"])
    assert (done.status, results(done.body)) == (200, [("changed", None)])
    late = await bulk(kim, "mark_incomplete", [id], digest=preview["digest"])
    assert late.slug == "premises-changed"

"""Verdicts with the institution's comments: which can be chosen, what is kept, and in whose language."""

from __future__ import annotations

from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_bulk_reminders import writes_to
from tests.service.applications.test_review import Staff, handed_over

OWN = [
    "FLOU | Le document est illisible. | The document cannot be read.",
    "B2 | Joignez l’attestation. |  | conditional",
    "VIEUX | Ancien. |  | inactive",
]


async def test_a_comment_of_the_institution_is_kept_in_words_of_that_day_and_by_its_code(
    peers: PeerServices, zoe: Candidate
) -> None:
    """With words of one's own or without; later edits of the list do not change what was said."""
    await hear(peers.suite, {"applications.piece_comments": OWN})
    await writes_to(peers, "zoe", "en")
    kim, id = Staff(peers), await handed_over(zoe)
    there = (await kim.ask("GET", f"/{id}/pieces/cv/comments")).body
    assert there == {"language": "en", "items": [{"code": "FLOU", "text": "The document cannot be read."}]}
    served = (await kim.ask("GET", f"/{id}/pieces/b2/comments")).body["items"]
    assert [each["code"] for each in served] == ["FLOU", "B2"]
    for code in ("AUTRE", "B2", "VIEUX"):
        refused = await kim.judge(id, "cv", "refused", comment_code=code)
        assert [(each["field"], each["slug"]) for each in refused.body["fields"]] == [
            ("comment_code", "unknown-comment")
        ]
    said = {"comment_code": "FLOU", "comment": "Page 2."}
    key = {"Idempotency-Key": "once"}
    path = f"/{id}/pieces/cv/verdict"
    first = await kim.ask("POST", path, json={"verdict": "refused", **said}, headers=key)
    piece = next(each for each in first.body["pieces"] if each["code"] == "cv")
    kept = "The document cannot be read.\nPage 2."
    assert (piece["comment"], piece["comment_code"]) == (kept, "FLOU")
    seen = next(each for each in (await zoe.get(id))["pieces"] if each["code"] == "cv")
    assert seen["comment"] == kept and "comment_code" not in seen
    await hear(peers.suite, {"applications.piece_comments": ["FLOU | Trop sombre."]}, version=2)
    again = await kim.ask("POST", path, json={"verdict": "refused", **said}, headers=key)
    assert (again.status, again.body["version"]) == (200, first.body["version"]), "sent twice, done once"
    assert next(each for each in again.body["pieces"] if each["code"] == "cv")["comment"] == kept
    full = "x" * (500 - len("Trop sombre.") - 1)
    assert (await kim.judge(id, "cv", "refused", comment_code="FLOU", comment=full + "x")).status == 422
    assert (await kim.judge(id, "cv", "refused", comment_code="FLOU", comment=full)).status == 200
    several = [{"code": "cv", "verdict": "refused", "comment_code": "FLOU"}, {"code": "letter", "verdict": "none"}]
    judged = (await kim.ask("POST", f"/{id}/verdicts", json={"verdicts": several})).body["pieces"]
    assert [each["comment_code"] for each in judged if each["code"] in ("cv", "letter")] == ["FLOU", None]

"""Limits are written in refusals as people say them."""

from __future__ import annotations

from services.chassis.http.problems import Texts, problem
from services.contracts.refusals import RefusedError
from services.documents.domain.uploads import Rules, image_too_large, too_large

TEXTS = Texts("documents")


def detail(refusal: RefusedError) -> tuple[str, str]:
    return tuple(problem(refusal, language, TEXTS)["detail"] for language in ("fr", "en"))


def test_limits_are_written_as_people_say_them() -> None:
    rules = Rules((), 5 * 2**20 // 2, 60_000_000)
    french, english = detail(too_large(rules))
    assert "2,5\u202fMo" in french
    assert "2.5\N{NO-BREAK SPACE}MB" in english
    assert all("60 million" in text for text in detail(image_too_large(rules)))

"""What the page of an outcome says of the ranks that were typed: of each as it is, also where other files wait between."""

from __future__ import annotations

from services.portal.pages.reviewing.meeting_outcomes import wanted, wrong_ranks


def typed(*ranks: str) -> dict[str, str]:
    """A form with these ranks of files a, b, c."""
    form: dict[str, str] = {}
    for id, rank in zip("abc", ranks, strict=False):
        form |= {f"seen.{id}": "", f"kind.{id}": "ranked_waitlist", f"order.{id}": rank}
    return form


def test_each_file_has_the_rank_that_was_typed() -> None:
    form = typed("9", " 1 ", "5") | {"kind.d": "favourable", "order.d": "1", "kind.e": "", "order.e": "3"}
    assert wrong_ranks(form) == {}
    items = [each.model_dump(exclude_unset=True) for each in wanted(form)]
    assert [(each["file"], each.get("rank")) for each in items] == [("a", 9), ("b", 1), ("c", 5), ("d", None)]


def test_what_is_no_rank_of_its_own_is_told_at_its_field() -> None:
    for rank in ("", "0", "1.5", "-1", "²", "100001"):
        assert wrong_ranks(typed(rank, "100000")) == {"order.a": "missing"}
    assert wrong_ranks(typed("2", "1", "02")) == {"order.a": "repeated", "order.c": "repeated"}

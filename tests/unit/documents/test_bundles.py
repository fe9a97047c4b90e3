"""Bundles by themselves: what is left of who is gone, names, and what is no fragment of a PDF."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pikepdf
import pytest

from services.contracts.work import WorkState, claim, finish
from services.documents.domain.bundle_names import LONGEST, Names, as_written, of_document, of_person
from services.documents.domain.bundles import Bundle, without
from services.documents.usecases.inspection.fragment import fragment
from services.documents.usecases.joining import Joined, WrongFragment
from tests.unit.documents import files

NOW = datetime(2027, 2, 1, 12, tzinfo=UTC)
ASKED = Bundle(
    account="kim",
    kind="dossiers",
    applications=("a", "b"),
    names=(("a", "ann", "A"), ("b", "bob", "B")),
    people=("ann", "bob"),
    language="fr",
    asked_at=NOW,
    slot=0,
    place=0,
    due_at=NOW,
    total=2,
)
MADE = {"parts": 1, "size": 9, "sha256": "0" * 64, "included": ("a",), "left_out": 1}


def test_nothing_is_left_of_who_is_gone() -> None:
    """Acceptance 99."""
    assert without(ASKED, "ann", NOW).names == (("b", "bob", "B"),) and without(ASKED, "ann", NOW).due_at == NOW
    begun = claim(ASKED, "one", NOW)
    anew = without(begun, "ann", NOW)
    assert (anew.state, anew.holder, anew.due_at, anew.attempts - anew.wasted) == (WorkState.WAITING, "", NOW, 0)
    assert finish(anew, "one", **MADE) == anew, "whoever was at it read what is gone now"
    ready = finish(begun, "one", **MADE)
    gone = without(ready, "ann", NOW)
    assert (gone.reason, gone.applications, gone.names, gone.people, gone.included) == ("erased", (), (), (), ())
    assert without(ready, "bob", NOW).reason == "erased", "it may say that something of theirs is not in it"
    for there in (ASKED, begun, ready):
        assert without(there, "eva", NOW) == there, "what somebody else's erasure costs is nothing"


@pytest.mark.parametrize(
    ("names", "made"),
    [
        (["Müller-L’Hôte", "Zoë Ælfrun"], "AB12_MULLER-L-HOTE_ZOE-AELFRUN"),
        (["Œuvrard", "../..\\con:*?"], "AB12_OEUVRARD_CON"),
        (["李", ""], "AB12"),
        (["=1+1", "a" * 200], f"AB12_1-1_{'A' * 200}"[:LONGEST]),
    ],
)
def test_names_are_safe_everywhere(names: list[str], made: str) -> None:
    """Acceptance 61."""
    assert of_person("AB12", names) == made
    assert as_written("AB12", names) == " ".join(["AB12", *filter(None, names)]), "where any letter may stand"
    given = of_document("nul", "../aux.été.PDF")
    assert given == "nul_aux-ete" and of_document("…", "李") == "piece"


def test_no_two_names_are_alike_where_capitals_are_not_told_apart() -> None:
    names = Names()
    assert [names.once(each, ".pdf") for each in ("a", "A", "a-2", "a")] == ["a.pdf", "A-2.pdf", "a-2-2.pdf", "a-3.pdf"]


def test_a_fragment_stands_in_a_larger_pdf_and_what_is_none_is_refused() -> None:
    """Acceptance 61: whoever made it may have been taken over by what it looked into."""
    joined = Joined()
    made = joined.head()
    for pages in (2, 3):
        made += bytes(joined.add(f"Élève {pages}", fragment(files.pdf(pages), joined.item).made))
    before = joined.item
    good = fragment(files.pdf(1), before).made
    head, body = good.split(b"\n", 1)
    told = json.loads(head)
    for wrong in (
        {"tree": before},
        {"first": before + len(told["offsets"]) + 1},
        {"pages": 0},
        {"pages": 10**9},
        {"bookmarks": [1, 2]},
        {"offsets": [*reversed(told["offsets"])]},
        {"offsets": [*told["offsets"], len(body)]},
        {"offsets": ["x"]},
        {"offsets": [-1]},
    ):
        with pytest.raises(WrongFragment):
            joined.add("?", json.dumps(told | wrong).encode() + b"\n" + body)
    for none in (b"", b"\n", b"[]\n", body):
        with pytest.raises(WrongFragment):
            joined.add("?", none)
    assert joined.item == before
    with pikepdf.open(io.BytesIO(made + b"".join(joined.tail("Tout", "fr")))) as pdf:
        assert pdf.check_pdf_syntax() == [] and len(pdf.pages) == 5
    assert fragment(b"%PDF-1.4 no", 4).finding is not None

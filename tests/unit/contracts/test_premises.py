"""What is confirmed by a digest is what was foreseen, as a whole or each thing by itself (acceptance 93)."""

from __future__ import annotations

from hashlib import sha256

import pytest

from services.contracts.api.bulk import LONGEST_DIGEST, MAX_BULK
from services.contracts.premises import Premises, PremisesOfEach, confirmed, counted, is_of, result_of
from services.contracts.refusals import RefusedError


def told(text: str) -> str:
    return sha256(text.encode()).hexdigest()


ASKED, COME, OTHER = map(told, ("asked", "come", "other"))
ONE, TWO = map(told, ("one", "two"))


class Came:
    def __init__(self, *, refused: bool, changed: bool) -> None:
        self.result = result_of(refused=refused, changed=changed)


@pytest.mark.parametrize(
    ("found", "done", "slug"),
    [
        (Premises(ASKED, COME), False, None),
        (Premises(ASKED, COME), True, None),
        (Premises(ASKED, OTHER), True, None),
        (Premises(ASKED, OTHER), False, "premises-changed"),
        (Premises(OTHER, COME), False, "premises-changed"),
        (Premises(OTHER, COME), True, "premises-changed"),
    ],
)
def test_a_whole_is_confirmed_by_what_was_foreseen_of_it(found: Premises, done: bool, slug: str | None) -> None:
    digest = Premises(ASKED, COME).digest
    assert (len(digest), is_of(digest, ASKED), is_of(digest, OTHER)) == (32, True, False)
    if slug is None:
        found.confirm(digest, done=done)
        return
    with pytest.raises(RefusedError) as refused:
        found.confirm(digest, done=done)
    assert refused.value.slug.name == slug


@pytest.mark.parametrize(
    ("asked", "come", "done", "same"),
    [
        (ASKED, [ONE, TWO], [False, False], [True, True]),
        (ASKED, [ONE, OTHER], [True, False], [True, False]),
        (ASKED, [ONE, OTHER], [False, False], None),
        (ASKED, [TWO, ONE], [False, False], None),
        (ASKED, [ONE], [True], None),
        (ASKED, [ONE, TWO, OTHER], [True, False, False], None),
        (OTHER, [ONE, TWO], [True, True], None),
    ],
)
def test_of_many_things_those_are_told_apart_that_stand_otherwise(
    asked: str, come: list[str], done: list[bool], same: list[bool] | None
) -> None:
    digest = PremisesOfEach(ASKED, [ONE, TWO]).digest
    if same is not None:
        assert PremisesOfEach(asked, come).confirm(digest, done=done) == same
        return
    with pytest.raises(RefusedError) as refused:
        PremisesOfEach(asked, come).confirm(digest, done=done)
    assert refused.value.slug.name == "premises-changed"


def test_the_longest_digest_is_that_of_as_many_files_as_one_act_takes() -> None:
    assert len(PremisesOfEach(ASKED, [ONE] * MAX_BULK).digest) == LONGEST_DIGEST


def test_what_is_no_dry_run_needs_a_digest() -> None:
    assert confirmed(dry_run=True, digest=None) is confirmed(dry_run=True, digest="ab") is None
    assert confirmed(dry_run=False, digest="ab") == "ab"
    with pytest.raises(RefusedError) as refused:
        confirmed(dry_run=False, digest=None)
    assert [(each.field, each.slug) for each in refused.value.fields] == [("digest", "required")]


def test_each_thing_is_counted_once() -> None:
    came = [Came(refused=refused, changed=changed) for refused in (True, False) for changed in (True, False)]
    assert [each.result for each in came] == ["refused", "refused", "changed", "unchanged"]
    assert counted(came) == {"changed": 1, "unchanged": 1, "refused": 2}

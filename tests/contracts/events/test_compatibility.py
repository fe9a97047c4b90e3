"""Inside a version of an event type only optional members are added; every other change is found."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.cli.compatibility import violations
from services.cli.events import last_release, promised

SUBMITTED = "applications.application.submitted.v1"
PUBLISHED = "offers.programme.published.v1"

Promises = dict[str, Any]


@functools.cache
def written() -> str:
    """What is promised now; to make every schema anew takes a third of a second."""
    return json.dumps(promised())


def promises() -> Promises:
    """The same, to be changed."""
    read: Promises = json.loads(written())
    return read


def data(promises: Promises, type: str = SUBMITTED) -> dict[str, Any]:
    found: dict[str, Any] = promises[type]["schema"]["properties"]["data"]
    return found


def part(promises: Promises) -> dict[str, Any]:
    found: dict[str, Any] = promises[PUBLISHED]["schema"]["$defs"]["RequirementPart"]
    return found


def remove_a_type(now: Promises) -> None:
    del now[SUBMITTED]


def change_the_audience(now: Promises) -> None:
    now[SUBMITTED]["audience"] = "parvis.internal"


def change_the_key(now: Promises) -> None:
    now[SUBMITTED]["key"] = "account"


def remove_a_member(now: Promises) -> None:
    del data(now)["properties"]["submitted_at"]
    data(now)["required"].remove("submitted_at")


def rename_a_member(now: Promises) -> None:
    data(now)["properties"]["at"] = data(now)["properties"].pop("submitted_at")


def add_a_required_member(now: Promises) -> None:
    data(now)["properties"]["fee"] = {"type": "integer"}
    data(now)["required"].append("fee")


def require_what_was_optional(now: Promises) -> None:
    data(now, PUBLISHED)
    part(now)["required"].append("model_document")


def require_no_longer(now: Promises) -> None:
    data(now)["required"].remove("campaign")


def change_a_kind(now: Promises) -> None:
    data(now)["properties"]["campaign"] = {"type": "integer"}


def change_the_kind_of_items(now: Promises) -> None:
    part(now)["properties"]["media_types"]["items"] = {"type": "integer"}


def take_another_value(now: Promises) -> None:
    now[PUBLISHED]["schema"]["$defs"]["ProgrammePart"]["properties"]["route"]["enum"].append("lottery")


def bound_a_member(now: Promises) -> None:
    data(now)["properties"]["campaign"]["maxLength"] = 4


def lift_a_bound(now: Promises) -> None:
    del now[SUBMITTED]["schema"]["properties"]["subject"]["maxLength"]


def change_the_envelope(now: Promises) -> None:
    now[SUBMITTED]["schema"]["properties"]["sequence"]["pattern"] = "^[0-9]+$"


def name_a_member_that_the_map_forbade(now: Promises) -> None:
    now[PUBLISHED]["schema"]["$defs"]["TextPart"]["properties"]["fr"] = {"type": "integer"}


def put_a_member_deep_down(now: Promises) -> None:
    part(now)["properties"]["weight"] = {"type": "integer"}
    part(now)["required"].append("weight")


BREAKS = [
    (remove_a_type, "removed"),
    (change_the_audience, "audience is another"),
    (change_the_key, "key is another"),
    (remove_a_member, "data.submitted_at was removed"),
    (rename_a_member, "data.submitted_at was removed"),
    (add_a_required_member, "data.fee was added and is required"),
    (require_what_was_optional, "data.programme.requirements.model_document is now required"),
    (require_no_longer, "data.campaign is no longer required"),
    (change_a_kind, "data.campaign was string and is integer"),
    (change_the_kind_of_items, "data.programme.requirements.media_types was string and is integer"),
    (take_another_value, "data.programme.route was"),
    (bound_a_member, "data.campaign has got maxLength"),
    (lift_a_bound, "subject has lost maxLength"),
    (change_the_envelope, "sequence was"),
    (put_a_member_deep_down, "data.programme.requirements.weight was added and is required"),
]


@pytest.mark.parametrize(("change", "line"), BREAKS, ids=lambda case: getattr(case, "__name__", ""))
def test_a_change_that_breaks_is_found(change: Callable[[Promises], None], line: str) -> None:
    was, now = promises(), promises()
    change(now)
    assert any(line in found for found in violations(was, now)), violations(was, now)


def test_additions_that_are_optional_are_welcome() -> None:
    was, now = promises(), promises()
    data(now)["properties"]["channel"] = {"type": "string"}
    part(now)["properties"]["weight"] = {"type": "integer"}
    data(now)["properties"]["campaign"]["description"] = "The admission year."
    now["applications.application.praised.v1"] = now[SUBMITTED]
    assert violations(was, now) == []


def as_a_map(promises: Promises) -> None:
    """What 0.1.0 promised of a title: any members, all of them texts."""
    text = {"type": "object", "additionalProperties": {"type": "string"}}
    promises[PUBLISHED]["schema"]["$defs"]["ProgrammePart"]["properties"]["title"] = text


def test_members_of_a_map_may_be_named_as_what_the_map_held() -> None:
    was, now = promises(), promises()
    as_a_map(was)
    assert violations(was, now) == []
    name_a_member_that_the_map_forbade(now)
    assert violations(was, now)[-1].endswith("data.programme.title.fr was string and is integer")


def test_named_members_may_not_become_a_map() -> None:
    was, now = promises(), promises()
    as_a_map(now)
    assert f"{PUBLISHED}: data.programme.title.fr was removed" in violations(was, now)


def test_the_parts_of_a_schema_may_change_their_names() -> None:
    was, now = promises(), promises()
    renamed = json.loads(json.dumps(now[PUBLISHED]).replace("RequirementPart", "PiecePart"))
    assert violations(was, now | {PUBLISHED: renamed}) == []


def test_what_is_promised_now_keeps_what_the_last_release_promised() -> None:
    last = last_release()
    assert last is not None
    was = json.loads(last.read_text())
    assert SUBMITTED in was
    assert violations(was, promised()) == []


def test_the_last_release_is_the_one_of_the_highest_number(tmp_path: Path) -> None:
    assert last_release(tmp_path) is None
    for version in ("0.9.0", "0.10.0", "0.2.11"):
        (tmp_path / f"{version}.json").write_text("{}")
    assert last_release(tmp_path) == tmp_path / "0.10.0.json"

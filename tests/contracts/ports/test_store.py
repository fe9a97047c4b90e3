"""What every store does with one document, and with a question."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.ports import (
    Collection,
    Document,
    DuplicateKey,
    Get,
    In,
    Index,
    Range,
    Scalar,
    Store,
    StoreUnavailable,
)
from tests.contracts.ports.places import PEOPLE, StorePlace


def person(id: str | int, version: int = 1, **fields: Any) -> Document:
    return {"_id": id, "version": version, **fields}


async def fill(store: Store, *documents: Document) -> None:
    for document in documents:
        await store.insert("people", document)


async def found(store: Store, where: Any, **options: Any) -> list[Any]:
    return [document["_id"] for document in await store.find("people", where, **options)]


# --- one document -----------------------------------------------------------------------------------------------


async def test_a_document_comes_back_as_it_went_in(store: Store) -> None:
    document = person("p1", text="Zoë, l'été", list=[1, 2.5, None, {"deep": [True]}], empty={}, none=None)
    await store.insert("people", document)
    assert await store.get("people", "p1") == document
    assert await store.get("people", "p2") is None


async def test_ids_are_strings_or_integers_and_not_the_same(store: Store) -> None:
    await fill(store, person(7, text="number"), person("7", text="word"))
    assert (await store.get("people", 7)) == person(7, text="number")
    assert (await store.get("people", "7")) == person("7", text="word")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(codec="utf-8", exclude_characters="\0$"), min_size=1), inner, max_size=4
        )
    ),
    max_leaves=20,
)


def same(left: Any, right: Any) -> bool:
    """Equal in value and in type, deeply: to Python alone `True == 1 == 1.0`."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(content=json_values)
async def test_every_json_value_keeps_its_type(store: Store, content: Any) -> None:
    await store.delete("people", "p1")
    await store.insert("people", person("p1", content=content))
    document = await store.get("people", "p1")
    assert document is not None
    assert same(document["content"], content)


async def test_replace_compares_and_sets(store: Store) -> None:
    await fill(store, person("p1", 1, text="old"))
    assert await store.replace("people", person("p1", 2, text="new"), version=1)
    assert not await store.replace("people", person("p1", 2, text="late"), version=1)
    assert not await store.replace("people", person("p2", 2), version=1)
    assert await store.get("people", "p1") == person("p1", 2, text="new")
    assert await store.count("people", {}) == 1


async def test_replace_leaves_nothing_of_the_old_document(store: Store) -> None:
    await fill(store, person("p1", 1, email="old@parvis.test", state="draft", gone=True))
    assert await store.replace("people", person("p1", 2), version=1)
    assert await store.get("people", "p1") == person("p1", 2)
    assert await found(store, {"state": "draft"}) == []
    await fill(store, person("p2", email="old@parvis.test"))


async def test_delete_is_of_one_version_if_so_asked(store: Store) -> None:
    await fill(store, person("p1", 2), person("p2", 1))
    assert not await store.delete("people", "p1", version=1)
    assert await store.delete("people", "p1", version=2)
    assert not await store.delete("people", "p1")
    assert await store.delete("people", "p2")
    assert await store.count("people", {}) == 0


async def test_a_changed_document_in_hand_does_not_change_the_store(store: Store) -> None:
    document = person("p1", list=[1])
    await store.insert("people", document)
    document["list"].append(2)
    kept = await store.get("people", "p1")
    assert kept == person("p1", list=[1])


# --- uniqueness -------------------------------------------------------------------------------------------------


async def test_a_taken_id_is_told_by_its_index(store: Store) -> None:
    await fill(store, person("p1", text="first"))
    with pytest.raises(DuplicateKey) as refusal:
        await store.insert("people", person("p1", text="second"))
    assert refusal.value.index == "_id"
    assert await store.get("people", "p1") == person("p1", text="first")


async def test_a_unique_index_is_told_by_its_name_and_nothing_is_written(store: Store) -> None:
    await fill(store, person("p1", email="a@parvis.test"), person("p2", email="b@parvis.test"))
    with pytest.raises(DuplicateKey) as refusal:
        await store.insert("people", person("p3", email="a@parvis.test"))
    assert refusal.value.index == "email"
    with pytest.raises(DuplicateKey) as refusal:
        await store.replace("people", person("p2", 2, email="a@parvis.test"), version=1)
    assert refusal.value.index == "email"
    assert await found(store, {}) == ["p1", "p2"]
    assert await store.get("people", "p2") == person("p2", email="b@parvis.test")


async def test_a_unique_index_over_two_fields_binds_their_pair(store: Store) -> None:
    await fill(store, person("p1", account="a", programme="x"), person("p2", account="a", programme="y"))
    await fill(store, person("p3", account="b", programme="x"))
    with pytest.raises(DuplicateKey) as refusal:
        await store.insert("people", person("p4", account="b", programme="x"))
    assert refusal.value.index == "one_per_programme"


@pytest.mark.parametrize("fields", [{}, {"account": "a"}, {"account": "a", "programme": None}])
async def test_a_unique_index_binds_only_documents_that_have_all_its_fields(store: Store, fields: Document) -> None:
    await fill(store, person("p1", **fields), person("p2", **fields))
    assert await store.count("people", {}) == 2


async def test_to_a_unique_index_true_is_not_one(store: Store) -> None:
    await fill(store, person("p1", account=True, programme=0), person("p2", account=1, programme=0))
    with pytest.raises(DuplicateKey):
        await store.insert("people", person("p3", account=True, programme=0))


# --- append -----------------------------------------------------------------------------------------------------


async def test_append_adds_in_order(store: Store) -> None:
    rows = [person(number, email=f"{number}") for number in range(1, 6)]
    assert await store.append("people", rows) == 5
    assert await store.find("people", {}) == rows
    assert await store.append("people", []) == 0


@pytest.mark.parametrize("forbidden", [person(2), person(6, email="2")], ids=["id", "index"])
async def test_append_stops_at_the_first_that_is_forbidden(store: Store, forbidden: Document) -> None:
    await store.append("people", [person(number, email=f"{number}") for number in range(1, 4)])
    assert await store.append("people", [person(4), person(5), forbidden, person(7)]) == 2
    assert await found(store, {}) == [1, 2, 3, 4, 5]


async def test_append_takes_a_thousand_and_not_one_more(store: Store) -> None:
    rows = [person(number) for number in range(1001)]
    with pytest.raises(ValueError, match="1000"):
        await store.append("people", rows)
    assert await store.count("people", {}) == 0
    assert await store.append("people", rows[:1000]) == 1000
    assert await store.count("people", {}) == 1000


# --- refresh ----------------------------------------------------------------------------------------------------


async def test_refresh_puts_those_anew_whose_version_is_there(store: Store) -> None:
    await store.append("people", [person(number, number, email=f"{number}", state="old") for number in range(1, 5)])
    fresh = [person(number, number, email=f"{number}") for number in (1, 3)]
    await store.refresh("people", [*fresh, person(2, 1, email="2"), person(9, 1, email="9")])
    assert [row.get("state") for row in await store.find("people", {})] == [None, "old", None, "old"]
    assert await found(store, {"state": "old"}) == [2, 4]
    await store.refresh("people", [])


async def test_refresh_takes_a_thousand_and_not_one_more(store: Store) -> None:
    rows = [person(number) for number in range(1001)]
    await store.append("people", rows[:1000])
    changed = [row | {"state": "new"} for row in rows]
    with pytest.raises(ValueError, match="1000"):
        await store.refresh("people", changed)
    assert await store.count("people", {"state": "new"}) == 0
    await store.refresh("people", changed[:1000])
    assert await store.count("people", {"state": "new"}) == 1000
    assert [await store.count("people", {"state": "new"}, most=most) for most in (1, 999, 1000, 1001)] == [
        1,
        999,
        1000,
        1000,
    ]


# --- many at once -----------------------------------------------------------------------------------------------


async def test_a_hundred_and_fifty_who_ask_at_once_get_what_each_has_asked_for(store: Store) -> None:
    await store.append("people", [person(number, text=str(number)) for number in range(100)])
    got = await asyncio.gather(*(store.get("people", number) for number in range(150)))
    assert got == [person(number, text=str(number)) if number < 100 else None for number in range(150)]


async def test_several_questions_are_answered_each_by_itself(store: Store) -> None:
    await fill(store, person("p1", account="a"), person("p2", account="b"))
    asked = [Get("people", "p2"), Get("people", "p1", {"account": "b"}), Get("people", "p3"), Get("people", "p1")]
    assert await store.several(*asked) == [person("p2", account="b"), None, None, person("p1", account="a")]
    assert await store.several() == []
    with pytest.raises(ValueError, match="was not prepared"):
        await store.several(Get("people", "p1"), Get("nowhere", "p1"))


async def test_two_who_ask_for_the_same_do_not_share_it(store: Store) -> None:
    await fill(store, person("p1", list=[1]))
    got = await asyncio.gather(*(store.get("people", "p1") for _ in range(5)))
    for document in got:
        assert document == person("p1", list=[1])
        document["list"].append(2)


async def test_who_asks_after_his_write_is_answered_from_after_it(store: Store) -> None:
    await fill(store, *(person(number) for number in range(8)))

    async def write_and_read(number: int) -> None:
        for version in range(1, 11):
            assert await store.replace("people", person(number, version + 1), version=version)
            assert await store.get("people", number) == person(number, version + 1)

    await asyncio.gather(*(write_and_read(number) for number in range(8)))


# --- questions --------------------------------------------------------------------------------------------------

CROWD = [
    person("p1", state="draft", rank=1, flag=True, name={"family": "Roux", "given": "Zoë"}),
    person("p2", state="draft", rank=2, flag=False, name={"family": "Roux", "given": "Anaïs"}),
    person("p3", state="sent", rank=3, flag=1, name={"family": "Élie"}),
    person("p4", state="sent", rank="3", flag=0),
    person("p5", state=None, rank=None, flag="1"),
    person("p6"),
]


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ({}, ["p1", "p2", "p3", "p4", "p5", "p6"]),
        ({"_id": "p3"}, ["p3"]),
        ({"_id": In(("p3", "p9", "p1"))}, ["p1", "p3"]),
        ({"_id": Range(gt="p2", le="p4")}, ["p3", "p4"]),
        ({"state": "draft"}, ["p1", "p2"]),
        ({"state": "draft", "rank": 2}, ["p2"]),
        ({"state": "draft", "rank": 3}, []),
        ({"state": In(("sent", "draft")), "rank": Range(ge=2)}, ["p2", "p3"]),
        ({"state": In(())}, []),
        ({"rank": 3}, ["p3"]),
        ({"rank": "3"}, ["p4"]),
        ({"rank": In((3, "3"))}, ["p3", "p4"]),
        ({"rank": Range(ge=1)}, ["p1", "p2", "p3"]),
        ({"rank": Range(gt=1, lt=3)}, ["p2"]),
        ({"rank": Range(ge=1, le=3)}, ["p1", "p2", "p3"]),
        ({"rank": Range(lt=3)}, ["p1", "p2"]),
        ({"rank": Range(ge="")}, ["p4"]),
        ({"rank": Range(lt="4")}, ["p4"]),
        ({"flag": True}, ["p1"]),
        ({"flag": False}, ["p2"]),
        ({"flag": 1}, ["p3"]),
        ({"flag": 0}, ["p4"]),
        ({"flag": In((True, 0, "1"))}, ["p1", "p4", "p5"]),
        ({"flag": Range(ge=0)}, ["p3", "p4"]),
        ({"flag": Range(ge="0")}, ["p5"]),
        ({"name.family": "Roux"}, ["p1", "p2"]),
        ({"name.family": "roux"}, []),
        ({"name.family": "Roux", "name.given": "Zoë"}, ["p1"]),
        ({"name.family": "Roux", "name.given": Range(gt="B")}, ["p1"]),
        ({"name.family": In(("Roux", "Élie")), "name.given": Range(gt="")}, ["p1", "p2"]),
    ],
)
async def test_conditions(store: Store, where: Any, ids: list[str]) -> None:
    """Each by `find`, by `count`, and by `get` beside the id."""
    await fill(store, *CROWD)
    ranged = [(field, 1) for field, condition in where.items() if not isinstance(condition, Scalar)]
    sort = ranged or [("name.given" if "name.family" in where else "_id", 1)]
    assert sorted(await found(store, where, sort=sort)) == ids
    assert await store.count("people", where) == len(ids)
    got = await asyncio.gather(*(store.get("people", each["_id"], where) for each in CROWD))
    assert [document for document in got if document] == [each for each in CROWD if each["_id"] in ids]


async def test_two_who_ask_for_one_document_are_each_held_to_their_own_condition(store: Store) -> None:
    """Also when the store puts their questions together."""
    await fill(store, person("p1", account="a", flag=True), person("p2", account="b", flag=1))
    owners: list[Any] = [
        {"account": "a"},
        {"account": "b"},
        {},
        {"account": In(("b", "c"))},
        {"account": In(("a", "c"))},
    ]
    flags: list[Any] = [{"flag": True}, {"flag": 1}]
    for id, answers in (("p1", [1, 0, 1, 0, 1, 1, 0]), ("p2", [0, 1, 1, 1, 0, 0, 1])):
        got = await asyncio.gather(*(store.get("people", id, where) for where in [*owners, *flags]))
        assert [document is not None for document in got] == list(map(bool, answers))


async def test_named_fields_alone_come_back(store: Store) -> None:
    document = person("p1", 3, state="draft", flag=False, list=[1, {"deep": 2.5}], none=None, name={"family": "Roux"})
    await fill(store, document, person("p2", state="draft"))
    fields = ("name", "flag", "list", "none", "gone")
    wanted = {name: document[name] for name in ("_id", "flag", "list", "none", "name")}
    assert await store.get("people", "p1", fields=fields) == wanted
    assert await store.get("people", "p1", {"state": "draft"}, fields=["version"]) == {"_id": "p1", "version": 3}
    assert await store.find("people", {"state": "draft"}, sort=[("rank", 1)], fields=fields) == [wanted, {"_id": "p2"}]
    assert await store.find("people", {"_id": "p1"}, fields=()) == [{"_id": "p1"}]
    for wrong in ("name.family", "$name", "", "a b"):
        with pytest.raises(ValueError, match="at the top"):
            await store.get("people", "p1", fields=[wrong])
        with pytest.raises(ValueError, match="at the top"):
            await store.find("people", {}, fields=[wrong])


@pytest.mark.parametrize(
    ("where", "sort"),
    [
        ({"name.family": "Roux"}, [("_id", 1)]),
        ({"state": "draft", "flag": True}, [("rank", 1)]),
        ({"state": "draft"}, [("name.family", 1)]),
        ({"name.given": "Zoë"}, [("name.family", 1)]),
        ({"state": In(("draft",))}, [("rank", 1)]),
        ({"state": Range(ge="a"), "rank": 1}, [("state", 1)]),
        ({"rank": Range(ge=1)}, [("_id", 1)]),
        ({"email": In(("a", "b"))}, [("_id", 1)]),
        ({}, [("email", 1)]),
        ({}, [("state", -1), ("_id", 1)]),
        ({}, [("state", 1), ("rank", -1)]),
        ({"programme": "x"}, [("account", 1)]),
    ],
    ids=repr,
)
async def test_a_question_that_no_one_index_serves_is_refused(store: Store, where: Any, sort: Any) -> None:
    """A filter and a sort that each have an index are not enough: one of them would be a scan on the great day."""
    with pytest.raises(ValueError, match="no index of 'people' serves"):
        await store.find("people", where, sort=sort)


@pytest.mark.parametrize(
    "where", [{"name.given": "Zoë"}, {"flag": True, "state": "draft"}, {"state": Range(ge=""), "rank": 1}], ids=repr
)
async def test_what_no_one_index_finds_is_not_counted(store: Store, where: Any) -> None:
    with pytest.raises(ValueError, match="no index of 'people' serves"):
        await store.count("people", where)


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ([("_id", -1)], ["p6", "p5", "p4", "p3", "p2", "p1"]),
        ([("state", 1)], ["p5", "p6", "p1", "p2", "p3", "p4"]),
        ([("state", -1)], ["p4", "p3", "p2", "p1", "p6", "p5"]),
        ([("state", 1), ("rank", 1)], ["p5", "p6", "p1", "p2", "p3", "p4"]),
        ([("name.family", -1), ("name.given", -1)], ["p3", "p1", "p2", "p6", "p5", "p4"]),
    ],
)
async def test_sorts(store: Store, sort: Any, ids: list[str]) -> None:
    """Strings by code point; missing and null below all; `_id` last, in the direction of the field before it."""
    await fill(store, *CROWD)
    assert await found(store, {}, sort=sort) == ids


@pytest.mark.parametrize(
    "where",
    [
        {"text": "x"},
        {"name": "x"},
        {"version": 1},
        {"state": {"$ne": None}},
        {"state": ["draft"]},
        {"state": None},
        {"state": 1.5},
        {"state": "a\0b"},
        {"rank": 2**63},
        {"state": In(({"$ne": None},))},  # type: ignore[arg-type]
        {"state": In((None,))},  # type: ignore[arg-type]
        {"state": Range()},
        {"state": Range(ge="a", lt=3)},
        {"state": Range(ge={"$ne": None})},  # type: ignore[arg-type]
        {"rank": Range(ge=True)},
        {"$where": "1"},
    ],
    ids=repr,
)
async def test_what_is_no_question_is_refused_before_it_is_asked(store: Store, where: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        await store.find("people", where)
    with pytest.raises(ValueError, match=r"\w"):
        await store.count("people", where)


async def test_only_declared_fields_sort_and_only_prepared_collections_answer(store: Store) -> None:
    with pytest.raises(ValueError, match="text"):
        await store.find("people", {}, sort=[("text", 1)])
    with pytest.raises(ValueError, match="sort direction"):
        await store.find("people", {}, sort=[("state", 0)])  # type: ignore[list-item]
    for question in (store.find("dogs", {}), store.get("dogs", "d1"), store.delete("dogs", "d1")):
        with pytest.raises(ValueError, match="dogs"):
            await question
    with pytest.raises(ValueError, match="dogs"):
        await store.insert("dogs", person("d1"))


@pytest.mark.parametrize(
    "document",
    [
        {"version": 1},
        {"_id": None, "version": 1},
        {"_id": True, "version": 1},
        {"_id": "a\0b", "version": 1},
        {"_id": 2**63, "version": 1},
        {"_id": "p1"},
        {"_id": "p1", "version": "1"},
        {"_id": "p1", "version": True},
        {"_id": "p1", "version": 1, "state": ["draft"]},
        {"_id": "p1", "version": 1, "state": {"$gt": ""}},
        {"_id": "p1", "version": 1, "state": "a\0b"},
        {"_id": "p1", "version": 1, "rank": 2**63},
    ],
    ids=repr,
)
async def test_what_is_no_document_is_refused(store: Store, document: Document) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        await store.insert("people", document)
    with pytest.raises(ValueError, match=r"\w"):
        await store.replace("people", document, version=1)
    with pytest.raises(ValueError, match=r"\w"):
        await store.append("people", [person("p0"), document])
    with pytest.raises(ValueError, match=r"\w"):
        await store.refresh("people", [person("p0"), document])
    assert await store.count("people", {}) == 0


async def test_integers_of_64_bits_are_found(store: Store) -> None:
    await fill(store, person("p1", rank=2**63 - 1), person("p2", rank=-(2**63)))
    assert await found(store, {"rank": 2**63 - 1}) == ["p1"]
    assert await found(store, {"rank": Range(ge=2**63 - 1)}, sort=[("rank", 1)]) == ["p1"]
    assert await found(store, {"rank": Range(le=-(2**63))}, sort=[("rank", 1)]) == ["p2"]
    assert await found(store, {"rank": 2**63 - 2}) == []


async def test_pages_and_lists_are_bounded_at_a_thousand(store: Store) -> None:
    await store.append("people", [person(number) for number in range(1000)])
    await fill(store, person(1000))
    assert len(await found(store, {})) == 100
    assert await found(store, {}, limit=1) == [0]
    assert len(await found(store, {}, limit=1000)) == 1000
    assert len(await found(store, {"_id": In(tuple(range(1000)))}, limit=1000)) == 1000
    for limit in (0, 1001):
        with pytest.raises(ValueError, match="1000"):
            await store.find("people", {}, limit=limit)
    with pytest.raises(ValueError, match="1000"):
        await store.count("people", {"_id": In(tuple(range(1001)))})


async def test_a_large_document_is_kept(store: Store) -> None:
    document = person("p1", text="é" * 5_000_000)
    await store.insert("people", document)
    assert await store.get("people", "p1") == document


# --- the store itself -------------------------------------------------------------------------------------------


async def test_ping_answers_until_the_store_is_closed(store: Store) -> None:
    await store.ping()
    await store.close()
    await store.close()
    for call in (
        store.ping(),
        store.get("people", "p1"),
        store.insert("people", person("p1")),
        store.count("people", {}),
    ):
        with pytest.raises(StoreUnavailable):
            await call


async def test_what_was_written_is_there_after_reopening(store_place: StorePlace) -> None:
    async with AsyncExitStack() as stack:
        store = await store_place.open(stack, PEOPLE)
        await store.insert("people", person("p1", email="a@parvis.test"))
    async with AsyncExitStack() as stack:
        store = await store_place.open(stack, PEOPLE)
        assert await found(store, {"email": "a@parvis.test"}) == ["p1"]
        with pytest.raises(DuplicateKey):
            await store.insert("people", person("p2", email="a@parvis.test"))


async def test_an_index_added_later_covers_what_was_there(store_place: StorePlace) -> None:
    async with AsyncExitStack() as stack:
        store = await store_place.open(stack, Collection("people"))
        await fill(store, person("p1", state="draft"), person("p2", state="sent"))
        with pytest.raises(ValueError, match="state"):
            await store.find("people", {"state": "sent"})
        await store.prepare([Collection("people", (Index("one_state", ("state",), unique=True),))])
        assert await found(store, {"state": "sent"}) == ["p2"]
        with pytest.raises(DuplicateKey) as refusal:
            await store.insert("people", person("p3", state="sent"))
        assert refusal.value.index == "one_state"


async def test_an_index_declared_otherwise_is_made_anew(store_place: StorePlace) -> None:
    async with AsyncExitStack() as stack:
        store = await store_place.open(stack, Collection("people", (Index("key", ("state",), unique=True),)))
        await fill(store, person("p1", state="draft", rank=1))
        await store.prepare([Collection("people", (Index("key", ("state", "rank"), unique=True),))])
        await fill(store, person("p2", state="draft", rank=2))
        with pytest.raises(DuplicateKey) as refusal:
            await store.insert("people", person("p3", state="draft", rank=2))
        assert refusal.value.index == "key"


@pytest.mark.parametrize(
    "collection",
    [
        Collection("People"),
        Collection('x"; drop table people'),
        Collection("people", (Index("$name", ("state",)),)),
        Collection("people", (Index("name", ("$state",)),)),
        Collection("people", (Index("name", ("a..b",)),)),
        Collection("people", (Index("name", ("a') --",)),)),
    ],
    ids=repr,
)
async def test_names_that_no_store_can_have_are_refused(store: Store, collection: Collection) -> None:
    with pytest.raises(ValueError, match="not a"):
        await store.prepare([collection])


async def test_the_holder_of_leases_has_a_name(store_place: StorePlace) -> None:
    async with AsyncExitStack() as stack:
        assert (await store_place.open(stack)).instance

"""What machines read of events is right: schemas, examples, the AsyncAPI document, and the bytes that really travel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError, validate

from services import VERSION
from services.chassis.http.asyncapi import document, event_schema
from services.chassis.testing import run_suite
from services.cli.events import example
from services.contracts.events.accounts import CardChanged
from services.contracts.events.all import CATALOGUE
from services.contracts.events.catalogue import Audience, Event
from services.contracts.events.envelope import Envelope
from services.contracts.events.offers import ProgrammePublished

EVENTS = pytest.mark.parametrize("event", CATALOGUE.values(), ids=CATALOGUE)


@EVENTS
def test_a_schema_is_one_and_the_example_keeps_it(event: type[Event]) -> None:
    schema = event_schema(event)
    Draft202012Validator.check_schema(schema)
    validate(example(event), schema)


@EVENTS
def test_an_example_is_an_event(event: type[Event]) -> None:
    envelope = Envelope.decode(json.dumps(example(event)).encode())
    data = event.model_validate_json(json.dumps(envelope.data))
    assert envelope.partitionkey == data.partition_key


@EVENTS
def test_bytes_on_the_wire_keep_the_schema_with_every_member_and_with_as_few_as_may_be(event: type[Event]) -> None:
    envelope = Envelope.decode(json.dumps(example(event)).encode())
    validate(json.loads(envelope.encode()), event_schema(event))
    full = envelope.model_copy(update={"causationid": "c1", "traceparent": "00-1-2-01"})
    validate(json.loads(full.encode()) | {"of_a_later_version": 1}, event_schema(event))


@EVENTS
def test_a_schema_refuses_another_type_and_data_without_a_member(event: type[Event]) -> None:
    good = example(event)
    lacking = {name: value for name, value in good["data"].items() if name != event.KEY}
    for wrong in (good | {"type": "a.b.c.v1"}, good | {"data": lacking}, good | {"source": "/parvis/nobody/x"}):
        with pytest.raises(ValidationError):
            validate(wrong, event_schema(event))


def references(value: Any) -> Iterator[str]:
    match value:
        case dict():
            if "$ref" in value:
                yield value["$ref"]
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)


def resolve(whole: Any, pointer: str) -> Any:
    for part in pointer.removeprefix("#/").split("/"):
        whole = whole[part]
    return whole


def test_the_asyncapi_document_has_every_public_event_and_no_other() -> None:
    whole = document()
    public = {type for type, event in CATALOGUE.items() if event.AUDIENCE is Audience.PUBLIC}
    assert (whole["asyncapi"], whole["info"]["version"]) == ("3.0.0", VERSION)
    assert set(whole["channels"]) == set(whole["components"]["messages"]) == public
    assert CardChanged.TYPE not in json.dumps(whole)
    for operation in whole["operations"].values():
        assert operation["action"] == "send"
        assert (
            resolve(whole, operation["messages"][0]["$ref"])
            == resolve(whole, operation["channel"]["$ref"])["messages"]["event"]
        )


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    whole = document()
    found = list(references(whole))
    assert any("ProgrammePart" in reference for reference in found)
    for reference in found:
        assert resolve(whole, reference)


def test_a_payload_of_the_asyncapi_document_takes_the_example() -> None:
    whole = document()
    payload = whole["components"]["messages"][ProgrammePublished.TYPE]["payload"]
    schema = {"$ref": payload["$ref"], "components": whole["components"]}
    validate(example(ProgrammePublished), schema)
    with pytest.raises(ValidationError):
        validate(example(ProgrammePublished) | {"data": {}}, schema)


async def test_the_suite_serves_the_document(tmp_path: Path) -> None:
    async with run_suite(tmp_path, services=("mailer",)) as suite:
        async with suite.client.get("/api/events/asyncapi.json") as answer:
            assert answer.status == 200
            assert answer.content_type == "application/json"
            assert await answer.json() == document()
            tag = answer.headers["ETag"]
        async with suite.client.get("/api/events/asyncapi.json", headers={"If-None-Match": tag}) as again:
            assert again.status == 304

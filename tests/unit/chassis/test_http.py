"""The HTTP face, asked over the wire: whole answers, whatever comes in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from yarl import URL

from services.chassis.context import Actor
from services.chassis.http.jsonbody import MAX_BODY_BYTES
from services.chassis.ports import StoreUnavailable
from services.contracts.actors import ActorKind
from services.contracts.refusals import BUSY
from tests.samples import sample
from tests.unit.chassis.demo import FULL, DemoService, run_demo

LIST = "/api/demo/baskets"
PUT = "/api/demo/baskets/b-a/fruits"


shared = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def refusing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DemoService]:
    """One for all that is refused before it reaches the service: nothing of it is kept."""
    async with run_demo(tmp_path_factory.mktemp("refusing")) as running:
        yield running


async def refused(response: aiohttp.ClientResponse, status: int, slug: str) -> dict[str, Any]:
    """The problem document, after checking that it is a whole one."""
    body = await response.read()
    assert (response.status, response.content_type) == (status, "application/problem+json"), body
    document: dict[str, Any] = json.loads(body)
    assert document["slug"] == slug
    assert document["status"] == status
    assert document["type"] == f"/problems/{slug}"
    assert document["title"]
    assert document["detail"]
    assert response.headers["Content-Language"] in ("fr", "en")
    assert response.headers["Vary"] == "Accept-Language"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Request-Id"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    return document


# --- good answers -------------------------------------------------------------------------------------------------


async def test_a_command_answers_its_view_tag_and_mark(demo_service: DemoService) -> None:
    async with demo_service.client.post(PUT, json={"fruit": "kiwi"}, headers=demo_service.bearer()) as response:
        assert response.status == 201
        assert await response.json() == {"id": "b-a", "fruits": ["kiwi"], "version": 1}
        assert response.headers["ETag"] == '"1"'
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Parvis-Seen"]


async def test_no_body_is_204(demo_service: DemoService) -> None:
    await (await demo_service.client.post(PUT, json={"fruit": "kiwi"}, headers=demo_service.bearer())).read()
    for body in (None, b"", b"{}"):
        headers = demo_service.bearer() | ({"Content-Type": "application/json"} if body else {})
        async with demo_service.client.post("/api/demo/baskets/b-a/emptying", data=body, headers=headers) as response:
            assert response.status == 204
            assert await response.read() == b""


async def test_head_is_get_without_body(demo_service: DemoService) -> None:
    async with demo_service.client.get(LIST) as got, demo_service.client.head(LIST) as asked:
        assert asked.status == 200
        assert asked.headers["Content-Length"] == got.headers["Content-Length"]
        assert asked.headers["ETag"] == got.headers["ETag"]
        assert await asked.read() == b""


async def test_a_stream_comes_whole_or_is_cut(demo_service: DemoService) -> None:
    async with demo_service.client.get("/api/demo/bytes") as response:
        assert await response.read() == b"onetwo"
    demo_service.demo.failure = StoreUnavailable()
    async with demo_service.client.get("/api/demo/bytes") as response:
        with pytest.raises(aiohttp.ClientError):
            await response.read()
    async with demo_service.client.head("/api/demo/bytes") as response:
        assert response.status == 200


async def test_a_stream_that_ends_before_its_promised_length_is_cut(demo_service: DemoService) -> None:
    """Acceptance 105: a client that waits for the rest would wait for ever."""
    demo_service.demo.short = True
    async with demo_service.client.get("/api/demo/bytes") as response:
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


async def test_security_headers_stand_on_good_answers_and_refusals(demo_service: DemoService) -> None:
    for path in (LIST, "/api/demo/nothing", "/nothing", "/api/demo/docs", "/api/demo/jwks.json"):
        async with demo_service.client.get(path) as response:
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["X-Frame-Options"] == "DENY"
            assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
            assert response.headers["Referrer-Policy"] == "no-referrer"
            assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert "Server" not in response.headers


# --- languages and correlation ------------------------------------------------------------------------------------


async def test_refusals_speak_the_readers_language(demo_service: DemoService) -> None:
    async with demo_service.client.get(f"{LIST}/b-a", headers={"Accept-Language": "en;q=0.9, fr;q=0.1"}) as response:
        assert (await refused(response, 401, "token-missing"))["title"] == "You need to sign in"
        assert response.headers["Content-Language"] == "en"
    async with demo_service.client.get(f"{LIST}/b-a") as response:
        assert (await refused(response, 401, "token-missing"))["title"] == "Vous devez vous connecter"


async def test_a_request_id_is_echoed_and_travels_with_the_events(demo_service: DemoService) -> None:
    headers = demo_service.bearer() | {"X-Request-Id": "request-12345", "traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    async with demo_service.client.post(PUT, json={"fruit": "kiwi"}, headers=headers) as response:
        assert response.headers["X-Request-Id"] == "request-12345"
    saved = await demo_service.demo.baskets.get("ada-b-a")
    assert saved is not None
    store = demo_service.running.service.ports.store
    while not (rows := await store.find("journal", {})):
        await asyncio.sleep(0.01)
    envelope = json.loads(rows[0]["body"])
    assert envelope["correlationid"] == "request-12345"
    assert envelope["traceparent"] == headers["traceparent"]
    assert envelope["actor"] == "account:ada"


async def test_a_refusal_that_is_not_declared_is_an_error_of_ours(demo_service: DemoService) -> None:
    """Its text would be right for a person, but no client could know of it: it is counted, and told to operations."""

    def counted() -> float:
        return sample("parvis_http_undeclared_refusals_total", {"service": "demo"}) or 0

    before = counted()
    demo_service.demo.failure = FULL(max=3)
    async with demo_service.client.get(LIST) as response:
        problem = await refused(response, 500, "internal-error")
        assert problem["request_id"] in problem["detail"]
    assert counted() == before + 1
    demo_service.demo.failure = BUSY(retry_after=1)
    async with demo_service.client.get(LIST) as response:
        await refused(response, 503, "busy")


# --- routes -------------------------------------------------------------------------------------------------------


async def test_unknown_routes_methods_and_paths(demo_service: DemoService) -> None:
    async with demo_service.client.get("/api/demo/nothing") as response:
        await refused(response, 404, "not-found")
    async with demo_service.client.get("/nothing/at/all") as response:
        await refused(response, 404, "not-found")
    async with demo_service.client.delete(LIST) as response:
        await refused(response, 405, "method-not-allowed")
        assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    async with demo_service.client.options(LIST) as response:
        assert response.status == 204
        assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    for name in ("UPPER", "b-" + "a" * 19, "%00", "..%2f"):
        async with demo_service.client.get(URL(f"{demo_service.url}{LIST}/{name}", encoded=True)) as response:
            await refused(response, 404, "not-found")
    async with demo_service.client.get(f"{LIST}/b-{'a' * 18}", headers=demo_service.bearer()) as response:
        await refused(response, 404, "not-found")


async def test_unknown_repeated_and_wrong_query_parameters(demo_service: DemoService) -> None:
    for query, field, slug in [
        ("nix=1", "", "unknown-field"),
        ("limit=1&limit=2", "limit", "repeated"),
        ("nix=1&nix=2", "", "repeated"),
        ("limit=0", "limit", "too-small"),
        ("limit=201", "limit", "too-big"),
        ("limit=x", "limit", "wrong-type"),
        ("limit=1e2", "limit", "wrong-type"),
        ("open=perhaps", "open", "wrong-type"),
    ]:
        async with demo_service.client.get(f"{LIST}?{query}") as response:
            document = await refused(response, 422, "invalid-fields")
            assert [(error["field"], error["slug"]) for error in document["fields"]] == [(field, slug)], query
            assert "nix" not in json.dumps(document)
    async with demo_service.client.get(f"{LIST}?limit=200&open=true") as response:
        assert (await response.json())["items"][0]["id"] == "200"
    async with demo_service.client.get("/api/demo/bytes?nix=1") as response:
        await refused(response, 422, "invalid-fields")


# --- bodies -------------------------------------------------------------------------------------------------------


async def send(demo_service: DemoService, body: Any, status: int, slug: str, **headers: str) -> dict[str, Any]:
    whole = {"Content-Type": "application/json", **demo_service.bearer(), **headers}
    async with demo_service.client.post(PUT, data=body, headers=whole) as response:
        return await refused(response, status, slug)


@shared
@pytest.mark.parametrize(
    ("body", "field", "slug"),
    [
        ({}, "fruit", "required"),
        ({"fruit": "x"}, "fruit", "too-short"),
        ({"fruit": "x" * 11}, "fruit", "too-long"),
        ({"fruit": 5}, "fruit", "wrong-type"),
        ({"fruit": {"$ne": None}}, "fruit", "wrong-type"),
        ({"fruit": ["kiwi"]}, "fruit", "wrong-type"),
        ({"fruit": None}, "fruit", "wrong-type"),
        ({"fruit": "ki\u0000wi"}, "fruit", "malformed"),
        ({"fruit": "kiwi", "kind": "blue"}, "kind", "not-a-choice"),
        ({"fruit": "kiwi", "weight": 0}, "weight", "too-small"),
        ({"fruit": "kiwi", "weight": 1001}, "weight", "too-big"),
        ({"fruit": "kiwi", "weight": "5"}, "weight", "wrong-type"),
        ({"fruit": "kiwi", "weight": True}, "weight", "wrong-type"),
        ({"fruit": "kiwi", "weight": 10**30}, "weight", "too-big"),
        ({"fruit": "kiwi", "hostile<script>": 1}, "", "unknown-field"),
        ([], "", "wrong-type"),
        ("kiwi", "", "wrong-type"),
        (None, "", "wrong-type"),
    ],
)
async def test_wrong_fields_are_named_with_their_rule_and_nothing_is_echoed(
    refusing: DemoService, body: Any, field: str, slug: str
) -> None:
    document = await send(refusing, json.dumps(body), 422, "invalid-fields")
    assert [(error["field"], error["slug"]) for error in document["fields"]] == [(field, slug)]
    assert "hostile" not in json.dumps(document)
    assert "$ne" not in json.dumps(document)
    assert await refusing.demo.baskets.get("ada-b-a") is None


async def test_all_wrong_fields_are_listed(demo_service: DemoService) -> None:
    document = await send(demo_service, json.dumps({"fruit": "x", "kind": "blue", "weight": 0}), 422, "invalid-fields")
    assert [error["field"] for error in document["fields"]] == ["fruit", "kind", "weight"]
    assert document["fields"][1]["allowed"] == ["red", "green"]


@shared
@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b"", 400, "malformed-json"),
        (b"{", 400, "malformed-json"),
        (b"{'fruit': 'kiwi'}", 400, "malformed-json"),
        (b'{"fruit": "kiwi"} trailing', 400, "malformed-json"),
        (b'{"fruit": "kiwi", "weight": NaN}', 400, "malformed-json"),
        (b'{"fruit": "kiwi", "weight": Infinity}', 400, "malformed-json"),
        (b'{"fruit": "kiwi", "weight": 1e999}', 400, "malformed-json"),
        (b'{"fruit": "kiwi", "weight": ' + b"9" * 5000 + b"}", 400, "malformed-json"),
        (b'{"fruit": "\\ud800"}', 400, "malformed-json"),
        (b'\xef\xbb\xbf{"fruit": "kiwi"}', 400, "malformed-json"),
        (b'{"fruit": "kiwi", "fruit": "fig"}', 400, "duplicate-member"),
        (b'{"fruit": "kiwi", "x": {"a": 1, "a": 2}}', 400, "duplicate-member"),
        ('{"fruit": "kiwé"}'.encode("latin-1"), 400, "not-utf8"),
        (b'{"fruit": "\xff"}', 400, "not-utf8"),
        (b"[" * 20000, 400, "malformed-json"),
        (b"[" * 17 + b"]" * 17, 400, "malformed-json"),
        (b"[" * 16 + b"]" * 16, 422, "invalid-fields"),
        (b'{"fruit": "' + b"[" * 30 + b'"}', 422, "invalid-fields"),
    ],
)
async def test_what_is_not_sound_json_is_refused(refusing: DemoService, body: bytes, status: int, slug: str) -> None:
    await send(refusing, body, status, slug)


@shared
@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/xml", "application/json; charset=latin-1", "application/x-www-form-urlencoded", "x"],
)
async def test_only_json_in_utf8_is_taken(refusing: DemoService, media_type: str) -> None:
    await send(refusing, b'{"fruit": "kiwi"}', 415, "unsupported-media-type", **{"Content-Type": media_type})


async def test_utf8_may_be_named(demo_service: DemoService) -> None:
    headers = demo_service.bearer() | {"Content-Type": "application/json; charset=UTF-8"}
    async with demo_service.client.post(PUT, data='{"fruit": "pêche"}'.encode(), headers=headers) as response:
        assert response.status == 201


async def test_compressed_bodies_are_refused(demo_service: DemoService) -> None:
    for encoding in ("gzip", "br", "deflate"):
        await send(demo_service, b'{"fruit": "kiwi"}', 415, "unsupported-encoding", **{"Content-Encoding": encoding})


async def test_a_body_may_have_65536_bytes_and_not_one_more(demo_service: DemoService) -> None:
    start, end = b'{"fruit": "kiwi"', b"}"
    limit = start + b" " * (MAX_BODY_BYTES - len(start) - len(end)) + end

    async def chunked(body: bytes) -> Any:
        for at in range(0, len(body), 10000):
            yield body[at : at + 10000]

    for shape in (bytes, chunked):
        headers = demo_service.bearer() | {"Content-Type": "application/json"}
        async with demo_service.client.post(PUT, data=shape(limit), headers=headers) as response:
            assert response.status == 201
        document = await send(demo_service, shape(limit + b" "), 413, "body-too-large")
        assert document["max_bytes"] == MAX_BODY_BYTES


async def test_a_body_where_none_is_wanted_holds_no_fields(demo_service: DemoService) -> None:
    headers = demo_service.bearer()
    async with demo_service.client.post("/api/demo/baskets/b-a/emptying", json={"x": 1}, headers=headers) as response:
        await refused(response, 422, "invalid-fields")


# --- tags ---------------------------------------------------------------------------------------------------------


async def put(demo_service: DemoService, **headers: str) -> aiohttp.ClientResponse:
    response = await demo_service.client.post(PUT, json={"fruit": "kiwi"}, headers=demo_service.bearer() | headers)
    await response.read()
    return response


async def test_if_match_lets_only_the_named_versions_through(demo_service: DemoService) -> None:
    assert (await put(demo_service)).headers["ETag"] == '"1"'
    assert (await put(demo_service, **{"If-Match": '"2"'})).status == 412
    assert (await put(demo_service, **{"If-Match": 'W/"1"'})).status == 412
    assert (await put(demo_service, **{"If-Match": '"not-ours"'})).status == 412
    assert (await put(demo_service, **{"If-Match": "5"})).status == 400
    assert (await put(demo_service, **{"If-Match": '"7", "1"'})).status == 201
    assert (await put(demo_service, **{"If-Match": "*"})).status == 201
    async with demo_service.client.post(
        PUT, json={"fruit": "kiwi"}, headers=demo_service.bearer() | {"If-Match": '"1"'}
    ) as response:
        assert (await refused(response, 412, "stale-version"))["version"] == 3


async def test_a_copy_that_is_still_right_is_not_sent_again(demo_service: DemoService) -> None:
    async with demo_service.client.get(LIST) as response:
        tag = response.headers["ETag"]
    for value in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        async with demo_service.client.get(LIST, headers={"If-None-Match": value}) as response:
            assert response.status == 304, value
            assert await response.read() == b""
            assert response.headers["ETag"] == tag
            assert response.headers["Cache-Control"] == "public, max-age=10"
    async with demo_service.client.get(LIST, headers={"If-None-Match": '"other"'}) as response:
        assert response.status == 200
    async with demo_service.client.get(LIST, headers={"If-None-Match": "other"}) as response:
        await refused(response, 400, "invalid-header")
    await put(demo_service)
    async with demo_service.client.get(
        f"{LIST}/b-a", headers=demo_service.bearer() | {"If-None-Match": '"1"'}
    ) as response:
        assert response.status == 304
    async with demo_service.client.get("/api/demo/bytes", headers={"If-None-Match": '"bytes-1"'}) as response:
        assert response.status == 304
        assert await response.read() == b""


# --- idempotency --------------------------------------------------------------------------------------------------


async def test_one_key_sent_twenty_times_at_once_is_one_command(demo_service: DemoService) -> None:
    await put(demo_service)
    answers = await asyncio.gather(*(put(demo_service, **{"Idempotency-Key": "once"}) for _ in range(20)))
    assert {answer.status for answer in answers} == {201}
    assert len({await answer.text() for answer in answers}) == 1
    assert len({answer.headers["Parvis-Seen"] for answer in answers}) == 1
    saved = await demo_service.demo.baskets.get("ada-b-a")
    assert saved is not None
    assert saved.state == ("kiwi", "kiwi")


async def test_a_key_belongs_to_one_body_one_path_and_one_person(demo_service: DemoService) -> None:
    await put(demo_service, **{"Idempotency-Key": "k"})
    headers = demo_service.bearer() | {"Idempotency-Key": "k"}
    async with demo_service.client.post(PUT, json={"fruit": "fig"}, headers=headers) as response:
        await refused(response, 422, "idempotency-key-reused")
    async with demo_service.client.post(
        PUT, json={"fruit": "fig"}, headers=headers | demo_service.bearer("bob")
    ) as response:
        assert response.status == 201
    assert (await put(demo_service, **{"Idempotency-Key": "k" * 256})).status == 400


async def test_a_key_of_a_deputy_is_not_the_persons_in_whose_place_they_act(demo_service: DemoService) -> None:
    first, again = [await put(demo_service, **{"Idempotency-Key": "k"}) for _ in range(2)]
    deputy = demo_service.bearer(act={"sub": "kim", "sid": "t"})
    by_deputy = [await put(demo_service, **{"Idempotency-Key": "k"}, **deputy) for _ in range(2)]
    assert await first.json() == await again.json() == {"id": "b-a", "fruits": ["kiwi"], "version": 1}
    assert [(await each.json())["fruits"] for each in by_deputy] == [["kiwi", "kiwi"]] * 2


def test_a_key_of_staff_is_not_that_of_an_account_of_the_same_id() -> None:
    zoe, kim = Actor("zoe"), Actor("kim", ActorKind.STAFF)
    everybody = (zoe, replace(zoe, kind=ActorKind.STAFF), replace(zoe, deputy=kim), kim, Actor("kim"))
    askers = [actor.asker for actor in everybody]
    assert len(set(askers)) == len(askers)
    assert zoe.asker == "zoe", "keys that 0.1.0 remembers are known by it"


# --- failures -----------------------------------------------------------------------------------------------------


async def test_a_refusal_of_the_service_speaks_its_texts(demo_service: DemoService) -> None:
    for _ in range(3):
        await put(demo_service)
    async with demo_service.client.post(PUT, json={"fruit": "fig"}, headers=demo_service.bearer()) as response:
        document = await refused(response, 409, "basket-full")
    assert document["max"] == 3
    assert document["detail"] == "Il ne tient que 3 fruits. Retirez-en un, puis recommencez."


async def test_a_failure_tells_the_client_nothing(demo_service: DemoService) -> None:
    demo_service.demo.failure = RuntimeError("secret detail")
    async with demo_service.client.get(LIST) as response:
        assert "secret" not in json.dumps(await refused(response, 500, "internal-error"))


async def test_a_store_that_does_not_answer_is_503(demo_service: DemoService) -> None:
    demo_service.demo.failure = StoreUnavailable()
    async with demo_service.client.get(LIST) as response:
        await refused(response, 503, "unavailable")
        assert response.headers["Retry-After"] == "2"


async def test_one_request_more_than_the_process_takes_is_told_to_come_back(tmp_path: Path) -> None:
    async with run_demo(tmp_path, max_in_flight=2) as demo_service:
        inside, go = asyncio.Semaphore(0), asyncio.Event()

        async def gate() -> None:
            inside.release()
            await go.wait()

        demo_service.demo.gate = gate
        held = [asyncio.create_task(demo_service.client.get(LIST)) for _ in range(2)]
        for _ in held:
            await inside.acquire()
        async with demo_service.client.get(LIST) as response:
            await refused(response, 503, "busy")
            assert response.headers["Retry-After"] == "1"
        go.set()
        assert [(await response).status for response in held] == [200, 200]
        async with demo_service.client.get(LIST) as response:
            assert response.status == 200


# --- what is no sound HTTP ----------------------------------------------------------------------------------------


async def raw(demo_service: DemoService, sent: bytes) -> tuple[bytes, dict[bytes, bytes], bytes]:
    """Status line, headers and body of the answer to these very bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(demo_service.url.rpartition(":")[2]))
    writer.write(sent)
    head = await reader.readuntil(b"\r\n\r\n")
    status, *lines = head.strip().split(b"\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in lines)
    body = await reader.readexactly(int(fields[b"content-length"]))
    writer.close()
    await writer.wait_closed()
    return status, fields, body


@shared
@pytest.mark.parametrize(
    "sent",
    [
        b"NONSENSE\r\n\r\n",
        b"GET /api/demo/baskets HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET /api/demo/baskets HTTP/1.1\r\nHost: x\r\nBad Header: x\r\n\r\n",
        b"GET /api/demo/baskets HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 9000 + b"\r\n\r\n",
        b"POST /api/demo/baskets HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/demo/baskets HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
async def test_what_cannot_be_read_is_answered_by_a_problem_document(refusing: DemoService, sent: bytes) -> None:
    status, fields, body = await raw(refusing, sent)
    assert b" 400 " in status
    assert fields[b"content-type"] == b"application/problem+json"
    assert fields[b"x-content-type-options"] == b"nosniff"
    assert json.loads(body)["slug"] == "malformed-request"
    assert b"NONSENSE" not in body


async def test_only_100_continue_can_be_expected(demo_service: DemoService) -> None:
    start = b"POST /api/demo/baskets/b-a/emptying HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: "
    status, fields, _ = await raw(demo_service, start + b"miracles\r\n\r\n")
    assert b" 417 " in status
    assert fields[b"content-type"] == b"application/problem+json"
    reader, writer = await asyncio.open_connection("127.0.0.1", int(demo_service.url.rpartition(":")[2]))
    writer.write(start + b"100-continue\r\n\r\n")
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(b"{}")
    assert b" 401 " in await reader.readuntil(b"\r\n")
    writer.close()
    await writer.wait_closed()

"""The shipped nginx configuration, on Debian's nginx: what passes, what it bounds, what it says itself."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from yarl import URL

from services import PORTAL, SERVICES
from services.chassis.http.arrival import ARRIVED
from services.chassis.http.headers import security_headers
from services.chassis.http.jsonbody import MAX_BODY_BYTES
from services.cli.gateway import Limits
from services.contracts.parameters import LARGEST_UPLOAD
from services.portal.paths import LARGEST_FORM, LARGEST_LOGIN, LARGEST_SLICE, PAGE_OVERHEAD
from tests.processes import free_ports
from tests.service.gateway.conftest import AMPLE, Gateway, Open, Recorder

UPLOADS = "/api/documents/uploads"
MAX_UPLOAD = LARGEST_UPLOAD
MAX_PAGE = LARGEST_FORM + PAGE_OVERHEAD


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(60)) as session:
        yield session


async def ask(client: aiohttp.ClientSession, method: str, url: str | URL, **request: Any) -> tuple[int, Any, Any]:
    """Status, body, headers."""
    async with client.request(method, url, **request) as answer:
        text = await answer.text()
        body = json.loads(text) if answer.content_type.endswith("json") else text
        return answer.status, body, answer.headers


# --- what passes ------------------------------------------------------------------------------------------------


async def test_every_prefix_goes_to_its_service_and_the_rest_to_the_portal(
    gateway: Open, client: aiohttp.ClientSession
) -> None:
    """An upstream nobody is at tells by its name in the log whom nginx has asked."""
    upstreams = {name: (f"127.0.0.1:{port}",) for name, port in zip((*SERVICES, PORTAL), free_ports(6), strict=True)}
    site = await gateway(0, upstreams=upstreams)
    paths = {f"/api/{name}/openapi.json": name for name in SERVICES}
    paths |= {"/": PORTAL, "/api": PORTAL, "/api/nothing/x": PORTAL, "/api/events/asyncapi.json": "offers"}
    for path in paths:
        status, _, _ = await ask(client, "GET", site.url + path)
        assert status == 503
    tried = [line for line in site.server.log.splitlines() if "connect() failed" in line]
    for (path, name), line in zip(paths.items(), tried, strict=True):
        assert f"GET {path} " in line
        assert upstreams[name][0] in line


async def test_the_mailbox_of_development_is_not_reached_from_outside(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder
) -> None:
    site = await gateway(recorder.port)
    for path in ("/mailbox", "/mailbox/", "/mailbox/abc/html", "/%6dailbox", "//mailbox", "/x/../mailbox"):
        await ask(client, "GET", URL(site.url + path, encoded=True))
        assert recorder.last.path == "/-/missing", path


async def test_the_service_hears_who_asks_and_a_client_can_say_nothing_in_its_place(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder
) -> None:
    site = await gateway(recorder.port)
    forged = {"X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "gopher", ARRIVED: "1000000000.000 0.000"}
    await ask(client, "GET", f"{site.url}/api/offers/programmes", headers=forged)
    got = recorder.last.headers
    assert (got["X-Forwarded-For"], got["X-Forwarded-Proto"]) == ("127.0.0.1", "http")
    assert not got[ARRIVED].startswith("1000000000")
    assert got["Host"] == "127.0.0.1"


async def test_a_sound_request_id_is_kept_and_any_other_replaced(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder
) -> None:
    site = await gateway(recorder.port)
    for given, kept in (
        ("abcdefgh", True),
        ("a" * 64, True),
        ("abcdefg", False),
        ("a" * 65, False),
        ("a b;c\"'d", False),
    ):
        await ask(client, "GET", f"{site.url}/", headers={"X-Request-Id": given})
        assert (recorder.last.headers["X-Request-Id"] == given) is kept
        assert len(recorder.last.headers["X-Request-Id"]) >= 8


async def test_refusals_of_a_service_pass_as_they_are(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder
) -> None:
    site = await gateway(recorder.port)
    for status in (400, 404, 409, 413, 422, 429, 500, 503):
        recorder.status = status
        assert (await ask(client, "GET", f"{site.url}/api/offers/x"))[:2] == (status, {"said": "by the service"})
    assert (await ask(client, "GET", f"{site.url}/"))[2]["Retry-After"] == "7"


async def test_another_replica_answers_for_one_that_is_gone(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder
) -> None:
    (nobody,) = free_ports(1)
    both = (f"127.0.0.1:{nobody}", f"127.0.0.1:{recorder.port}")
    site = await gateway(0, upstreams=dict.fromkeys((*SERVICES, PORTAL), both))
    for number in range(10):
        status, _, _ = await ask(client, "POST", f"{site.url}/api/applications/applications", json={"n": number})
        assert status == 200
    assert [json.loads(got.body)["n"] for got in recorder.got] == list(range(10))


# --- uploads ----------------------------------------------------------------------------------------------------


async def test_the_first_byte_of_an_upload_reaches_the_service_before_the_last_is_sent(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder
) -> None:
    site = await gateway(recorder.port)
    may_end = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b"first"
        await may_end.wait()
        yield b"last"

    sending = asyncio.create_task(ask(client, "PUT", site.url + UPLOADS, data=body()))
    async with asyncio.timeout(120):
        await recorder.came.wait()
        await recorder.last.first.wait()
    assert recorder.last.body == b"first"
    assert not sending.done()
    may_end.set()
    assert (await sending)[0] == 200
    assert recorder.last.body == b"firstlast"


async def test_what_is_no_upload_reaches_the_service_whole(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder
) -> None:
    """A slow client holds nginx, not a service."""
    site = await gateway(recorder.port)
    may_end = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b'{"programme": '
        await may_end.wait()
        yield b'"M1"}'

    sending = asyncio.create_task(ask(client, "POST", f"{site.url}/api/applications/applications", data=body()))
    await ask(client, "GET", f"{site.url}/api/offers/programmes")
    assert [got.method for got in recorder.got] == ["GET"]
    may_end.set()
    assert (await sending)[0] == 200
    assert recorder.last.body == b'{"programme": "M1"}'


BOUNDS = [
    ("PUT", UPLOADS, MAX_UPLOAD, "too-large"),
    ("PATCH", f"{UPLOADS}/partial/{26 * '0'}", MAX_UPLOAD, "too-large"),
    ("POST", "/api/applications/applications", MAX_BODY_BYTES, "body-too-large"),
    ("POST", "/api/accounts/sessions", MAX_BODY_BYTES, "body-too-large"),
    ("POST", "/candidatures/one/pieces/cv", MAX_PAGE, "Photos trop lourdes ensemble"),
    ("PATCH", f"/candidatures/one/pieces/cv/envois/{26 * '0'}", LARGEST_SLICE, "Photos trop lourdes ensemble"),
    ("POST", "/connexion", LARGEST_LOGIN, "Le contenu envoyé est trop volumineux"),
    ("POST", "/somewhere", MAX_BODY_BYTES, "Le contenu envoyé est trop volumineux"),
]


@pytest.mark.parametrize(("method", "path", "bound", "said"), BOUNDS)
@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_may_be_as_long_as_its_bound_and_no_byte_longer(
    gateway: Open,
    client: aiohttp.ClientSession,
    recorder: Recorder,
    method: str,
    path: str,
    bound: int,
    said: str,
    chunked: bool,
) -> None:
    site = await gateway(recorder.port)

    async def pieces(size: int) -> AsyncIterator[bytes]:
        for at in range(0, size, 65536):
            yield b"x" * min(65536, size - at)

    for size, expected in ((bound, 200), (bound + 1, 413)):
        data = pieces(size) if chunked else io.BytesIO(b"x" * size)
        try:
            status, body, headers = await ask(client, method, site.url + path, data=data)
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError):
            # nginx has answered and closed before all was sent, which some clients take for a broken line.
            assert expected == 413
            continue
        assert status == expected
        if expected == 200:
            assert len(recorder.last.body) == bound
        elif path.startswith("/api/"):
            assert headers["Content-Type"] == "application/problem+json"
            assert (body["slug"], body["status"]) == (said, 413)
        else:
            assert headers["Content-Type"] == "text/html; charset=utf-8"
            assert f"<h1>{said}</h1>" in body
        if expected == 413:
            assert not recorder.last.whole.is_set() or len(recorder.last.body) == bound


# --- arrival ----------------------------------------------------------------------------------------------------


async def sent_slowly(site: Gateway, path: str, pause: float) -> tuple[float, float]:
    """A request whose head comes in two parts and its body later; when the first part was sent, and the pause over."""
    host, _, port = site.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    before = time.time()
    writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\n".encode())
    await writer.drain()
    await asyncio.sleep(pause)
    after_first = time.time()
    writer.write(b"Content-Length: 2\r\n\r\n")
    await writer.drain()
    await asyncio.sleep(0.5)
    writer.write(b"{}")
    await writer.drain()
    assert b"200" in await reader.readline()
    writer.close()
    return before, after_first


@pytest.mark.parametrize("path", ["/api/applications/applications/a1/submission", UPLOADS])
async def test_the_arrival_is_that_of_the_first_byte_however_slowly_the_rest_comes(
    gateway: Open, recorder: Recorder, path: str
) -> None:
    """What was told is before the first pause had ended.

    nginx takes for the arrival when it looks, which a busy machine may let it do late: then the pause was too short.
    """
    site = await gateway(recorder.port)
    in_the_pause: list[bool] = []
    for pause in (0.5, 3, 8):
        before, after_first = await sent_slowly(site, path, pause)
        said, waited = map(float, recorder.last.headers[ARRIVED].split(" "))
        # nginx cuts both figures to whole milliseconds.
        assert before - 0.002 <= said - waited
        assert said > after_first - 0.002
        in_the_pause.append(said - waited <= after_first + 0.002)
        if in_the_pause[-1]:
            break
    assert in_the_pause[-1]


# --- limits -----------------------------------------------------------------------------------------------------


async def burst(client: aiohttp.ClientSession, count: int, method: str, url: str) -> list[int]:
    return [(await ask(client, method, url))[0] for _ in range(count)]


async def test_one_address_may_send_a_burst_and_not_one_more(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder
) -> None:
    tight = Limits(everything="1r/m", everything_burst=3, strangers="10000r/s", strangers_burst=10000)
    site = await gateway(recorder.port, limits=tight)
    assert await burst(client, 5, "GET", f"{site.url}/api/offers/programmes") == [200] * 4 + [429]
    status, body, headers = await ask(client, "GET", f"{site.url}/api/offers/programmes")
    assert (status, body["slug"], headers["Retry-After"]) == (429, "too-many-requests", "2")
    assert len(recorder.got) == 4
    assert (await ask(client, "GET", f"{site.url}/"))[2]["Content-Type"].startswith("text/html")
    assert await burst(client, 1, "GET", f"{site.url}/-/alive") == [204]


async def test_strangers_who_write_have_a_bound_of_their_own(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder
) -> None:
    tight = Limits(everything="10000r/s", everything_burst=10000, strangers="1r/m", strangers_burst=2)
    site = await gateway(recorder.port, limits=tight)
    assert await burst(client, 4, "POST", f"{site.url}/api/accounts/sessions") == [200] * 3 + [429]
    assert await burst(client, 1, "POST", f"{site.url}/api/accounts/password-resets") == [429]
    assert await burst(client, 3, "POST", f"{site.url}/api/applications/applications") == [200] * 3
    assert await burst(client, 3, "GET", f"{site.url}/api/accounts/me") == [200] * 3
    assert await burst(client, 4, "POST", f"{site.url}/api/applications/forms/callback") == [200] * 4


async def test_servers_of_forms_have_a_bound_of_their_own(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder
) -> None:
    """What they tell of many candidates comes over one line; at the bound, and one past it."""
    tight = replace(AMPLE, partners="1r/m", partners_burst=2)
    site = await gateway(recorder.port, limits=tight)
    assert await burst(client, 4, "POST", f"{site.url}/api/applications/forms/callback") == [200] * 3 + [429]
    assert await burst(client, 1, "POST", f"{site.url}/api/accounts/sessions") == [200]


async def test_one_address_may_have_so_many_uploads_under_way_and_not_one_more(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder
) -> None:
    site = await gateway(recorder.port, limits=Limits(uploads=2))
    may_end = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b"x"
        await may_end.wait()

    under_way = [asyncio.create_task(ask(client, "PUT", site.url + UPLOADS, data=body())) for _ in range(2)]
    async with asyncio.timeout(120):
        while len(recorder.got) < 2:
            await asyncio.sleep(0.01)
    assert (await ask(client, "PUT", site.url + UPLOADS, data=b"x"))[0] == 429
    may_end.set()
    assert [status for status, _, _ in await asyncio.gather(*under_way)] == [200, 200]


@asynccontextmanager
async def half_sent(site: Gateway, number: int, source: str) -> AsyncIterator[None]:
    """So many commands of which nginx has, or will soon have, the head and not the body."""
    host, port = site.url.removeprefix("http://").split(":")
    made = []
    for _ in range(number):
        _, writer = await asyncio.open_connection(host, int(port), local_addr=(source, 0))
        made.append(writer)
        writer.write(b"POST /api/applications/applications HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{")
    try:
        yield
    finally:
        for writer in made:
            writer.transport.abort()


async def from_source(site: Gateway, source: str) -> int:
    """The status that somebody at this address gets."""
    connector = aiohttp.TCPConnector(local_addr=(source, 0))
    async with aiohttp.ClientSession(connector=connector) as somebody:
        return (await ask(somebody, "POST", f"{site.url}/api/applications/applications", data=b"{}"))[0]


async def settles(site: Gateway, source: str, status: int) -> None:
    """Once nginx has noticed who has come or gone, this is the status and stays it.

    One answer shows nothing: nginx may still count a request whose answer has arrived.
    """
    same = 0
    async with asyncio.timeout(120):
        while same < 4:
            same = same + 1 if await from_source(site, source) == status else 0
            await asyncio.sleep(0.02)


async def test_what_one_line_and_its_neighbours_have_under_way_is_bounded(gateway: Open, recorder: Recorder) -> None:
    """Acceptance 108: who sends a byte now and then holds so many connections and not one more; others are served."""
    site = await gateway(recorder.port, limits=replace(AMPLE, under_way=3, under_way_neighbours=5))
    async with half_sent(site, 2, "127.0.0.1"):
        await settles(site, "127.0.0.1", 200)
        async with half_sent(site, 1, "127.0.0.1"):
            await settles(site, "127.0.0.1", 429)
            async with half_sent(site, 1, "127.0.0.2"):
                await settles(site, "127.0.0.3", 200)
                async with half_sent(site, 1, "127.0.0.2"):
                    await settles(site, "127.0.0.3", 429)
                    await settles(site, "127.0.1.1", 200)
    await settles(site, "127.0.0.1", 200)


async def test_the_portal_has_its_own_way_without_limits_and_says_whose_request_it_is(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder
) -> None:
    tight = Limits(everything="1r/m", everything_burst=1, strangers="1r/m", strangers_burst=1)
    site = await gateway(recorder.port, limits=tight)
    said = {"X-Forwarded-For": "192.0.2.7", ARRIVED: "1795386123.456 0.001", "X-Request-Id": "abcdefgh"}
    for _ in range(5):
        status, _, _ = await ask(client, "POST", f"{site.internal}/api/accounts/sessions", headers=said)
        assert status == 200
    assert {name: recorder.last.headers[name] for name in said} == said
    assert (await ask(client, "GET", f"{site.internal}/"))[0] == 404
    big = await ask(client, "PUT", site.internal + UPLOADS, data=io.BytesIO(b"x" * (MAX_UPLOAD + 1)))
    assert (big[0], big[1]["slug"]) == (413, "too-large")


# --- what the gateway says itself -------------------------------------------------------------------------------


async def said_everywhere(client: aiohttp.ClientSession, site: Gateway, status: int, slug: str) -> None:
    """A problem document for programs, a page for people, each in both languages, with every header."""
    titles = set()
    for language, spoken in (("fr-FR,fr;q=0.9,en;q=0.8", "fr"), ("en", "en"), ("de, en;q=0.5", "en"), ("", "fr")):
        for path, media_type in (("/api/accounts/me", "application/problem+json"), ("/", "text/html; charset=utf-8")):
            got, body, headers = await ask(client, "GET", site.url + path, headers={"Accept-Language": language})
            assert (got, headers["Content-Type"]) == (status, media_type)
            assert (headers["Content-Language"], headers["Vary"]) == (spoken, "Accept-Language")
            assert headers["Cache-Control"] == "no-store"
            assert headers["Retry-After"].isdigit()
            assert len(headers["X-Request-Id"]) >= 8
            expected = security_headers(https=False)
            policy = "Content-Security-Policy"
            assert {name: headers[name] for name in expected if name != policy} == {
                name: value for name, value in expected.items() if name != policy
            }
            assert headers[policy].startswith("default-src 'none'")
            assert "unsafe" not in headers[policy]
            if media_type.endswith("json"):
                assert (body["slug"], body["status"]) == (slug, status)
                titles.add(body["title"])
            else:
                assert f'<html lang="{spoken}">' in body
    assert len(titles) == 2


async def test_a_service_that_is_away_is_unavailable_and_comes_back(
    gateway: Open, client: aiohttp.ClientSession
) -> None:
    (nobody,) = free_ports(1)
    site = await gateway(nobody)
    await said_everywhere(client, site, 503, "unavailable")


async def test_maintenance_closes_the_suite_by_a_file_and_opens_it_by_its_removal(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder
) -> None:
    """Acceptance 95, the part of operations: nothing reaches a service meanwhile."""
    site = await gateway(recorder.port)
    assert (await ask(client, "GET", f"{site.url}/"))[0] == 200
    site.flag.touch()
    reached = len(recorder.got)
    await said_everywhere(client, site, 503, "maintenance")
    for method, path in (("POST", "/api/accounts/sessions"), ("PUT", UPLOADS), ("DELETE", "/api/accounts/me")):
        assert (await ask(client, method, site.url + path, data=b"{}"))[0] == 503
    assert (await ask(client, "GET", f"{site.url}/-/alive"))[0] == 204
    assert len(recorder.got) == reached
    site.flag.unlink()
    assert (await ask(client, "GET", f"{site.url}/"))[0] == 200


async def test_operators_see_a_closed_suite(gateway: Open, client: aiohttp.ClientSession, recorder: Recorder) -> None:
    site = await gateway(recorder.port, operators=("127.0.0.0/8",))
    site.flag.touch()
    assert (await ask(client, "GET", f"{site.url}/"))[0] == 200


async def raw(site: Gateway, request: bytes) -> bytes:
    host, _, port = site.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    await writer.drain()
    async with asyncio.timeout(120):
        answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /api/accounts/me HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /api/accounts/me HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"GET /api/accounts/me HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 17000 + b"\r\n\r\n",
        b"GET /api/offers/programmes/%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /api/offers/programmes/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /api/../../etc HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_by_a_document(gateway: Open, recorder: Recorder, request_line: bytes) -> None:
    site = await gateway(recorder.port)
    answer = await raw(site, request_line)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in answer
    assert b"malformed" in answer
    assert not recorder.got


async def test_a_page_of_which_no_path_can_be_made_is_refused_by_a_page(gateway: Open, recorder: Recorder) -> None:
    site = await gateway(recorder.port)
    answer = await raw(site, b"GET /%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"text/html" in answer
    assert not recorder.got


async def test_the_places_of_refusals_are_no_pages(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder
) -> None:
    site = await gateway(recorder.port)
    async with client.get(f"{site.url}/-/malformed_problem") as answer:
        assert answer.status == 404


async def test_headers_may_be_as_long_as_the_suite_s_own(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder
) -> None:
    """The services read header lines of up to 8190 bytes."""
    site = await gateway(recorder.port)
    long = {"Authorization": f"Bearer {'x' * 8000}", "Parvis-Seen": "y" * 8000}
    assert (await ask(client, "GET", f"{site.url}/api/accounts/me", headers=long))[0] == 200


# --- the log ----------------------------------------------------------------------------------------------------


async def test_the_log_is_json_and_names_nobody_and_no_secret(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder
) -> None:
    site = await gateway(recorder.port)
    await ask(client, "GET", f"{site.url}/api/accounts/validations/secret-token-1")
    await ask(client, "GET", f"{site.url}/validation?token=secret-token-2", headers={"X-Request-Id": "abcdefgh"})
    await ask(client, "GET", f"{site.url}/-/alive")
    async with asyncio.timeout(120):
        while len(site.log.splitlines()) < 2:
            await asyncio.sleep(0.02)
    lines = [json.loads(line) for line in site.log.splitlines()]
    assert [line["path"] for line in lines] == ["/api/accounts/validations/-", "/validation"]
    assert (lines[1]["correlation"], lines[1]["status"]) == ("abcdefgh", 200)
    assert "secret" not in site.log
    assert "127.0.0.1" not in site.log


# --- TLS --------------------------------------------------------------------------------------------------------


def certificate(folder: Path) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return str(paths[0]), str(paths[1])


async def test_with_a_certificate_plain_http_is_sent_on_to_https(
    gateway: Open, client: aiohttp.ClientSession, recorder: Recorder, tmp_path: Path
) -> None:
    (redirect,) = free_ports(1)
    pair = certificate(tmp_path)
    site = await gateway(recorder.port, tls=pair, redirect=f"127.0.0.1:{redirect}")
    context = ssl.create_default_context(cafile=pair[0])
    port = site.url.rpartition(":")[2]
    status, _, _ = await ask(client, "GET", f"https://localhost:{port}/api/offers/x", ssl=context)
    assert (status, recorder.last.headers["X-Forwarded-Proto"]) == (200, "https")
    site.flag.touch()
    _, _, headers = await ask(client, "GET", f"https://localhost:{port}/", ssl=context)
    assert headers["Strict-Transport-Security"] == security_headers(https=True)["Strict-Transport-Security"]
    moved = await ask(client, "GET", f"http://127.0.0.1:{redirect}/a?b=c", allow_redirects=False)
    assert (moved[0], moved[2]["Location"]) == (308, "https://127.0.0.1/a?b=c")
    old = ssl.create_default_context(cafile=pair[0])
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", int(port))) as line:
        old.wrap_socket(line, server_hostname="localhost")

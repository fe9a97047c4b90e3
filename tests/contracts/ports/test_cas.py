"""CAS: what its server says is believed only where it is exactly one answer about one ticket of this visit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from services.chassis.clock import FixedClock
from services.chassis.ent.cas import LONGEST_USER, CasEnt
from services.chassis.outbound import MOST_BYTES
from services.chassis.ports import Ent, EntGone, EntRefused, EntUnavailable
from services.chassis.urls import open_ent
from tests.ents import (
    NOON,
    VISIT,
    Say,
    cas_answer,
    cas_failure,
    cas_success,
    saying,
    served,
    silent,
)

TICKET = "ST-1-abcdefghijklmnop"
BOMB = '<!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
ATTRIBUTES = (
    "<cas:attributes><cas:sn>Durand</cas:sn><cas:givenName>Zoé</cas:givenName>"
    "<cas:mail>zoe@etu.test</cas:mail><cas:mail>zoe2@etu.test</cas:mail><cas:supannEtuId>21404321</cas:supannEtuId>"
    "<cas:memberOf>everybody</cas:memberOf></cas:attributes>"
)


@asynccontextmanager
async def cas(say: Say) -> AsyncIterator[Ent]:
    async with served({("GET", "/cas/p3/serviceValidate"): say}) as address:
        ent = open_ent(f"cas+http://{address}/cas", FixedClock(NOON))
        yield ent
        await ent.close()


async def test_a_ticket_is_asked_about_for_the_page_of_this_very_visit() -> None:
    """The page is the one that was configured; the state in its path makes the ticket good for one visit."""
    asked: list[dict[str, str]] = []

    async def say(request: web.Request) -> web.Response:
        asked.append(dict(request.query))
        return web.Response(text=cas_answer(cas_success(attributes=ATTRIBUTES)), content_type="application/xml")

    async with cas(say) as ent:
        person = await ent.person(VISIT, TICKET)
    assert asked == [{"service": f"{VISIT.page}/{VISIT.state}", "ticket": TICKET}]
    assert (person.subject, person.session) == ("cas:zdurand", TICKET)
    assert (person.family_name, person.given_name, person.student_number) == ("Durand", "Zoé", "21404321")
    assert person.emails == ("zoe@etu.test", "zoe2@etu.test")


async def test_a_user_is_the_same_however_they_have_typed_their_name() -> None:
    async with cas(saying(cas_answer(cas_success("<cas:user> ZDurand </cas:user>")))) as ent:
        assert (await ent.person(VISIT, TICKET)).subject == "cas:zdurand"


@pytest.mark.parametrize(
    "answer",
    [
        cas_answer(cas_success() + cas_success()),
        cas_answer(cas_success() + cas_failure("INVALID_TICKET")),
        cas_answer(""),
        cas_answer(cas_success("<cas:user>a</cas:user><cas:user>b</cas:user>")),
        cas_answer(cas_success("")),
        cas_answer(cas_success("<cas:user> </cas:user>")),
        cas_answer(cas_success("<cas:user>a<cas:b/>c</cas:user>")),
        cas_answer(cas_success("<user>zdurand</user>")),
        cas_answer(cas_success(f"<cas:user>{'u' * (LONGEST_USER + 1)}</cas:user>")),
        cas_answer(cas_success(attributes="<cas:proxies><cas:proxy>https://x.test</cas:proxy></cas:proxies>")),
        cas_answer(cas_success(attributes=2 * "<cas:attributes/>")),
        cas_answer("<authenticationSuccess><user>zdurand</user></authenticationSuccess>"),
        cas_success().replace("cas:", ""),
        cas_answer(cas_success("<cas:user>&b;</cas:user>"), before=BOMB),
        cas_answer(cas_success("<cas:user>zdurand</cas:user>"), before='<!DOCTYPE b SYSTEM "http://127.0.0.1:1/x">'),
    ],
    ids=range(15),
)
async def test_an_answer_that_is_not_exactly_one_is_not_believed(answer: str) -> None:
    """Two successes, an entity bomb, elements of another namespace (issue: bad input)."""
    async with cas(saying(answer)) as ent:
        with pytest.raises(EntRefused) as refusal:
            await ent.person(VISIT, TICKET)
    assert refusal.value.denial == "answer"


async def test_the_longest_user_is_taken() -> None:
    async with cas(saying(cas_answer(cas_success(f"<cas:user>{'u' * LONGEST_USER}</cas:user>")))) as ent:
        assert (await ent.person(VISIT, TICKET)).subject == f"cas:{'u' * LONGEST_USER}"


@pytest.mark.parametrize("code", ["INVALID_TICKET", "INVALID_SERVICE", "INVALID_TICKET_SPEC", "INVALID_REQUEST", "??"])
async def test_a_ticket_of_another_service_or_used_before_is_good_for_nothing(code: str) -> None:
    async with cas(saying(cas_answer(cas_failure(code)))) as ent:
        with pytest.raises(EntRefused) as refusal:
            await ent.person(VISIT, TICKET)
    assert refusal.value.denial == "ticket"


@pytest.mark.parametrize("ticket", ["", "ST-", "PT-1-proxy", "ST-1 2", "ST-é", "ST-" + "x" * 254, "st-1-abc"])
async def test_what_is_no_ticket_is_asked_about_nowhere(ticket: str) -> None:
    ent = CasEnt("http://127.0.0.1:1/cas")
    with pytest.raises(EntRefused) as refusal:
        await ent.person(VISIT, ticket)
    assert refusal.value.denial == "ticket"


@pytest.mark.parametrize(
    "say",
    [
        saying("<!DOCTYPE", kind="text/html"),
        saying("<html><body><p>Maintenance<br></body></html>", kind="text/html"),
        saying(""),
        saying(cas_answer(cas_success()), status=500),
        saying(cas_answer(cas_success()), status=302),
        saying(cas_answer(cas_failure("INTERNAL_ERROR"))),
        saying(b"\xff\xfe\x00"),
        saying(cas_answer(cas_success() + " " * MOST_BYTES)),
    ],
    ids=range(8),
)
async def test_no_answer_that_can_be_read_is_no_answer(say: Say) -> None:
    """HTML instead of XML, errors, more than anybody wants to read."""
    async with cas(say) as ent:
        with pytest.raises(EntUnavailable):
            await ent.person(VISIT, TICKET)


async def test_the_longest_answer_is_read() -> None:
    answer = cas_answer(cas_success())
    padded = cas_answer(cas_success() + " " * (MOST_BYTES - len(answer)))
    assert len(padded) == MOST_BYTES
    async with cas(saying(padded)) as ent:
        assert (await ent.person(VISIT, TICKET)).subject == "cas:zdurand"


async def test_a_server_that_is_away_or_silent_holds_nobody_for_long() -> None:
    away = CasEnt("http://127.0.0.1:1/cas")
    with pytest.raises(EntUnavailable):
        await away.person(VISIT, TICKET)
    await away.close()
    async with served({("GET", "/cas/p3/serviceValidate"): silent}) as address:
        ent = CasEnt(f"http://{address}/cas", seconds=0.2)
        with pytest.raises(EntUnavailable):
            await ent.person(VISIT, TICKET)
        await ent.close()


def logout(inner: str, before: str = "") -> str:
    return (
        f'{before}<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
        f'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="LR-1" Version="2.0" IssueInstant="2026-11-28T12:00:00Z">'
        f"<saml:NameID>@NOT_USED@</saml:NameID>{inner}</samlp:LogoutRequest>"
    )


INDEX = f"<samlp:SessionIndex>{TICKET}</samlp:SessionIndex>"


async def test_a_logout_request_names_the_login_by_its_ticket() -> None:
    assert await CasEnt("http://127.0.0.1:1").gone(logout(INDEX)) == EntGone(session=TICKET)


@pytest.mark.parametrize(
    "notice",
    ["", "hello", "<a/>", logout(""), logout(2 * INDEX), logout(INDEX, before=BOMB), logout("<SessionIndex/>")],
)
async def test_anything_else_logs_nobody_out(notice: str) -> None:
    with pytest.raises(EntRefused):
        await CasEnt("http://127.0.0.1:1").gone(notice)

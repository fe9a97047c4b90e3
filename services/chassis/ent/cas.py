"""CAS 3.0 (Apereo's protocol specification): a ticket for one page, validated by `/p3/serviceValidate`, good once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from services.chassis.ent.attributes import described
from services.chassis.outbound import SECONDS, Outbound, with_query
from services.chassis.ports.ent import EntGone, EntPerson, EntRefused, EntUnavailable, EntVisit

LONGEST_USER: Final = 200

_CAS: Final = "{http://www.yale.edu/tp/cas}"
_SAML: Final = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_TICKET: Final = re.compile(r"ST-[\x21-\x7e]{1,253}")
_OWN_FAULT: Final = frozenset({"INTERNAL_ERROR"})
"""Failures of the server; all others are of the ticket."""
_KNOWN: Final = frozenset({f"{_CAS}user", f"{_CAS}attributes", f"{_CAS}proxyGrantingTicket"})


class CasEnt:
    """The CAS server below `address`; browsers find it at `public`, where that is another."""

    def __init__(self, address: str, *, public: str = "", seconds: float = SECONDS) -> None:
        self._address = address.rstrip("/")
        self._public = (public or address).rstrip("/")
        self._outbound = Outbound(EntUnavailable, seconds=seconds)

    async def login_address(self, visit: EntVisit) -> str:
        """The page on which people log in."""
        return with_query(f"{self._public}/login", {"service": _service(visit)})

    async def person(self, visit: EntVisit, proof: str) -> EntPerson:
        """Who the ticket is for; it must have been given for this very visit."""
        if not _TICKET.fullmatch(proof):
            raise EntRefused("ticket", "form")
        url = with_query(f"{self._address}/p3/serviceValidate", {"service": _service(visit), "ticket": proof})
        answer = await self._outbound.ask("GET", url)
        if answer.status != 200:
            raise EntUnavailable(f"status {answer.status}")
        return _person(_parsed(answer.body), proof)

    async def gone(self, notice: str) -> EntGone:
        """The login whose ticket a logout request names (single sign-out over the back channel)."""
        try:
            root = _parsed(notice.encode())
        except EntUnavailable as error:
            raise EntRefused("answer", "not XML") from error
        named = [(each.text or "").strip() for each in root if each.tag == f"{_SAML}SessionIndex"]
        if root.tag != f"{_SAML}LogoutRequest" or len(named) != 1 or not _TICKET.fullmatch(named[0]):
            raise EntRefused("answer", "not a logout request")
        return EntGone(session=named[0])

    async def ping(self) -> None:
        """Return if its login page is there."""
        if (answer := await self._outbound.ask("GET", f"{self._address}/login")).status >= 500:
            raise EntUnavailable(f"status {answer.status}")

    async def close(self) -> None:
        """Let go."""
        await self._outbound.close()


def _service(visit: EntVisit) -> str:
    """The page with the state below it, so that the ticket is good for no other browser's visit.

    In its path, for some servers (django-mama-cas) take services for the same that differ in their query alone.
    """
    return f"{visit.page}/{quote(visit.state, safe='')}"


def _parsed(body: bytes) -> Element:
    """The root of a document without any declaration of types; raises EntRefused, and EntUnavailable for what is no XML."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise EntRefused("answer", type(error).__name__) from error
    except (ParseError, ValueError, LookupError) as error:
        raise EntUnavailable("not XML") from error
    return root


def _person(root: Element, ticket: str) -> EntPerson:
    """Who the one success is about; raises EntRefused for a failure, and for whatever is not exactly one answer."""
    outcomes = list(root)
    if root.tag != f"{_CAS}serviceResponse" or len(outcomes) != 1:
        raise EntRefused("answer", "not one answer")
    outcome = outcomes[0]
    if outcome.tag == f"{_CAS}authenticationFailure":
        code = outcome.get("code", "")
        if code in _OWN_FAULT:
            raise EntUnavailable(code)
        raise EntRefused("ticket", code if code.replace("_", "").isalpha() else "failure")
    if outcome.tag != f"{_CAS}authenticationSuccess" or {each.tag for each in outcome} - _KNOWN:
        raise EntRefused("answer", "not a success")
    users = [each for each in outcome if each.tag == f"{_CAS}user"]
    held = [each for each in outcome if each.tag == f"{_CAS}attributes"]
    if len(users) != 1 or len(users[0]) or len(held) > 1:
        raise EntRefused("answer", "not one user")
    user = (users[0].text or "").strip()
    if not user.isprintable() or not 0 < len(user) <= LONGEST_USER:
        raise EntRefused("answer", "user")
    attributes: dict[str, list[str]] = {}
    for name, value in _attributes(held[0]) if held else ():
        attributes.setdefault(name, []).append(value)
    # Directories compare these names without case, and a server repeats them as they were typed.
    return described(f"cas:{user.casefold()}", ticket, attributes)


def _attributes(held: Element) -> Iterator[tuple[str, str]]:
    for each in held:
        if each.tag.startswith(_CAS) and not len(each) and each.text:
            yield each.tag.removeprefix(_CAS), each.text

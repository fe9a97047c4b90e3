"""The CAS half of the development ENT: `/login` and `/p3/serviceValidate`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import escape

from aiohttp import web

from services.chassis.ent.development import CAS_PATH
from services.portal.development_ent.given import GivenOut
from services.portal.development_ent.page import LoginPage
from services.portal.development_ent.people import MadeUp
from services.portal.rendering import Rendering

_RESPONSE: Final = '<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">{}</cas:serviceResponse>'
_FAILURE: Final = (
    '<cas:authenticationFailure code="INVALID_TICKET">unknown, used, or of another service</cas:authenticationFailure>'
)


def routes(rendering: Rendering, public: str) -> list[web.RouteDef]:
    """The routes; `public` is where people reach the suite."""
    given: GivenOut[tuple[str, MadeUp]] = GivenOut("ST-")

    def bring(person: MadeUp, form: Mapping[str, str]) -> Mapping[str, str]:
        return {"ticket": given.give((form["service"], person))}

    async def validate(request: web.Request) -> web.StreamResponse:
        service, person = given.take(request.query.get("ticket", "")) or ("", None)
        success = person is not None and service == request.query.get("service")
        inner = _success(person) if success and person is not None else _FAILURE
        return web.Response(text=_RESPONSE.format(inner), content_type="application/xml")

    page = LoginPage(rendering, public, f"{CAS_PATH}/login", "service", bring)
    return [
        web.get(f"{CAS_PATH}/login", rendering.guarded(page.show)),
        web.post(f"{CAS_PATH}/login", rendering.guarded(page.choose)),
        web.get(f"{CAS_PATH}/p3/serviceValidate", validate),
    ]


def _success(person: MadeUp) -> str:
    said = [("sn", person.family_name), ("givenName", person.given_name), *(("mail", each) for each in person.emails)]
    said += [("supannEtuId", person.student_number)] if person.student_number else []
    attributes = "".join(f"<cas:{name}>{escape(value)}</cas:{name}>" for name, value in said)
    user = f"<cas:user>{escape(person.login)}</cas:user>"
    return f"<cas:authenticationSuccess>{user}<cas:attributes>{attributes}</cas:attributes></cas:authenticationSuccess>"

"""The development mailbox: the mails that the suite has sent, so that their links can be followed.

Whoever reads a mail has its link, and by it the account: only who sits at this machine is shown any.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import nh3
from aiohttp import web
from babel.dates import format_datetime
from markupsafe import Markup, escape

from services.chassis.http.arrival import ARRIVED
from services.chassis.mail.maildir import Mailbox
from services.contracts.languages import Language
from services.portal.rendering import Rendering, language_of

SHOWN: Final = 200
"""Mails in the list, the newest first."""
BODY_POLICY: Final = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; frame-ancestors 'self'"
)

FORWARDED: Final = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-Ip",
    ARRIVED,
)
"""Headers by which a proxy gives itself away; one of them is enough."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_LINK: Final = re.compile(r"https?://[^\s<>\"]+")


def routes(rendering: Rendering, mailbox: Mailbox, zone: ZoneInfo) -> list[web.RouteDef]:
    """The list, one mail, and the HTML of one mail for the frame in which it is shown."""

    async def show_all(request: web.Request) -> web.StreamResponse:
        language = language_of(request)
        mails = [
            {
                "name": mail.name,
                "recipient": mail.recipient,
                "subject": mail.subject,
                "received": format_datetime(mail.received, "short", tzinfo=zone, locale=language),
            }
            for mail in await mailbox.newest(SHOWN)
        ]
        return rendering.page(request, "mailbox.html", mails=mails)

    async def show(request: web.Request) -> web.StreamResponse:
        mail = await mailbox.read(request.match_info["name"])
        if mail is None:
            raise web.HTTPNotFound
        return rendering.page(
            request,
            "mail.html",
            name=request.match_info["name"],
            subject=str(mail["Subject"] or ""),
            sender=str(mail["From"] or ""),
            recipient=str(mail["To"] or ""),
            sent=_sent(mail, zone, language_of(request)),
            body=_with_links(_part(mail, "plain")),
            has_html=bool(_part(mail, "html")),
        )

    async def show_html(request: web.Request) -> web.StreamResponse:
        mail = await mailbox.read(request.match_info["name"])
        html = _part(mail, "html") if mail is not None else ""
        if not html:
            raise web.HTTPNotFound
        response = web.Response(text=_harmless(html), content_type="text/html", charset="utf-8")
        response.headers["Content-Security-Policy"] = BODY_POLICY
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response.headers["Cache-Control"] = "no-store"
        return response

    return [
        web.get("/mailbox", for_this_machine(show_all)),
        web.get("/mailbox/{name}", for_this_machine(show)),
        web.get("/mailbox/{name}/html", for_this_machine(show_html)),
    ]


def is_for(request: web.Request) -> bool:
    """Whether the mailbox exists for who asks: from this machine, at a name of this machine, and through no proxy."""
    return (
        not any(name in request.headers for name in FORWARDED)
        and _is_loopback(request.remote or "")
        and _is_loopback(_host_name(request))
    )


def for_this_machine(handler: Handler) -> Handler:
    """The page for who sits at this machine; for everybody else there is none."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if not is_for(request):
            raise web.HTTPNotFound
        return await handler(request)

    return answer


def _host_name(request: web.Request) -> str:
    """The name of `Host` without its port; a page of another site may lead a browser here under a name of its own."""
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _sent(mail: EmailMessage, zone: ZoneInfo, language: Language) -> str:
    moment = getattr(mail["Date"], "datetime", None)
    return format_datetime(moment, "long", tzinfo=zone, locale=language) if moment is not None else ""


def _part(mail: EmailMessage, subtype: str) -> str:
    part = mail.get_body(preferencelist=(subtype,))
    return str(part.get_content()) if part is not None else ""


def _with_links(text: str) -> Markup:
    """The text with its addresses as links."""
    pieces: list[Markup] = []
    end = 0
    for found in _LINK.finditer(text):
        url = found[0].rstrip(".,;:!?)")
        pieces += [escape(text[end : found.start()]), Markup('<a class="govuk-link" href="{0}">{0}</a>').format(url)]
        end = found.start() + len(url)
    return Markup("").join([*pieces, escape(text[end:])])


def _harmless(html: str) -> str:
    """What is left of a mail's HTML without scripts, frames and forms; links open a new window."""
    tags = nh3.ALLOWED_TAGS | {"style", "center", "font"}
    attributes = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
    attributes["*"] = {"style", "class", "align", "width", "height", "bgcolor", "dir", "lang", "role"}
    attributes.setdefault("a", set()).add("target")
    return nh3.clean(
        html,
        tags=tags,
        clean_content_tags={"script"},
        attributes=attributes,
        url_schemes={"http", "https", "mailto"},
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )

"""The development mailbox: the mails that the suite has sent, so that their links can be followed."""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import Final
from zoneinfo import ZoneInfo

import nh3
from aiohttp import web
from babel.dates import format_datetime
from markupsafe import Markup, escape

from services.chassis.languages import Language
from services.chassis.mail.maildir import Mailbox
from services.portal.rendering import Rendering, language_of

SHOWN: Final = 200
"""Mails in the list, the newest first."""
BODY_POLICY: Final = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; frame-ancestors 'self'"
)

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
            text=_with_links(_part(mail, "plain")),
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
        web.get("/mailbox", show_all),
        web.get("/mailbox/{name}", show),
        web.get("/mailbox/{name}/html", show_html),
    ]


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

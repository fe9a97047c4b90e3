"""How files of one act for many are shown, before it and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiohttp import web

from services.contracts.api.bulk import BulkFileView, BulkItemView
from services.contracts.api.bulk_runs import RunItemView
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.showing import address_of
from services.portal.rendering import language_of

_GROUPS: Final = ("changed", "unchanged", "refused", "waiting")

Groups = list[tuple[str, list[Mapping[str, Any]]]]


def grouped(pages: ReviewPages, request: web.Request, items: Iterable[BulkItemView | RunItemView]) -> Groups:
    """The files by what comes, or came, of the act for them."""
    shown = [(each.result, shown_file(pages, request, each)) for each in items]
    groups = [(result, [item for of, item in shown if of == result]) for result in _GROUPS]
    return [each for each in groups if each[1]]


def shown_file(pages: ReviewPages, request: web.Request, item: BulkFileView) -> Mapping[str, Any]:
    """One file."""
    showing, language = pages.showing(request), language_of(request)
    name = " ".join(part for part in (item.family_name, item.given_name) if part) or item.file_number
    return {
        "address": address_of(item.id) if item.file_number else None,
        "name": name or pages.rendering.text(language, "review.bulk.unknown"),
        "file_number": item.file_number or "",
        "title": item.title or "",
        "before": item.before and showing.status(item.before),
        "after": item.after and showing.status(item.after),
        "never_submitted": item.never_submitted,
        "mails": [pages.rendering.text(language, f"review.mail.{kind}") for kind in item.mails],
        "reads": item.mail_language and pages.rendering.text(language, f"review.bulk.in.{item.mail_language}"),
        "refusal": item.refusal and item.refusal.detail,
    }

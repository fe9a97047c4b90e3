"""Whom the student records refuse, do not answer or do not let go of; one or many of them are tried anew (acceptance 87)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.contracts.api import pre_enrolments as api
from services.contracts.api.endpoints import pre_enrolments as endpoints
from services.contracts.api.endpoints.review import RETRY_PRE_ENROLMENT
from services.contracts.api.problem import Problem
from services.contracts.instants import instant
from services.contracts.refusals.applications import NOTHING_REFUSED, PREMISES_CHANGED
from services.portal.api import Refused, accepted
from services.portal.forms import FIELDS, MAX_LONG_FORM_BYTES, command_key
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.piles import DONE, Piles
from services.portal.pages.reviewing.showing import address_of
from services.portal.paths import PRE_ENROLMENTS
from services.portal.rendering import language_of, see_other

PILES: Final[Piles[api.PreEnrolmentPile]] = Piles(
    PRE_ENROLMENTS,
    {"refusees": "refused", "perdues": "lost", "en-attente": "waiting", "annulations": "not_called_off"},
)
"""What one may look at, by its name in the address; what waits for a person first."""
COLOURS: Final[Mapping[str, str]] = {"refused": "govuk-tag--red", "cancelled": "govuk-tag--grey"}
WHATS: Final = ("unexpected", "revision", "unknown")
"""How somebody differs whom nobody tries anew; those that are missing have a pile of their own."""
OUTCOMES: Final = ("same", "different", "outdated", "silent", "unavailable")
_GROUPS: Final = ("changed", "unchanged", "refused")


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded = _PreEnrolments(pages), pages.rendering.guarded

    def posted(path: str, page: Any) -> web.RouteDef:
        return web.post(path, guarded(page, signed_in=True, longest=MAX_LONG_FORM_BYTES))

    async def back(_: web.Request) -> web.StreamResponse:
        """These pages stand behind the list, and nowhere else."""
        return see_other(PRE_ENROLMENTS)

    return [
        web.get(PRE_ENROLMENTS, guarded(own.show, signed_in=True)),
        *(web.get(f"{PRE_ENROLMENTS}/{each}", guarded(back, signed_in=True)) for each in ("apercu", "confirmation")),
        posted(PRE_ENROLMENTS + "/apercu", own.foresee),
        posted(PRE_ENROLMENTS + "/confirmation", own.confirm),
        posted(PRE_ENROLMENTS + "/{id}/relance", own.retry),
    ]


@dataclass(frozen=True, slots=True)
class _PreEnrolments:
    pages: ReviewPages

    async def show(self, request: web.Request) -> web.StreamResponse:
        """One page of a pile."""
        query = PILES.query(api.PreEnrolmentPage, request)
        asked = await self.pages.api.ask(request, language_of(request), endpoints.PRE_ENROLMENTS, query=query)
        found = accepted(asked)
        compared = await self.pages.api.ask(request, language_of(request), endpoints.COMPARISONS)
        return self.pages.rendering.page(
            request,
            "pre_enrolments.html",
            rows=[self._row(request, each) for each in found.items],
            connected=found.connected,
            compared=[self._compared(request, each) for each in accepted(compared).items],
            action=PILES.link(PILES.of(request), to=PRE_ENROLMENTS + "/apercu"),
            key=secrets.token_urlsafe(16),
            **PILES.shown(request, found.next),
        )

    async def retry(self, request: web.Request) -> web.StreamResponse:
        """Have one tried anew, and go back to the list; that it was tried already is no matter."""
        form, id, pile = await self.pages.rendering.form(request), request.match_info["id"], PILES.of(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=PILES.link(pile))
        done = await self.pages.api.ask(
            request,
            language_of(request),
            RETRY_PRE_ENROLMENT,
            parameters={"id": id},
            key=command_key(form, "retry", id),
        )
        if isinstance(done, Problem) and done.slug != NOTHING_REFUSED.name:
            return self.pages.rendering.problem(request, done, again=PILES.link(pile))
        return see_other(PILES.link(pile, **{DONE: "1"}))

    async def foresee(self, request: web.Request) -> web.StreamResponse:
        """Tell what would come of asking anew for those who were chosen."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=PILES.link(PILES.of(request)))
        ids = [value for name, value in request[FIELDS] if name == "id"]
        if form.get("whole"):
            ids = form.get("listed", "").split()
        return await self._foreseen(request, list(dict.fromkeys(ids)), form)

    async def confirm(self, request: web.Request) -> web.StreamResponse:
        """Ask anew as it was foreseen; where something has changed since, tell anew what would come of it."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=PILES.link(PILES.of(request)))
        ids, digest = form.get("ids", "").split(), form.get("digest", "")
        done = await self._ask(request, ids, form, digest=digest)
        if isinstance(done, Problem):
            if done.slug == PREMISES_CHANGED.name:
                return await self._foreseen(request, ids, form, status=409, changed=True)
            raise Refused(done)
        return self._told(request, "pre_enrolments_done.html", ids, done)

    async def _ask(
        self, request: web.Request, ids: Sequence[str], form: Mapping[str, str], **more: Any
    ) -> api.RetriesView | Problem:
        given: dict[str, Any] = {"ids": list(ids), **more}
        body = api.Retries.model_construct(_fields_set=set(given), **given)
        key = command_key(form, "retries", *ids, str(more.get("digest", "")))
        return await self.pages.api.ask(
            request, language_of(request), endpoints.RETRY_PRE_ENROLMENTS, body=body, key=key
        )

    async def _foreseen(
        self,
        request: web.Request,
        ids: Sequence[str],
        form: Mapping[str, str],
        *,
        status: int = 200,
        changed: bool = False,
    ) -> web.Response:
        if not ids:
            return self.pages.rendering.message(
                request,
                "review-bulk",
                status=422,
                detail=self.pages.rendering.text(language_of(request), "retries.choose"),
                again=PILES.link(PILES.of(request)),
                further=(
                    PILES.link(PILES.of(request)),
                    self.pages.rendering.text(language_of(request), "review.bulk.back"),
                ),
            )
        found = await self._ask(request, ids, form, dry_run=True)
        if isinstance(found, Problem):
            raise Refused(found)
        return self._told(
            request,
            "pre_enrolments_preview.html",
            ids,
            found,
            status=status,
            premises_changed=changed,
            action=PILES.link(PILES.of(request), to=PRE_ENROLMENTS + "/confirmation"),
            key=form.get("key") or secrets.token_urlsafe(16),
        )

    def _told(
        self,
        request: web.Request,
        template: str,
        ids: Sequence[str],
        view: api.RetriesView,
        *,
        status: int = 200,
        **values: Any,
    ) -> web.Response:
        items = [(each.result, self._row(request, each)) for each in view.items]
        groups = [(result, [row for what, row in items if what == result]) for result in _GROUPS]
        return self.pages.rendering.page(
            request,
            template,
            status=status,
            again=PILES.link(PILES.of(request)),
            back=PILES.link(PILES.of(request)),
            ids=" ".join(ids),
            count=len(ids),
            view=view,
            groups=[each for each in groups if each[1]],
            **values,
        )

    def _compared(self, request: web.Request, view: api.ComparisonView) -> Mapping[str, Any]:
        showing = self.pages.showing(request)
        others = [each for each in view.differing if each.what != "missing"]
        return {
            "campaign": view.campaign,
            "outcome": view.outcome,
            "at": showing.moment(instant(view.at)),
            "as_of": view.as_of and showing.moment(instant(view.as_of)),
            "here": view.here,
            "there": view.there,
            "differences": view.differences,
            "differing": [
                {
                    "what": each.what,
                    "address": address_of(each.id) if each.file_number else None,
                    "name": _name(each) or each.id,
                    "file_number": each.file_number or "",
                    "programme": each.title or "",
                }
                for each in others
            ],
        }

    def _row(self, request: web.Request, item: api.ListedPreEnrolment | api.RetriedView) -> Mapping[str, Any]:
        standing = item.pre_enrolment and self.pages.showing(request).pre_enrolment(item.pre_enrolment)
        refusal = item.refusal if isinstance(item, api.RetriedView) else None
        return {
            "id": item.id,
            "address": address_of(item.id) if item.file_number else None,
            "retry": PILES.link(PILES.of(request), to=f"{PRE_ENROLMENTS}/{item.id}/relance"),
            "name": _name(item) or self.pages.rendering.text(language_of(request), "review.bulk.unknown"),
            "file_number": item.file_number or "",
            "programme": item.title or "",
            "standing": standing,
            "colour": COLOURS.get(item.pre_enrolment.state, "") if item.pre_enrolment else "",
            "refusal": refusal and refusal.detail,
        }


def _name(item: api.ListedPreEnrolment | api.RetriedView | api.DifferingView) -> str | None:
    return " ".join(part for part in (item.family_name, item.given_name) if part) or item.file_number

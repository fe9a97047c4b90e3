"""Many files in one download: asked for behind a list, followed and fetched on a page of their own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from aiohttp import web

from services.contracts.api.bundles import MAX_FILES, BundleKind, BundleView, Chosen, NewBundle
from services.contracts.api.endpoints import bundles as endpoints
from services.contracts.api.endpoints import review
from services.contracts.api.filters import ReviewPage
from services.contracts.api.problem import Problem
from services.contracts.instants import instant
from services.contracts.refusals.documents import PIECE_NOT_NAMED
from services.portal.api import Refused, accepted
from services.portal.downloads import handed_on
from services.portal.forms import FIELDS, MAX_LONG_FORM_BYTES, command_key
from services.portal.pages.reviewing.listing import UNPROCESSABLE, ReviewPages, list_of, states_of
from services.portal.pages.reviewing.narrowing import narrowed, query_of
from services.portal.paths import BUNDLE_FILE, BUNDLES
from services.portal.rendering import come_back, language_of, see_other

KINDS: Final[tuple[str, ...]] = get_args(BundleKind)


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded, one = _Bundles(pages), pages.rendering.guarded, BUNDLES + "/{id}"

    async def behind(request: web.Request) -> web.StreamResponse:
        """The page that asks what is wanted stands behind a list, and nowhere else."""
        return see_other(list_of(request))

    return [
        web.get(BUNDLES, guarded(own.show, signed_in=True)),
        web.post(BUNDLES, guarded(own.ask, signed_in=True, longest=MAX_LONG_FORM_BYTES)),
        web.get(BUNDLES + "/choix", guarded(behind, signed_in=True)),
        web.post(BUNDLES + "/choix", guarded(own.choose, signed_in=True, longest=MAX_LONG_FORM_BYTES)),
        web.get(BUNDLE_FILE, guarded(own.fetch, signed_in=True)),
        web.get(one + "/suppression", guarded(own.back, signed_in=True)),
        web.post(one + "/suppression", guarded(own.delete, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Bundles:
    pages: ReviewPages

    async def show(self, request: web.Request) -> web.StreamResponse:
        """One's own bundles, and how far each is."""
        found = await self.pages.api.ask(request, language_of(request), endpoints.OWN)
        items = [self._item(request, each) for each in accepted(found).items]
        is_going_on = any(each["going_on"] for each in items)
        return self.pages.rendering.page(
            request, "review_bundles.html", items=items, is_going_on=is_going_on, back=list_of(request)
        )

    async def choose(self, request: web.Request) -> web.StreamResponse:
        """Files have been chosen on a list: ask what of them is wanted."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=list_of(request))
        ids = [value for name, value in request[FIELDS] if name == "id"]
        if form.get("whole"):
            ids = form.get("listed", "").split()
        if form.get("list"):
            ids = await self._listed(request, form.get("here", ""))
        ids = list(dict.fromkeys(ids))
        if not ids or len(ids) > MAX_FILES:
            return self._lacking(request, "too_many" if ids else "choose_files")
        return await self._form(request, ids, {})

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Have the files put into one bundle."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=list_of(request))
        ids, kind, piece = form.get("ids", "").split(), form.get("kind", ""), form.get("piece", "")
        if not ids:
            return self._lacking(request, "choose_files")
        if kind not in KINDS:
            wrong = self._text(request, "choose_kind")
            return await self._form(request, ids, form, status=UNPROCESSABLE, errors={"kind": wrong})
        given: dict[str, Any] = {"kind": kind, "applications": ids}
        if kind == "piece" and piece:
            given["piece"] = piece
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.ASK,
            body=NewBundle.model_construct(_fields_set=set(given), **given),
            key=command_key(form, kind, piece, *ids),
        )
        if not isinstance(done, Problem):
            return see_other(BUNDLES)
        if done.slug != PIECE_NOT_NAMED.name:
            raise Refused(done)
        return come_back(await self._form(request, ids, form, status=done.status, errors={"piece": done.detail}), done)

    async def fetch(self, request: web.Request) -> web.StreamResponse:
        """The file."""
        parameters = {"id": request.match_info["id"]}
        return await handed_on(self.pages.rendering, self.pages.api, request, endpoints.FILE, parameters)

    async def back(self, request: web.Request) -> web.StreamResponse:
        """Where one comes by who logs in anew after the button was pressed."""
        return see_other(BUNDLES)

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """Let go of one."""
        if await self.pages.rendering.form(request) is None:
            return self.pages.rendering.foreign(request, again=BUNDLES)
        done = await self.pages.api.ask(
            request, language_of(request), endpoints.DELETE, parameters={"id": request.match_info["id"]}
        )
        accepted(done)
        return see_other(BUNDLES)

    async def _listed(self, request: web.Request, here: str) -> list[str]:
        """The first files of the list that the button was pressed below, as many as one bundle takes."""
        asked = narrowed(query_of(here), states_of(self.pages.roles(request))).page
        names = asked.model_fields_set - {"after", "before", "columns"}
        given = {name: getattr(asked, name) for name in names} | {"limit": MAX_FILES}
        query = ReviewPage.model_construct(_fields_set=set(given), **given)
        found = await self.pages.api.ask(request, language_of(request), review.FILES, query=query)
        return [row.id for row in accepted(found).items]

    async def _form(
        self,
        request: web.Request,
        ids: Sequence[str],
        typed: Mapping[str, str],
        *,
        status: int = 200,
        errors: Mapping[str, str] | None = None,
    ) -> web.Response:
        body = Chosen.model_construct(applications=list(ids))
        found = await self.pages.api.ask(request, language_of(request), endpoints.PIECES, body=body)
        chosen, count = typed.get("piece", ""), len(ids)
        pieces = [
            {
                "value": each.code,
                "text": self._text(request, "piece_files", label=each.label, files=each.files, count=count),
                "selected": each.code == chosen,
            }
            for each in accepted(found).items
        ]
        return self.pages.rendering.page(
            request,
            "review_bundle.html",
            status=status,
            again=list_of(request),
            back=list_of(request),
            action=BUNDLES,
            ids=" ".join(ids),
            count=count,
            kinds=[(kind, kind == typed.get("kind")) for kind in KINDS],
            pieces=pieces,
            errors=errors or {},
            key=typed.get("key") or secrets.token_urlsafe(16),
        )

    def _item(self, request: web.Request, view: BundleView) -> Mapping[str, Any]:
        showing = self.pages.showing(request)
        return {
            "id": view.id,
            "kind": self._text(request, f"kind.{view.kind}"),
            "state": view.state,
            "state_label": view.state_label,
            "done": view.done,
            "total": view.total,
            "left_out": view.left_out,
            "going_on": view.state in ("waiting", "running"),
            "asked_at": showing.moment(instant(view.asked_at)),
            "expires_at": showing.moment(instant(view.expires_at)),
            "reason": view.reason_text,
        }

    def _lacking(self, request: web.Request, wrong: str) -> web.Response:
        """Back on the list something is still to be chosen."""
        return self.pages.rendering.message(
            request,
            "review-bulk",
            status=UNPROCESSABLE,
            detail=self._text(request, wrong, most=MAX_FILES),
            again=list_of(request),
            further=(list_of(request), self.pages.rendering.text(language_of(request), "review.bulk.back")),
        )

    def _text(self, request: web.Request, name: str, **values: Any) -> str:
        return self.pages.rendering.text(language_of(request), f"bundles.{name}", **values)

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
from services.contracts.refusals.documents import PIECE_NOT_NAMED
from services.portal.api import Refused, accepted
from services.portal.forms import FIELDS, MAX_LONG_FORM_BYTES, command_key
from services.portal.pages.reviewing.background import WorkPages
from services.portal.pages.reviewing.listing import UNPROCESSABLE, ReviewPages, list_of, states_of
from services.portal.pages.reviewing.narrowing import narrowed, query_of
from services.portal.paths import BUNDLES
from services.portal.rendering import come_back, language_of, see_other

KINDS: Final[tuple[str, ...]] = get_args(BundleKind)


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded = _Bundles(pages), pages.rendering.guarded

    async def behind(request: web.Request) -> web.StreamResponse:
        """The page that asks what is wanted stands behind a list, and nowhere else."""
        return see_other(list_of(request))

    return [
        *own.routes(),
        web.post(BUNDLES, guarded(own.ask, signed_in=True, longest=MAX_LONG_FORM_BYTES)),
        web.get(BUNDLES + "/choix", guarded(behind, signed_in=True)),
        web.post(BUNDLES + "/choix", guarded(own.choose, signed_in=True, longest=MAX_LONG_FORM_BYTES)),
    ]


@dataclass(frozen=True, slots=True)
class _Bundles(WorkPages):
    home = BUNDLES
    template = "review_bundles.html"
    own = endpoints.OWN
    file = endpoints.FILE
    gone = endpoints.DELETE

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

    def item(self, request: web.Request, view: BundleView) -> Mapping[str, Any]:
        """What it is of, and of how many files something is not in it."""
        return {"kind": self._text(request, f"kind.{view.kind}"), "left_out": view.left_out}

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

"""A page for each refusal of the API, at the address that its problem document names as `type` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from aiohttp import web

import services
from services.chassis.http.problems import Texts
from services.chassis.languages import Language
from services.portal.rendering import Rendering, language_of

_TEXTS: Final = sorted(Path(services.__file__).parent.glob("*/refusals.toml"))
"""The suite's texts, also of services that run elsewhere."""


def routes(rendering: Rendering) -> list[web.RouteDef]:
    """The route; the texts are read once."""
    every = [Texts(file) for file in _TEXTS]

    async def show(request: web.Request) -> web.StreamResponse:
        slug = request.match_info["slug"]
        meanings = _meanings(every, slug, language_of(request))
        if not meanings:
            raise web.HTTPNotFound
        return rendering.page(request, "problem.html", slug=slug, meanings=meanings)

    return [web.get("/problems/{slug:[a-z0-9-]{1,64}}", show)]


def _meanings(every: Sequence[Texts], slug: str, language: Language) -> list[tuple[str, str]]:
    """Title and text of each different meaning that services give a slug; a text that needs figures is left out."""
    found = []
    for texts in every:
        if slug in texts.slugs and f"title_{language}" in texts.slugs[slug]:
            detail = texts.slugs[slug].get(f"detail_{language}", "")
            found.append((texts.title(slug, language), "" if "{" in detail else detail))
    return list(dict.fromkeys(found))

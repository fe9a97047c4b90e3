"""The texts of bundles whose names are put together."""

from __future__ import annotations

from services.contracts.work import WorkState
from services.documents.usecases.bundling import LACKS
from services.portal.pages.reviewing.bundles import KINDS

PORTAL = (
    *(f"bundles.kind.{kind}" for kind in KINDS),
    *(f"bundles.{said}" for said in ("piece_files", "choose_kind", "choose_files", "too_many")),
)
DOCUMENTS = (
    *(f"bundle.state.{state.value}" for state in WorkState),
    *(f"bundle.failed.{reason}" for reason in ("too-large", "rights", "nothing", "erased", "broken")),
    *(f"bundle.lacks.{reason}" for reason in LACKS),
    *(f"bundle.{part}.{said}" for part in ("lacking", "held") for said in ("heading", "none")),
    "bundle.lacking.none_given",
    *("bundle.readme", "bundle.filename", "bundle.title", "bundle.intro", "bundle.intro_given", "bundle.intro_letters"),
)

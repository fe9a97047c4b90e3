"""The templates of pages, those of the govuk-frontend among them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader

HERE: Final = Path(__file__).parent
GOVUK: Final = "govuk_frontend_jinja"


@cache
def templates() -> Environment:
    """All of them, compiled by a process once, whatever portals it makes; none is looked for again: a page has dozens."""
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(HERE / "templates"), PrefixLoader({GOVUK: PackageLoader(GOVUK)})]),
        autoescape=True,
        auto_reload=False,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

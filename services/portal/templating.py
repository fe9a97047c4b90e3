"""The templates of pages, those of the govuk-frontend among them."""

from __future__ import annotations

from collections.abc import MutableMapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader

HERE: Final = Path(__file__).parent
GOVUK: Final = "govuk_frontend_jinja"


_OWN: Final = frozenset(dir(dict))


class _Environment(Environment):
    """Does what its base does, in less time where pages spend most of it: the govuk-frontend is macros on dictionaries."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A member of a dictionary without the exception by which its base finds out that it is no attribute."""
        if type(obj) is dict and attribute not in _OWN:
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Those of all templates themselves where a template has no others: each import of a macro compares them."""
        return super().make_globals(d) if d else self.globals


@cache
def templates() -> Environment:
    """All of them, compiled by a process once, whatever portals it makes; none is looked for again: a page has dozens."""
    return _Environment(
        loader=ChoiceLoader([FileSystemLoader(HERE / "templates"), PrefixLoader({GOVUK: PackageLoader(GOVUK)})]),
        autoescape=True,
        auto_reload=False,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

"""How a list of files is narrowed, in the address of its page: what is asked for, the tags, the addresses of neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from multidict import MultiDict, MultiMapping

from services.contracts.api.columns import COLUMNS
from services.contracts.api.filters import EVERY as EVERY_CAMPAIGN
from services.contracts.api.filters import ReviewFilter, ReviewPage
from services.contracts.api.narrowing import Choice, ReviewChoices
from services.portal.paths import REVIEW

EVERY: Final = "toutes"
"""The state of all files that were handed over."""
ASKED: Final[Mapping[str, str]] = {
    "q": "q",
    "campagne": "campaign",
    "centre": "centre",
    "commission": "commission",
    "formation": "programme",
    "personne": "account",
    "attente": "waiting",
    "decision": "decision",
    "reponse": "answer",
    "conditions": "conditions",
    "etiquette": "tag",
    "suivi": "assignee",
    "regime": "regime",
    "exemption": "exemption",
    "groupe": "group",
    "mail": "mail",
}
"""The names of filters in the address, and those of the API."""
SORTS: Final[Mapping[str, str]] = {
    "anciens": "oldest",
    "recents": "newest",
    "nom": "name",
    "numero": "file_number",
}
CAMPAIGN: Final = "campagne"
"""The filter that is there without being asked for: the active campaign."""
_BY_TIME: Final = ("", "anciens", "recents")
_ALONE: Final = ("decision", "reponse", "conditions", "suivi")
"""Filters that come by time alone, and with no search."""
DECISIONS: Final = ("none", "entered", "favourable", "unfavourable", "ranked_waitlist", "waitlist", "shortlisted")
ANSWERS: Final = ("none", "accept", "withdraw", "left")
CONDITIONS: Final = ("open", "met", "not_met")
ASSIGNEES: Final = ("me", "nobody", "gone")
"""Whose files are, beside those of colleagues."""
MAIL: Final = "mail"
LOST: Final = "lost"
"""The filter of files of whose decision the mail did not arrive."""
WAITING: Final[Mapping[str, bool]] = {"oui": True, "non": False}


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a page of the list is asked for: `filters` by their names in the address, `place` is after or before a page."""

    state: str
    filters: Mapping[str, str]
    sort: str
    place: Mapping[str, str]
    columns: tuple[str, ...] = ()
    """Those that the address names, such as that of a view; none: those that the reader has chosen."""
    undecided: bool = False
    """Whether a decision was asked for of what is searched, which does not go together: it is left out."""

    @property
    def query(self) -> dict[str, Any]:
        """The filters as the API takes them, unchecked."""
        found: dict[str, Any] = {ASKED[name]: value for name, value in self.filters.items()}
        if "waiting" in found:
            found["waiting"] = WAITING.get(found["waiting"], found["waiting"])
        if found.get("campaign") == EVERY:
            found["campaign"] = EVERY_CAMPAIGN
        return found if self.state == EVERY else found | {"state": self.state}

    @property
    def page(self) -> ReviewPage:
        """The page, as the API is asked for it."""
        sorted_by = {"sort": SORTS.get(self.sort, self.sort)} if self.sort and not self.is_search else {}
        columns = {"columns": ",".join(self.columns)} if self.columns else {}
        asked = {**self.query, **sorted_by, **columns, **self.place}
        return ReviewPage.model_construct(_fields_set=set(asked), **asked)

    @property
    def filter(self) -> ReviewFilter:
        """The same, to be counted."""
        return ReviewFilter.model_construct(_fields_set=set(self.query), **self.query)

    def of_campaign(self, campaign: str) -> str:
        """Where the same is of another campaign, or of every one; of the active one where none is named."""
        others = {name: value for name, value in self.filters.items() if name != CAMPAIGN}
        return replace(self, filters=others | ({CAMPAIGN: campaign} if campaign else {})).address()

    @property
    def is_search(self) -> bool:
        """Whether it comes in the order of a search."""
        return "q" in self.filters

    def address(self, *, state: str | None = None, without: str = "", place: Mapping[str, str] | None = None) -> str:
        """Where the same is with another state, without one filter, or another page of it."""
        filters = {name: value for name, value in self.filters.items() if name != without}
        sort = {} if not self.sort else {"tri": self.sort}
        columns = {"colonnes": ",".join(self.columns)} if self.columns else {}
        asked = {"etat": state or self.state, **filters, **sort, **columns, **(place or {})}
        return f"{REVIEW}?{urlencode(asked, safe=',')}"


def query_of(here: str) -> MultiDict[str]:
    """The query that a form carries of the list below which it stands; nothing where it is none."""
    try:
        return MultiDict(parse_qsl(here, max_num_fields=20))
    except ValueError:
        return MultiDict()


def narrowed(query: MultiMapping[str], states: Sequence[str]) -> Narrowed:
    """What the address asks for; a search, and what is to be validated, is of all states unless it says otherwise."""
    filters = {name: query[name].strip() for name in ASKED if query.get(name, "").strip()}
    undecided = "q" in filters and bool({*_ALONE} & filters.keys())
    if undecided:
        filters = {name: value for name, value in filters.items() if name not in _ALONE}
    state = query.get("etat", "")
    if state not in (*states, EVERY):
        everywhere = {"q", "personne"} & filters.keys() or filters.get("decision") == "entered"
        state = EVERY if everywhere else states[0]
    place = {name: query[name] for name in ("after", "before") if query.get(name)}
    sort = query.get("tri", "")
    if sort in SORTS and sort not in _BY_TIME and {*_ALONE, "personne"} & filters.keys():
        sort = ""  # these come by time alone
    columns = tuple(each for each in dict.fromkeys(query.get("colonnes", "").split(",")) if each in COLUMNS)
    return Narrowed(state, filters, sort, place, columns, undecided)


def label_of(name: str, code: str, choices: ReviewChoices) -> str:
    """What a filter is called that was chosen by its code."""
    named: Mapping[str, Sequence[Choice]] = {
        "campagne": choices.campaigns,
        "centre": choices.centres,
        "commission": choices.commissions,
        "formation": choices.programmes,
        "suivi": choices.assignees,
        "regime": choices.regimes,
        "exemption": choices.exemptions,
        "groupe": choices.groups,
    }
    return next((choice.label for choice in named.get(name, ()) if choice.code == code), code)

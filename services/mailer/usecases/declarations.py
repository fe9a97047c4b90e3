"""What a mail says of itself: `mail.toml`, held against the contract of the event that it answers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.contracts.api.rights import ERASURE_PAGE
from services.contracts.events.all import CATALOGUE
from services.contracts.languages import Language
from services.mailer.domain.priority import Priority

Form = Literal["text", "day", "weekday", "hour", "deadline", "instant", "pieces", "conditions", "page", "one-time-link"]
"""How a value is written: as it is; a day; one with its weekday; an hour; the end of a day that still counts; an instant;
the names of pieces, by code; conditions, each with its day;
the address of a page of the portal; that of a page that takes a one-time link."""

Plain = str | bool | list[str]
Example = Plain | dict[Language, str | list[str]]

PERSON: Final = frozenset({"given_name", "family_name", "file_number"})
PROGRAMME: Final = frozenset(
    {"name", "title", "diploma", "code", "centre", "contact", "pieces", "conditional_pieces", "submission_deadline"}
)
ALERTS: Final = frozenset({"opened", "cancelled", "submitted", "withdrawn", "promoted"})
"""Of what a board can be told."""
PORTAL: Final[Mapping[str, str]] = {
    "home": "/",
    "review": "/gestion",
    "application": "/candidatures/{application}",
    "applications": "/candidatures",
    "login": "/connexion",
    "forgotten": "/reinitialisation/lien",
    "erasure": ERASURE_PAGE,
}
"""The pages of the portal that mails lead to; in that of an application stands which one the event names."""
TYPED: Final = frozenset({"given_name", "family_name", "email"})
"""What a stranger may have typed, and no mail repeats to an address that nobody has proved to be theirs."""
_SOURCES: Final = {
    "person": PERSON,
    "programme": PROGRAMME,
    "portal": frozenset(PORTAL),
    "alert": ALERTS | {"board", "code"},
}


class Strict(BaseModel):
    """A table of a file that people write: what it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Variable(Strict):
    """One thing that the texts of a mail may say.

    `from` is `event.FIELD`, or `person.`, `programme.` or `portal.` and one of the names above. In its place `since` names a
    type of event: then it is true once that has happened while the mail was waiting. One that is `optional` may stand in a
    condition only. The example is the value before it is written in the `as` form, by language where it is a text.
    """

    source: str = Field(default="", alias="from")
    since: str = ""
    form: Form = Field(default="text", alias="as")
    optional: bool = False
    example: Example

    def in_example(self, language: Language) -> Plain:
        """The example in a language."""
        return self.example[language] if isinstance(self.example, dict) else self.example


class Told(Strict):
    """An event, whose fields are as `when` says."""

    event: str
    when: dict[str, str] = {}


class Declaration(Strict):
    """When a mail is written, and to whom.

    It answers to an `event` whose fields are as `when` says, `unless` one of them is true; or it `gathers` mails of other
    kinds to one person, each under the name that its texts give them, of those that are alike `by` a field of the event
    the latest; or it `alerts` a board of events, by what they are for it. `recipient` is the candidate whose account the
    event names, by the mailer's directory; that board; or whoever the event brings an address of, which may be a stranger's
    unless it is `proved`. Where it is `renewed`, a fresh one-time link is asked for when it could not leave within the hour
    (acceptance 116). A `farewell` is written to who is gone; nothing of it stays once it has left.
    """

    event: str = ""
    when: dict[str, str] = {}
    alerts: dict[str, list[Told]] = {}
    unless: str = ""
    gathers: dict[str, str] = {}
    by: str = ""
    recipient: Literal["candidate", "address-in-event", "board"]
    proved: bool = True
    renewed: bool = False
    farewell: bool = False
    priority: Priority
    variables: dict[str, Variable] = {}

    @model_validator(mode="after")
    def _one_reason(self) -> Self:
        if [*map(bool, (self.event, self.gathers, self.alerts))].count(True) != 1 or bool(self.gathers) != bool(
            self.by
        ):
            raise ValueError("a mail answers to an event, or gathers others by a field, or alerts a board")
        if bool(self.alerts) != (self.recipient == "board"):
            raise ValueError("who is alerted is a board")
        if self.renewed and not self.links_once:
            raise ValueError("nothing of a mail without a one-time link is renewed")
        return self

    @property
    def needs_programme(self) -> bool:
        """Whether it says anything of a programme."""
        return any(variable.source.startswith("programme.") for variable in self.variables.values())

    @property
    def links_once(self) -> bool:
        """Whether it carries a one-time link."""
        return any(variable.form == "one-time-link" for variable in self.variables.values())

    @property
    def pages(self) -> Mapping[str, str]:
        """The paths of the portal that its variables lead to, by their names."""
        sources = ((name, variable.source.partition(".")) for name, variable in self.variables.items())
        return {name: PORTAL[field] for name, (room, _, field) in sources if room == "portal" and field in PORTAL}

    def faults(self) -> Iterator[str]:
        """What the event's contract does not have."""
        if self.gathers:
            yield from (
                f"variable {name}: one application of several" for name, path in self.pages.items() if "{" in path
            )
            return
        if self.alerts:
            yield from self._faults_of_alerts()
            return
        model = CATALOGUE.get(self.event)
        if model is None:
            yield f"there is no event {self.event}"
            return
        fields = set(model.model_fields)
        owed = {"email", "given_name", "family_name", "language", "account"}
        owed = {"account"} if self.recipient == "candidate" else owed
        owed |= {"programme"} if self.needs_programme else set()
        owed |= {"token"} if self.links_once else set()
        owed |= set(self.when) | ({self.unless} if self.unless else set())
        yield from (f"{self.event} has no {name}" for name in sorted(owed - fields))
        for name, variable in self.variables.items():
            yield from (f"variable {name}: {why}" for why in self._faults_of(variable, fields))

    def _faults_of_alerts(self) -> Iterator[str]:
        yield from (f"what a board is told of has no {name}, or more" for name in sorted(self.alerts.keys() ^ ALERTS))
        for told in (each for tellers in self.alerts.values() for each in tellers):
            if (model := CATALOGUE.get(told.event)) is None:
                yield f"there is no event {told.event}"
                continue
            lacking = {"programme", *told.when} - set(model.model_fields)
            yield from (f"{told.event} has no {name}" for name in sorted(lacking))
        for name, variable in self.variables.items():
            yield from (f"variable {name}: {why}" for why in self._faults_of(variable, set()))

    def _faults_of(self, variable: Variable, fields: set[str]) -> Iterator[str]:
        if bool(variable.source) == bool(variable.since):
            yield "comes from somewhere, or says what happened since"
            return
        if variable.since:
            if variable.since not in CATALOGUE:
                yield f"there is no event {variable.since}"
            return
        room, _, field = variable.source.partition(".")
        known = fields if room == "event" else _SOURCES.get(room, frozenset())
        if field not in known:
            yield f"there is no {variable.source}"
        if variable.source == "portal.application" and "application" not in fields:
            yield f"{self.event} has no application"
        if not self.proved and field in TYPED:
            yield f"{variable.source} may be a stranger's, and the address is not proved"

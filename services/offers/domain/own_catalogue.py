"""An institution's own catalogue: rows of centres, diplomas, documents and the like, and of the programmes that name them.

A faulty row stops only those that name it: a programme is not published without a document that was meant to be asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from services.contracts.list_groups import group_line
from services.contracts.refusals import FieldError
from services.offers.domain import own_columns as columns
from services.offers.domain.calendar import Calendar, Days
from services.offers.domain.kept import Asked as KeptRequirement
from services.offers.domain.kept import Centre, Commission, Kind, Said, kind_of
from services.offers.domain.own_columns import Cells, Entry
from services.offers.domain.programmes import (
    JPEG,
    MEGABYTE,
    OWN_LEVEL,
    PDF,
    AnswerKind,
    Contact,
    Content,
    Form,
    Level,
    ListGroup,
    Question,
    Requirement,
    Route,
    Unit,
    check,
    check_asked,
    check_form,
    check_requirement,
    check_unit,
)
from services.offers.domain.reach import Reach, reaches
from services.offers.domain.text import Text

_PAIRS: Final = (
    ("answer_deadline", "answer_delay_days"),
    ("waitlist_answer_deadline", "waitlist_answer_delay_days"),
)
_ASKED: Final = {columns.REQUIREMENT: "requirements", columns.FORM: "forms", columns.QUESTION: "questions"}
_NAMES: Final = {
    "title.fr": "label_fr",
    "title.en": "label_en",
    "label.fr": "label_fr",
    "label.en": "label_en",
    "max_bytes": "max_megabytes",
}

Asked = Requirement | Form | Question


@dataclass(frozen=True, slots=True)
class Planned:
    """One programme that the file describes, and the line on which it does; `unsaid` is what it has no column for."""

    line: int
    code: str
    content: Content
    unsaid: frozenset[str] = frozenset()

    def over(self, there: Content | None) -> Content:
        """What the programme is to be, knowing what it is now: of groups, in which people may wait, the unsaid stays."""
        if there is None:
            return self.content
        groups = there.groups if "groups" in self.unsaid else self.content.groups
        kept = there.passes_on and bool(groups)
        return replace(
            self.content, groups=groups, passes_on=kept if "passes_on" in self.unsaid else self.content.passes_on
        )


@dataclass(slots=True)
class Plan:
    """What a file comes to: its programmes, how many rows say something else, and every fault with its line.

    `named` are the centres, boards and requirements that it describes without a fault.
    """

    programmes: list[Planned] = field(default_factory=list)
    others: int = 0
    faults: list[tuple[int, FieldError]] = field(default_factory=list)
    named: list[Said] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Centre:
    unit: Unit
    contact: Contact
    days: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Shared:
    """What programmes name or are asked: where its row is, whom it concerns, and its value, None if the row is faulty."""

    line: int
    value: Any
    level: str = OWN_LEVEL
    centre: str = ""


def plan(entries: Iterable[Entry], campaign: str, foreign: Collection[tuple[Kind, str]] = ()) -> Plan:
    """What these rows describe, for the programmes of a campaign; programmes may come before what they name.

    `foreign` is what somebody may not say who has no right to it: its rows are faulty.
    """
    result = Plan()
    shared: dict[str, dict[str, _Shared]] = {kind: {} for kind in columns.KINDS}
    programmes: list[tuple[Cells, str]] = []
    for entry in entries:
        cells = Cells(entry)
        kind = "" if entry.fault else cells.kind()
        code = cells.text("code")
        if kind and code in shared[kind]:
            cells.checks.fault("code", "twice-in-file", line=shared[kind][code].line)
        elif kind == columns.PROGRAMME:
            shared[kind][code] = _Shared(cells.line, None)
            programmes.append((cells, code))
            continue
        elif kind:
            row = _read(kind, code, cells)
            said = [*_said(kind, row)]
            if any((kind_of(each), code) in foreign for each in said):
                cells.checks.fault("code", "foreign-row")
                row, said = replace(row, value=None), []
            shared[kind][code] = row
            result.named += said
        result.others += 1
        _keep_faults(result, cells)
    for cells, code in programmes:
        content = _programme(cells, shared, campaign)
        unsaid = frozenset(column for column in ("groups", "passes_on") if not cells.says(column))
        if content is not None and not cells.checks.faults:
            whole = replace(content, passes_on=False) if "groups" in unsaid else content  # publishing knows the groups
            cells.checks.faults += [_in_columns(fault) for fault in check(code, whole)]
        if content is not None and not cells.checks.faults:
            result.programmes.append(Planned(cells.line, code, content, unsaid))
        _keep_faults(result, cells)
    return result


def within(planned: Plan, grants: Sequence[Reach]) -> None:
    """Leave out of it the programmes that are beyond these rights, each with its fault."""
    kept = []
    for each in planned.programmes:
        if any(reaches(grant, each.content) for grant in grants):
            kept.append(each)
            continue
        mine = any(grant.centres is None or each.content.centre.code in grant.centres for grant in grants)
        planned.faults.append((each.line, FieldError("commission" if mine else "centre", "foreign-row")))
    planned.programmes[:] = kept


def _said(kind: str, row: _Shared) -> Iterator[Said]:
    if isinstance(row.value, _Centre):
        yield Centre(row.value.unit, row.value.contact, Days(**row.value.days))
    elif kind == columns.COMMISSION and row.value is not None:
        yield Commission(row.value)
    elif isinstance(row.value, Requirement):
        yield KeptRequirement(row.value)


def _keep_faults(result: Plan, cells: Cells) -> None:
    result.faults += [(cells.line, fault) for fault in cells.checks.faults]


def _in_columns(fault: FieldError) -> FieldError:
    """The fault of a programme or of what it asks for, under the column that it stands in."""
    name = _NAMES.get(fault.field, fault.field.replace(".", "_"))
    if name in columns.COLUMNS:
        return replace(fault, field=name)
    return replace(fault, field=next((column for column in columns.COLUMNS if name.startswith(f"{column}_")), name))


def _read(kind: str, code: str, cells: Cells) -> _Shared:
    """One row that programmes name, its own faults noted."""
    checks, label = cells.checks, cells.bilingual("label")
    level, centre = OWN_LEVEL, ""
    value: Any
    if kind in _ASKED:
        level = cells.one_of("level", columns.LEVELS, OWN_LEVEL)
        centre = cells.text("centre")
        if level == "centre" and not centre:
            checks.fault("centre", "required")
        value = _asked(kind, code, cells, level)
    else:
        value = Unit(code, label)
        check_unit(checks, "", value)
    if kind == columns.CENTRE:
        contact = cells.contact() or Contact("")
        value = _Centre(value, replace(contact, name=contact.name or label.fr), _days(cells))
    checks.faults[:] = [_in_columns(replace(fault, field=fault.field.lstrip("."))) for fault in checks.faults]
    return _Shared(cells.line, None if checks.faults else value, level, centre)


def _asked(kind: str, code: str, cells: Cells, level: str) -> Asked:
    label = cells.bilingual("label")
    if kind == columns.FORM:
        form = Form(code, label, cells.text("url"), cells.yes("required", otherwise=True))
        check_form(cells.checks, "", form)
        return form
    if kind == columns.QUESTION:
        answer = cells.one_of("answer_kind", columns.ANSWERS, "text")
        question = Question(code, label, cast("AnswerKind", answer), cells.yes("required", otherwise=True))
        check_asked(cells.checks, "", question)
        return question
    megabytes = cells.number("max_megabytes")
    requirement = Requirement(
        code,
        label,
        conditional=cells.yes("conditional"),
        common=cells.yes("common"),
        max_bytes=(2 if megabytes is None else megabytes) * MEGABYTE,
        media_types=cells.some_of("media_types", columns.TYPES, (PDF, JPEG)),
        model_document=cells.text("model_document") or None,
        optional=cells.yes("optional"),
        per_application=cells.yes("per_application"),
        registrar_code=cells.text("registrar_code") or None,
        level=cast("Level", level),
    )
    check_requirement(cells.checks, "", requirement)
    return requirement


def _days(cells: Cells) -> dict[str, Any]:
    """The days and delays that a row gives."""
    days: dict[str, Any] = {name: cells.day(name) for name in columns.DAYS}
    delays = {name: cells.number(name) for name in columns.DELAYS}
    return {name: value for name, value in (days | delays).items() if value is not None}


def _programme(cells: Cells, shared: Mapping[str, Mapping[str, _Shared]], campaign: str) -> Content | None:
    """The programme of a row; None, with the faults noted, if it cannot be told."""
    centre: _Centre | None = _named(cells, "centre", shared[columns.CENTRE])
    diploma: Unit | None = _named(cells, "diploma", shared[columns.DIPLOMA])
    commission: Unit | None = _named(cells, "commission", shared[columns.COMMISSION], required=False)
    asked = {column: tuple(_asked_of(cells, column, shared[kind])) for kind, column in _ASKED.items()}
    own_days = _days(cells)
    route = cells.one_of("route", columns.ROUTES, "controlled")
    offered, capacity = cells.yes("offered", otherwise=True), cells.number("capacity")
    groups, passes_on = tuple(_groups(cells)), cells.yes("passes_on")
    if centre is None or diploma is None:
        return None
    calendar = _calendar(cells, own_days, centre.days)
    if calendar is None:
        return None
    contact = cells.contact() or centre.contact
    return Content(
        campaign=campaign,
        title=cells.bilingual("label"),
        centre=centre.unit,
        diploma=diploma,
        calendar=calendar,
        contact=replace(contact, name=contact.name or centre.unit.label.fr),
        keywords=cells.texts("keywords"),
        route=cast("Route", route),
        offered=offered,
        capacity=capacity,
        information=cells.bilingual("information", lines=True),
        commission=commission,
        requirements=cast("tuple[Requirement, ...]", asked["requirements"]),
        forms=cast("tuple[Form, ...]", asked["forms"]),
        questions=cast("tuple[Question, ...]", asked["questions"]),
        groups=groups,
        passes_on=passes_on,
    )


def _groups(cells: Cells) -> Iterator[ListGroup]:
    """The groups of a row's waiting list; one that is not to be understood is a fault, and left out."""
    for text in cells.texts("groups"):
        try:
            read = group_line(text)
            places = int(read.places) if read.places else None
        except ValueError:
            cells.checks.fault("groups", "not-a-group")
            continue
        yield ListGroup(read.code, Text(read.fr, read.en or None), places)


def _calendar(cells: Cells, own: Mapping[str, Any], of_centre: Mapping[str, Any]) -> Calendar | None:
    """A programme's days: its own, and the centre's where it gives none; a deadline or delay of its own replaces both."""
    inherited = dict(of_centre)
    for pair in _PAIRS:
        if any(name in own for name in pair):
            inherited = {name: value for name, value in inherited.items() if name not in pair}
    days: dict[str, Any] = inherited | dict(own)
    needed = [name for name in ("opens_on", "closes_on", "submission_deadline") if name not in days]
    for name in needed:
        if not any(fault.field == name for fault in cells.checks.faults):
            cells.checks.fault(name, "required")
    return None if needed else Calendar(**days)


def _named(cells: Cells, column: str, rows: Mapping[str, _Shared], *, required: bool = True) -> Any:
    """What the cell names."""
    code = cells.text(column)
    if code:
        return _look_up(cells, column, rows.get(code))
    if required:
        cells.checks.fault(column, "required")
    return None


def _asked_of(cells: Cells, column: str, rows: Mapping[str, _Shared]) -> Iterator[Asked]:
    """What everybody, what the centre and what the programme itself asks for, in this order, each in that of the file."""
    centre = cells.text("centre")
    codes = [code for code, row in rows.items() if row.level == "university"]
    codes += [code for code, row in rows.items() if row.level == "centre" and row.centre == centre]
    for code in dict.fromkeys((*codes, *cells.texts(column))):
        value = _look_up(cells, column, rows.get(code))
        if value is not None:
            yield value


def _look_up(cells: Cells, column: str, row: _Shared | None) -> Any:
    if row is None:
        cells.checks.fault(column, "not-in-file")
    elif row.value is None:
        cells.checks.fault(column, "depends-on-line", line=row.line)
    else:
        return row.value
    return None

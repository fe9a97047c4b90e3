"""How what applications and submissions are made of is written, and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from services.applications.domain.asked import (
    Delivery,
    FilledForm,
    Form,
    FormAnswer,
    Question,
    QuestionAnswer,
    QuestionKind,
)
from services.applications.domain.condition_states import ConditionState
from services.applications.domain.conditioned import Condition, Followed
from services.applications.domain.copies import Programme, Requirement
from services.applications.domain.decided import GroupAsDecided, ReasonAsDecided, TypeAsDecided
from services.applications.domain.decision_model import Appointment, EnteredDecision, Unreached, ValidatedDecision
from services.applications.domain.model import Document, DocumentWarning, HeldLine, Place, Submission
from services.applications.domain.states import DecisionKind, PlaceState
from services.chassis.store.evolution import members
from services.contracts.actors import Acting
from services.contracts.instants import instant, instant_text

LATER: Final = frozenset({"optional", "per_application", "registrar_code"})
"""Members of a requirement that 0.1.0 did not know."""


def fields(value: Any) -> dict[str, Any]:
    """The fields of a dataclass with slots, which are its slots; not copied, for documents are written at once."""
    return {name: getattr(value, name) for name in value.__slots__}


def requirement_out(requirement: Requirement) -> dict[str, Any]:
    """A requirement as it is kept; what 0.1.0 did not know is left out where it says nothing."""
    known = {name: value for name, value in fields(requirement).items() if value or name not in LATER}
    return known | {"media_types": list(requirement.media_types)}


def requirement_in(out: Mapping[str, Any]) -> Requirement:
    """What `requirement_out` wrote."""
    return Requirement(**{**members(Requirement, out), "media_types": tuple(out["media_types"])})


def question_out(question: Question) -> dict[str, Any]:
    """A question as it is kept."""
    return fields(question) | {"kind": question.kind.value}


def question_in(out: Mapping[str, Any]) -> Question:
    """What `question_out` wrote."""
    return Question(**{**members(Question, out), "kind": QuestionKind(out["kind"])})


def answer_out(answer: QuestionAnswer) -> dict[str, Any]:
    """A question of an application with its answer, which is left out while there is none."""
    out: dict[str, Any] = {"question": question_out(answer.question)}
    return out if answer.given is None else out | {"given": answer.given}


def answer_in(out: Mapping[str, Any]) -> QuestionAnswer:
    """What `answer_out` wrote."""
    return QuestionAnswer(question_in(out["question"]), out.get("given"))


def form_in(out: Mapping[str, Any]) -> Form:
    """What `fields` wrote of a form."""
    return Form(**members(Form, out))


def filled_out(filled: FilledForm) -> dict[str, Any]:
    """A form of an application with what is filled in, which is left out while nothing is."""
    out: dict[str, Any] = {"form": fields(filled.form)}
    for name, there in (("delivery", filled.delivery), ("since", filled.since)):
        if there is not None:
            out[name] = _delivery_out(there)
            out["known"] = list(filled.known)
    return out if filled.gone_at is None else out | {"gone_at": instant_text(filled.gone_at)}


def filled_in(out: Mapping[str, Any]) -> FilledForm:
    """What `filled_out` wrote."""
    delivery, since = (
        None if (there := out.get(name)) is None else _delivery_in(there) for name in ("delivery", "since")
    )
    gone_at = instant(out["gone_at"]) if "gone_at" in out else None
    return FilledForm(form_in(out["form"]), delivery, tuple(out.get("known", ())), since, gone_at)


def _delivery_out(there: Delivery) -> dict[str, Any]:
    out = {
        "id": there.id,
        "filled_in_at": instant_text(there.filled_in_at),
        "received_at": instant_text(there.received_at),
        "answers": _form_answers_out(there.answers),
    }
    return out | {"read": True} if there.read else out


def _delivery_in(out: Mapping[str, Any]) -> Delivery:
    filled_in_at, received_at = instant(_filled_in_at(out)), instant(out["received_at"])
    return Delivery(out["id"], filled_in_at, received_at, _form_answers_in(out["answers"]), out.get("read", False))


def _filled_in_at(there: Mapping[str, Any]) -> str:
    """Rows of before call-backs said it have when they were sent."""
    return str(there.get("filled_in_at") or there["sent_at"])


def _form_answers_out(answers: Sequence[FormAnswer]) -> list[list[str]]:
    return [[each.question, each.answer] for each in answers]


def _form_answers_in(out: Sequence[Sequence[str]]) -> tuple[FormAnswer, ...]:
    return tuple(FormAnswer(question, answer) for question, answer in out)


def programme_out(programme: Programme) -> dict[str, Any]:
    """A programme as an application keeps it."""
    day = programme.answer_deadline
    return fields(programme) | {"answer_deadline": None if day is None else day.isoformat()}


def programme_in(out: Mapping[str, Any]) -> Programme:
    """What `programme_out` wrote."""
    known = members(Programme, out)
    day = known["answer_deadline"]
    return Programme(**{**known, "answer_deadline": None if day is None else date.fromisoformat(day)})


def document_out(document: Document) -> dict[str, Any]:
    """A document of a piece; without warnings where there are none, which 0.1.0 did not know."""
    out = fields(document)
    del out["warnings"]
    noticed = [{name: each for name, each in fields(one).items() if each is not None} for one in document.warnings]
    return out | {"warnings": noticed} if noticed else out


def document_in(out: Mapping[str, Any]) -> Document:
    """What `document_out` wrote."""
    noticed = tuple(DocumentWarning(**members(DocumentWarning, each)) for each in out.get("warnings", ()))
    return Document(**{**members(Document, out), "warnings": noticed})


def submission_out(submission: Submission) -> dict[str, Any]:
    """A submission as it is kept."""
    out: dict[str, Any] = {
        "submitted_at": instant_text(submission.submitted_at),
        "pieces": [[code, document_out(document)] for code, document in submission.pieces.items()],
        "profile": submission.profile,
        "receipt": submission.receipt,
    }
    if submission.answers:
        out["answers"] = list(map(list, submission.answers.items()))
    if submission.forms:
        out["forms"] = [[code, _form_answers_out(answers)] for code, answers in submission.forms.items()]
    if submission.in_place:
        out["in_place"] = submission.in_place
    if submission.held:
        out["held"] = [[code, _held_line_out(line)] for code, line in submission.held.items()]
    return out


def submission_in(out: Mapping[str, Any]) -> Submission:
    """What `submission_out` wrote."""
    pieces = {code: document_in(document) for code, document in out["pieces"]}
    answers = dict(out.get("answers", ()))
    forms = {code: _form_answers_in(filled) for code, filled in out.get("forms", ())}
    in_place = out.get("in_place", "")
    held = {code: _held_line_in(line) for code, line in out.get("held", ())}
    return Submission(
        instant(out["submitted_at"]), pieces, out["profile"], out["receipt"], answers, forms, in_place, held
    )


def _held_line_out(line: HeldLine) -> dict[str, str]:
    return {"label": line.label} | ({} if line.on is None else {"on": line.on.isoformat()})


def _held_line_in(out: Mapping[str, str]) -> HeldLine:
    return HeldLine(out["label"], date.fromisoformat(out["on"]) if "on" in out else None)


def decision_out(decision: EnteredDecision) -> dict[str, Any]:
    """A decision as it is entered; what it does not say is left out."""
    out = {name: value for name, value in fields(decision).items() if value is not None}
    out |= {"kind": decision.kind.value, "at": instant_text(decision.at), "by": fields(decision.by)}
    if (where := decision.appointment) is not None:
        out["appointment"] = fields(where) | {"day": where.day.isoformat()}
    if (of := decision.type) is not None:
        out["type"] = {name: value for name, value in fields(of).items() if value is not None}
    if (listed := decision.listed) is not None:
        out["listed"] = fields(listed)
    if (group := decision.group) is not None:
        out["group"] = fields(group)
    out["conditions"] = [condition_out(each) for each in decision.conditions]
    return {name: value for name, value in out.items() if value != []}


def condition_out(condition: Condition) -> dict[str, Any]:
    """A condition of an admission; what it does not say is left out."""
    out = {name: value for name, value in fields(condition).items() if value is not None}
    return out if condition.until is None else out | {"until": condition.until.isoformat()}


def condition_in(out: Mapping[str, Any]) -> Condition:
    """What `condition_out` wrote."""
    day = out.get("until")
    return Condition(out["label"], None if day is None else date.fromisoformat(day), out.get("code"))


def decision_in(out: Mapping[str, Any]) -> EnteredDecision:
    """What `decision_out` wrote."""
    known = members(EnteredDecision, out)
    known |= {
        "kind": DecisionKind(out["kind"]),
        "at": instant(out["at"]),
        "by": Acting(**members(Acting, out["by"])),
    }
    if (where := out.get("appointment")) is not None:
        known["appointment"] = Appointment(where["place"], date.fromisoformat(where["day"]), where["time"])
    if (of := out.get("type")) is not None:
        known["type"] = TypeAsDecided(**members(TypeAsDecided, of))
    if (listed := out.get("listed")) is not None:
        known["listed"] = ReasonAsDecided(**members(ReasonAsDecided, listed))
    if (group := out.get("group")) is not None:
        known["group"] = GroupAsDecided(**members(GroupAsDecided, group))
    known["conditions"] = tuple(map(condition_in, out.get("conditions", ())))
    return EnteredDecision(**known)


def validated_out(decision: ValidatedDecision) -> dict[str, Any]:
    """A decision that counts, on the application."""
    day = decision.answer_deadline
    out: dict[str, Any] = {
        "entered": decision_out(decision.entered),
        "at": instant_text(decision.at),
        "by": fields(decision.by),
        "answer_deadline": None if day is None else day.isoformat(),
    }
    if (lost := decision.unreached) is not None:
        out["unreached"] = {"at": instant_text(lost.at), "why": lost.why, "holds": lost.holds}
    if decision.told_on is not None:
        out["told_on"] = decision.told_on.isoformat()
    if decision.followed:
        out["followed"] = {str(each.number): _followed_out(each) for each in decision.followed}
    return out


def _followed_out(each: Followed) -> dict[str, Any]:
    out: dict[str, Any] = {"state": each.state.value}
    if each.on is not None:
        out["on"] = each.on.isoformat()
    if each.reason is not None:
        out["reason"] = each.reason
    if each.at is not None and each.by is not None:
        out |= {"at": instant_text(each.at), "by": fields(each.by)}
    if each.told is not ConditionState.OPEN:
        out["told"] = each.told.value
    return out | {"reminded": True} if each.reminded else out


def _followed_in(number: str, out: Mapping[str, Any]) -> Followed:
    on, at, by = out.get("on"), out.get("at"), out.get("by")
    return Followed(
        number=int(number),
        state=ConditionState(out["state"]),
        on=None if on is None else date.fromisoformat(on),
        reason=out.get("reason"),
        at=None if at is None else instant(at),
        by=None if by is None else Acting(**members(Acting, by)),
        told=ConditionState(out.get("told", ConditionState.OPEN)),
        reminded=out.get("reminded", False),
    )


def validated_in(out: Mapping[str, Any]) -> ValidatedDecision:
    """What `validated_out` wrote."""
    day = out["answer_deadline"]
    return ValidatedDecision(
        decision_in(out["entered"]),
        instant(out["at"]),
        Acting(**members(Acting, out["by"])),
        None if day is None else date.fromisoformat(day),
        tuple(
            _followed_in(number, each)
            for number, each in sorted(out.get("followed", {}).items(), key=lambda item: int(item[0]))
        ),
        None if (lost := out.get("unreached")) is None else Unreached(instant(lost["at"]), lost["why"], lost["holds"]),
        None if (told := out.get("told_on")) is None else date.fromisoformat(told),
    )


def place_out(place: Place, *, enrols: bool) -> dict[str, Any]:
    """The place that is offered, with who answered when; who `enrols` and was not told how is found by since when."""
    out: dict[str, Any] = {"state": place.state.value}
    if place.reminded:
        out["reminded"] = True
    if place.instructed:
        out["instructed"] = True
    if place.put_back_on is not None:
        out["put_back_on"] = place.put_back_on.isoformat()
    if place.group is not None:
        out["group"] = place.group
    if place.at is not None and place.by is not None:
        out |= {"at": instant_text(place.at), "by": fields(place.by)}
        if place.at_once:
            out["at_once"] = True
        if enrols and not place.instructed:
            out["uninstructed_since"] = out["at"]
    return out


def place_in(out: Mapping[str, Any]) -> Place:
    """What `place_out` wrote."""
    state, reminded, put_back_on = PlaceState(out["state"]), out.get("reminded", False), out.get("put_back_on")
    group = out.get("group")
    if "at" not in out:
        day = None if put_back_on is None else date.fromisoformat(put_back_on)
        return Place(state, reminded=reminded, put_back_on=day, group=group)
    by, instructed = Acting(**members(Acting, out["by"])), out.get("instructed", False)
    at_once = out.get("at_once", False)
    return Place(state, instant(out["at"]), by, reminded, instructed, at_once=at_once, group=group)

"""How far a pre-enrolment is, as candidates see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from services.applications.domain.enrolment import enrols, is_handed_over
from services.applications.domain.model import Application
from services.applications.domain.pre_enrolment import PreEnrolment, code_in_force, code_of
from services.applications.domain.pre_enrolment_states import PreEnrolmentState
from services.applications.repository.pre_enrolments import PreEnrolmentRepository
from services.applications.views.wording import word
from services.chassis.events.aggregates import Versioned
from services.chassis.service.parameters import ParameterCopy
from services.contracts.api.enrolments import EnrolmentCodeView, PreEnrolmentView
from services.contracts.api.review import StaffPreEnrolmentView
from services.contracts.instants import instant_text


@dataclass(frozen=True, slots=True)
class PreEnrolmentShown:
    """How far somebody is, and under which code, where candidates are shown it (acceptance 44)."""

    state: PreEnrolmentState
    code: str | None


@dataclass(frozen=True, slots=True)
class PreEnrolmentViews:
    """The question of how far somebody is; nothing is told of it where no student records are `connected`."""

    records: PreEnrolmentRepository
    parameters: ParameterCopy
    connected: bool

    async def of(self, page: Iterable[Versioned[Application]]) -> Mapping[str, PreEnrolmentShown]:
        """Of those of these files, `MAX_FIND` at most, of which there is something to say."""
        found = await self._of(page)
        if self.parameters.in_force.enrolment.code_shown == "yes":
            return found
        return {id: replace(standing, code=None) for id, standing in found.items()}

    async def _of(self, page: Iterable[Versioned[Application]]) -> Mapping[str, PreEnrolmentShown]:
        asked = {saved.id: saved.state for saved in page if self.connected and saved.state.was_accepted}
        records = await self.records.of_ids(list(asked))
        found = {id: self._standing(file, records.get(id)) for id, file in asked.items()}
        return {id: standing for id, standing in found.items() if standing is not None}

    async def for_staff(self, saved: Versioned[Application], language: str) -> StaffPreEnrolmentView | None:
        """The same of one file, with why it was refused."""
        shown = (await self._of([saved])).get(saved.id)
        record = (await self.records.of_ids([saved.id])).get(saved.id)
        if shown is None or record is None or record.since is None:
            return None
        return _staff_view(record, shown.state, shown.code, instant_text(record.since), language)

    async def code_of(self, saved: Versioned[Application]) -> EnrolmentCodeView:
        """Under which code somebody is handed over, or will be, whether or not there is anybody to take them."""
        record = (await self.records.of_ids([saved.id])).get(saved.id)
        made = code_of(self.parameters.in_force.enrolment.code_prefix, saved.state.file_number)
        own = "" if record is None else record.own_code
        return EnrolmentCodeView(code=code_in_force(record, made), own=bool(own))

    def _standing(self, file: Application, record: PreEnrolment | None) -> PreEnrolmentShown | None:
        """What was answered a moment ago counts, also where the record does not say it yet."""
        there = record is not None and record.state is not None
        if not enrols(file):
            return PreEnrolmentShown(PreEnrolmentState.CANCELLED, record.code) if record is not None and there else None
        if record is not None and record.state not in (None, PreEnrolmentState.CANCELLED):
            return PreEnrolmentShown(record.state, record.code)
        if not is_handed_over(file):
            return PreEnrolmentShown(PreEnrolmentState.CANCELLED, record.code) if record is not None and there else None
        made = code_of(self.parameters.in_force.enrolment.code_prefix, file.file_number)
        return PreEnrolmentShown(PreEnrolmentState.WAITING, code_in_force(record, made))


def shown_to_staff(record: PreEnrolment, language: str) -> StaffPreEnrolmentView:
    """One that was asked for, as its record stands."""
    if record.state is None or record.since is None:
        raise ValueError("was never asked for")
    return _staff_view(record, record.state, record.code, instant_text(record.since), language)


def _staff_view(
    record: PreEnrolment, state: PreEnrolmentState, code: str | None, since: str, language: str
) -> StaffPreEnrolmentView:
    return StaffPreEnrolmentView(
        state=state.value,
        state_label=word(f"pre_enrolment_{state}", language),
        code=code,
        since=since,
        reason=record.reason or None,
        failures=record.failures,
    )


def shown_standing(standing: PreEnrolmentShown | None, language: str) -> PreEnrolmentView | None:
    """The same in one language."""
    if standing is None:
        return None
    return PreEnrolmentView(
        state=standing.state.value, state_label=word(f"pre_enrolment_{standing.state}", language), code=standing.code
    )

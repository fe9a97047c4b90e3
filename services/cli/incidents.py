"""`parvis incidents`: what was measured or declared, what it touched, and the last days that are moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.chassis.context import OPERATOR, CommandContext
from services.chassis.service.service import Ports
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.cli.control import Output, Suite, writes
from services.cli.inspection import tell
from services.cli.offline import opened_to_read
from services.cli.refusals import tell_refusal
from services.contracts.instants import instant_text
from services.contracts.refusals import RefusedError

if TYPE_CHECKING:
    from services.contracts.api.incidents import ExtensionView

SHOWN = ("incident", "source", "begins", "ends", "state", "hours", "reason")


async def incidents_list(*, as_json: bool) -> int:
    """List the last incidents."""
    from services.applications.usecases.incidents import SHOWN as MOST
    from services.applications.wiring import use_cases

    settings = Settings()
    configure_logging(settings)
    async with opened_to_read(settings, ("applications",)) as suite:
        found = await use_cases(suite["applications"].ports).incidents.newest(MOST)
    rows = [
        {
            "incident": saved.id,
            "source": saved.state.source.value,
            "begins": instant_text(saved.state.begins),
            "ends": instant_text(saved.state.ends),
            "state": saved.state.state.value,
            "hours": saved.state.hours,
            "reason": saved.state.reason,
        }
        for saved in found
    ]
    tell(rows, SHOWN, as_json=as_json)
    return 0


@writes("applications")
async def incidents_explain(suite: Suite, output: Output, *, incident: str, hours: int | None) -> int:
    """Say what would come of moving the last days that an incident touched; exit code 1 if there is no such incident."""
    ports = suite["applications"].ports
    try:
        found = await _foresee(ports, incident, hours)
    except RefusedError as refusal:
        tell_refusal(output, "applications", refusal)
        return 1
    _tell(found, output)
    output.line(f"hours {found.hours}, digest {found.digest}")
    return 0


@writes("applications")
async def incidents_extend(suite: Suite, output: Output, *, incident: str, hours: int, digest: str, reason: str) -> int:
    """Move the last days that an incident touched; exit code 1 if that is refused."""
    from services.applications.usecases import incidents
    from services.applications.wiring import use_cases

    ports = suite["applications"].ports
    app, command = use_cases(ports), CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR)
    try:
        await incidents.extend(app, incident, command, hours=hours, reason=reason, digest=digest)
        found = await _foresee(ports, incident, hours)
    except RefusedError as refusal:
        tell_refusal(output, "applications", refusal)
        return 1
    _tell(found, output)
    return 0


async def _foresee(ports: Ports, incident: str, hours: int | None) -> ExtensionView:
    from services.applications.domain.incidents import IncidentState, check_hours
    from services.applications.usecases import incidents
    from services.applications.views.incidents import IncidentViews
    from services.applications.wiring import use_cases

    app, command = use_cases(ports), CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR)
    saved = await incidents.load(app, incident)
    wanted = hours or saved.state.hours or saved.state.least_hours
    if saved.state.state is IncidentState.OPEN:
        check_hours(saved.state, wanted)
    days = incidents.later_days(app, saved.state, wanted, command)
    views = IncidentViews(app.touched, app.programmes, app.staff)
    return await views.foreseen(saved, wanted, days, "fr", dry_run=True)


def _tell(found: ExtensionView, output: Output) -> None:
    for day in found.days:
        output.line(f"{day.before} becomes {day.after}")
    for each in found.programmes:
        output.line(f"{each.code}: {each.files} files, {each.answers} answers")
    output.line(f"{found.touched} programmes, {found.people} people, {found.mails} mails")

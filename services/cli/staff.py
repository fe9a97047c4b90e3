"""`parvis staff`: who of the university may do what, and where."""

from __future__ import annotations

from datetime import date
from typing import Final

import click
import structlog

from services.accounts.domain.grants import Grant
from services.accounts.repository.accounts import AccountRepository
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.service.service import Ports
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.cli.control import Output, Suite, writes
from services.cli.inspection import tell
from services.cli.offline import opened_to_read
from services.cli.refusals import tell_refusal
from services.contracts.actors import Role
from services.contracts.languages import Language
from services.contracts.refusals import RefusedError
from services.contracts.refusals.accounts import ENT_IDENTITY_TAKEN

log = structlog.get_logger()

SHOWN = ("account", "login", "email", "state", "role", "centres", "commissions", "since", "until")
_TAKEN: Final = (
    "Nothing was changed: by the login {login} of the ENT another member of staff comes in already. Give another one, or "
    "take it from them first, on their page or by `parvis staff remove`."
)


@writes("accounts", "offers", begins=True)
async def staff_add(
    suite: Suite,
    output: Output,
    *,
    email: str,
    role: Role,
    centres: list[str] | None,
    commissions: list[str] | None,
    until: date | None,
    language: Language,
    ent: str | None = None,
) -> int:
    """Give somebody a role; exit code 1 if that is no address, the last day is over, or the login is another's."""
    from services.accounts.wiring import add_staff
    from services.offers.wiring import use_cases

    ports = suite["accounts"].ports
    if until is not None and until < ports.clock.now().astimezone(ports.settings.zone).date():
        output.line(f"Nothing was changed: {until} is over. Give the last day of the role, today or later.", error=True)
        return 1
    grant = Grant(role, _codes(centres), _codes(commissions), until)
    try:
        saved = await add_staff(ports, email, grant, language, _command(ports), ent)
    except RefusedError as refusal:
        if refusal.slug == ENT_IDENTITY_TAKEN:  # the API's words are for the person whose login it is
            output.line(_TAKEN.format(login=ent), error=True)
        else:
            tell_refusal(output, "accounts", refusal)
        return 1
    account = saved.state
    output.line(f"login {account.file_number}: {account.state.value}, {_counted(len(account.grants), 'role')}")
    contents = [each.content async for each in use_cases(suite["offers"].ports).programmes.every()]
    named = {
        "centre": {content.centre.code for content in contents},
        "commission": {content.commission.code for content in contents if content.commission},
    }
    for kind, codes in (("centre", grant.centres), ("commission", grant.commissions)):
        for code in codes or ():
            if code not in named[kind]:
                output.line(f"No programme has the {kind} {code}: is the code right?", error=True)
    return 0


@writes("accounts")
async def staff_remove(suite: Suite, output: Output, *, email: str) -> int:
    """Take all rights from somebody; exit code 1 if they have none."""
    from services.accounts.wiring import remove_staff

    ports = suite["accounts"].ports
    if (account := await remove_staff(ports, email, _command(ports))) is not None:
        log.warning("staff.remove", account=account)
        output.line("removed: their sessions end within seconds")
        return 0
    output.line("there is no member of staff of that address", error=True)
    return 1


@writes("accounts")
async def staff_reset_second_factor(suite: Suite, output: Output, *, email: str) -> int:
    """Have somebody set up a device that shows codes anew, who has lost it; exit code 1 if they are no member of staff."""
    from services.accounts.wiring import reset_second_factor

    ports = suite["accounts"].ports
    if (account := await reset_second_factor(ports, email, _command(ports))) is not None:
        log.warning("staff.reset-second-factor", account=account)
        output.line("reset: their sessions end within seconds; at the next login they set up a device")
        return 0
    output.line("there is no member of staff of that address", error=True)
    return 1


async def staff_list(*, as_json: bool) -> int:
    """Every grant of every member of staff."""
    settings = Settings()
    configure_logging(settings)
    rows = []
    async with opened_to_read(settings, ["accounts"]) as suite:
        ports = suite["accounts"].ports
        async for each in AccountRepository(ports.store, ports.outbox).staff():
            account = each.state
            said = {"account": each.id, "login": account.file_number, "email": account.person.email}
            rows += [
                {
                    **said,
                    "state": account.state.value,
                    "role": grant.role.value,
                    "centres": _shown(grant.centres),
                    "commissions": _shown(grant.commissions),
                    "since": grant.since.isoformat() if grant.since else "",
                    "until": grant.until.isoformat() if grant.until else "",
                }
                for grant in account.grants
            ]
    tell(rows, SHOWN, as_json=as_json)
    if not rows and not as_json:
        click.echo("nobody", err=True)
    return 0


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _codes(given: list[str] | None) -> tuple[str, ...] | None:
    return tuple(sorted(set(given))) if given else None


def _shown(codes: tuple[str, ...] | None) -> str:
    return "all" if codes is None else ",".join(codes)


def _command(ports: Ports) -> CommandContext:
    return CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR)

"""`parvis account`: what operations may do about one person's account."""

from __future__ import annotations

import structlog

from services.chassis.context import OPERATOR, CommandContext
from services.cli.control import Output, Suite, writes

log = structlog.get_logger()


@writes("accounts")
async def account_erase(suite: Suite, output: Output, *, login: str) -> int:
    """Erase the accounts of a file number or an address, for ever; exit code 1 if there is none."""
    from services.accounts.wiring import erase

    ports = suite["accounts"].ports
    erased = await erase(ports, login, CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR))
    for id in erased:
        log.warning("account.erase", account=id)
        output.line(f"{id}: erased here; every service that runs forgets the person as well")
    if not erased:
        output.line("there is no account of that login", error=True)
    return 0 if erased else 1

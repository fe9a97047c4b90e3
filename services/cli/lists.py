"""`parvis lists`: the rows by which staff find files."""

from __future__ import annotations

import structlog

from services.chassis.context import OPERATOR, CommandContext
from services.cli.control import Output, Suite, writes

log = structlog.get_logger()


@writes("applications")
async def lists_rebuild(suite: Suite, output: Output) -> int:
    """Make all rows of lists anew from the files, beside whatever changes them; exit code 1 if files cannot be read."""
    from services.applications.wiring import rebuild_lists

    ports = suite["applications"].ports
    made, unreadable = await rebuild_lists(ports, CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR))
    log.warning("lists.rebuilt", files=made, unreadable=unreadable)
    output.line(f"lists show {made} files as they stand now")
    if unreadable:
        output.line(f"{unreadable} files cannot be read, and are shown as before", error=True)
    return 1 if unreadable else 0

"""Who waits for whom: mails of one priority are sent side by side with those of every other, and never behind them."""

from __future__ import annotations

from enum import Enum


class Priority(Enum):
    """How soon a mail is wanted, and by how many others it may be delayed."""

    URGENT = "urgent"
    """Somebody waits for it before the screen."""
    NEWCOMER = "newcomer"
    """So does somebody new; but anybody can ask for mails of theirs by the thousand, which must delay nobody else's."""
    NORMAL = "normal"
    """It confirms what one person has done."""
    BULK = "bulk"
    """One decision, or one day, sends it to many."""

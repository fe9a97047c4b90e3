"""Marks by which staff find files: a tag, a fee regime, an exemption, a mail that was lost, a group.

A file with some lies on piles of each of them too.
"""

from __future__ import annotations

from typing import Final

ME: Final = "me"
"""Whoever asks, as one who looks after files."""
NOBODY: Final = "nobody"
"""Who looks after a file that is given to nobody."""
GONE: Final = "gone"
"""Whoever looks after files and has no function any more."""
MAIL_LOST: Final = "mail.lost"
"""The mark of a file of whose decision the mail came back or never left."""
_BEHIND: Final = "|"
"""What stands between a pile and a mark; no pile has one in its name."""


def tag_mark(tag: str) -> str:
    """The mark of a tag, whatever its capitals."""
    return f"tag.{tag.casefold()}"


def regime_mark(code: str) -> str:
    """The mark of a fee regime."""
    return f"regime.{code}"


def exemption_mark(code: str) -> str:
    """The mark of an exemption from fees."""
    return f"exemption.{code}"


def group_mark(code: str) -> str:
    """The mark of a group of a waiting list, in which a decision that counts has put its candidate."""
    return f"group.{code}"


def marked(pile: str, mark: str) -> str:
    """The pile of those files of a pile that bear a mark."""
    return f"{pile}{_BEHIND}{mark}"


def is_marked(pile: str) -> bool:
    """Whether it is a pile of files that bear a mark."""
    return _BEHIND in pile


def unmarked(pile: str) -> str:
    """The pile of which such a one is a part."""
    return pile.partition(_BEHIND)[0]

"""Tables that who takes the files of a folder gives back: what they hold, line by line."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote

from services.chassis.ports.pre_enrolments import PreEnrolmentsSilent, PreEnrolmentsUnavailable

RETURNED: Final = "returned"
"""The folder in the folder where they are."""

K = TypeVar("K")


def returned(
    root: Path,
    campaign: str,
    ending: str,
    line: Callable[[Mapping[str, str]], tuple[K, int]],
    *,
    most_bytes: int,
    most_lines: int,
) -> tuple[Mapping[K, int], datetime]:
    """What `returned/<campaign><ending>` names, each with its one revision, and when it was written.

    `line` reads a line; it raises KeyError, TypeError or ValueError for one that cannot be read. Raises
    PreEnrolmentsSilent where there is no table, PreEnrolmentsUnavailable for one that is too large, or not to be read.
    """
    found: dict[K, int] = {}
    try:
        with (root / RETURNED / f"{quote(campaign, safe='')}{ending}").open(encoding="utf-8-sig", newline="") as file:
            kept = os.fstat(file.fileno())
            if kept.st_size > most_bytes:
                raise PreEnrolmentsUnavailable("too large a table")
            for number, row in enumerate(csv.DictReader(file, delimiter=";", strict=True)):
                if number == most_lines:
                    raise PreEnrolmentsUnavailable("a table of too many lines")
                key, revision = line(row)
                if found.setdefault(key, revision) != revision:
                    raise PreEnrolmentsUnavailable("a table that names one twice, and otherwise")
    except FileNotFoundError:
        raise PreEnrolmentsSilent("no table was given back") from None
    except OSError as error:
        raise PreEnrolmentsUnavailable(type(error).__name__) from error
    except (csv.Error, KeyError, TypeError, ValueError):  # a wrong encoding is a ValueError
        raise PreEnrolmentsUnavailable("a table that cannot be read") from None
    return found, datetime.fromtimestamp(kept.st_mtime, UTC)

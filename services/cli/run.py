"""How every command runs: its module is loaded when it is needed, and its end is an exit code."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable
from typing import Any, Final

import click
from pydantic import ValidationError

from services.chassis.ports import PortError
from services.chassis.service.identity import WrongStores
from services.chassis.settings import UnusableSetting
from services.chassis.store.rows import UnreadableRow
from services.chassis.urls import UnusableUrl

CONFIGURATION: Final = 78
"""Exit code for settings that cannot be used (sysexits.h, EX_CONFIG)."""


class ConfigurationError(click.ClickException):
    """Settings that cannot be used; every one of them is listed."""

    exit_code = CONFIGURATION


def run(module: str, function: str, **arguments: Any) -> None:
    """Run `services.cli.<module>.<function>`, a coroutine, and leave with the exit code that it gives."""
    work: Callable[..., Any] = getattr(importlib.import_module(f"services.cli.{module}"), function)
    try:
        code = asyncio.run(work(**arguments))
    except ValidationError as error:
        names = [f"PARVIS_{'_'.join(map(str, wrong['loc']))}".upper() + f": {wrong['msg']}" for wrong in error.errors()]
        raise ConfigurationError("unusable settings:\n  " + "\n  ".join(names)) from None
    except UnusableUrl as error:
        raise ConfigurationError(f"unusable settings:\n  PARVIS_{error.port.upper()}: {error.why}") from None
    except UnusableSetting as error:
        raise ConfigurationError(f"unusable settings:\n  {error.args[0]}: {error.args[1]}") from None
    except UnreadableRow as error:
        raise click.ClickException(f"cannot be read: {error}: bring it back from a backup") from error
    except WrongStores as error:
        raise ConfigurationError(str(error)) from None
    except PortError as error:
        raise click.ClickException(f"{type(error).__name__}: {error}") from error
    except KeyboardInterrupt:
        code = 130
    sys.exit(code or 0)

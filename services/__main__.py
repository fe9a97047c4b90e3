"""The command line of Parvis."""

from __future__ import annotations

from services.cli.commands import main

if __name__ == "__main__":
    main(prog_name="parvis")

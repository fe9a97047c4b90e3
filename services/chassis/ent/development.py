"""Where the ENT of `development:` is on the suite's own port, and as what the suite is known to it (ADR 52)."""

from __future__ import annotations

from typing import Final

PATH: Final = "/ent-de-developpement"
CAS_PATH: Final = f"{PATH}/cas"
OIDC_PATH: Final = f"{PATH}/oidc"
CLIENT: Final = "parvis"
SECRET: Final = "for-development-alone"  # noqa: S105 - known to everybody: it lets nobody into anything

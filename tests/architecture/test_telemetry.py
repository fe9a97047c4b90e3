"""What nobody asks for costs nothing: the library that makes spans is loaded nowhere but where it is asked for (ADR 50)."""

from __future__ import annotations

import subprocess
import sys

from tests.architecture.source import ROOT, files

OTEL = "services.chassis.telemetry.otel"


def test_no_module_but_one_loads_the_library_that_makes_spans() -> None:
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files("services")]
    wanted = [name for name in names if name not in (OTEL, "services.__main__") and not name.endswith("__init__")]
    loading = "import importlib, sys\n" + "".join(f"importlib.import_module({name!r})\n" for name in wanted)
    asked = f"{loading}print([name for name in sys.modules if name.startswith('opentelemetry')])"
    found = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True, timeout=100
    )
    assert found.stdout.strip() == "[]"

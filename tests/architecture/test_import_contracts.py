"""The contracts of .importlinter hold in the tree, and each of them catches who breaks it."""

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from services import SERVICES

LINT_IMPORTS = Path(sysconfig.get_path("scripts")) / "lint-imports"

# contract, the file that breaks it, the line that does
SEEDS = [
    ("storeys", "services/accounts/domain/seed.py", "import services.offers.domain"),
    ("storeys", "services/mailer/routes.py", "import services.applications.domain"),
    ("storeys", "services/portal/seed.py", "import services.documents"),
    ("storeys", "services/chassis/telemetry/seed.py", "import services.accounts"),
    ("storeys", "services/contracts/seed.py", "import services.chassis"),
    ("rooms", "services/offers/repository/seed.py", "import services.offers.usecases"),
    ("rooms", "services/offers/domain/seed.py", "import services.offers.repository"),
    ("rooms", "services/accounts/routes/rights.py", "import services.accounts.subscriptions"),
    ("rooms", "services/accounts/usecases.py", "import services.accounts.views"),
    ("rooms", "services/documents/views.py", "import services.documents.integrity"),
    ("chassis", "services/chassis/events/seed.py", "import services.chassis.service"),
    ("chassis", "services/chassis/broker/seed.py", "import services.chassis.store"),
    ("chassis", "services/chassis/telemetry/seed.py", "import services.chassis.events"),
    ("chassis", "services/chassis/ports/store.py", "import services.chassis.clients"),
    ("circles", "services/chassis/events/leases.py", "import services.chassis.events.inbox"),
    ("circles", "services/accounts/domain/states.py", "import services.accounts.domain.account"),
    ("settings", "services/applications/routes/review.py", "import services.applications.settings"),
    ("domain", "services/applications/domain/seed.py", "import asyncio"),
    ("domain", "services/applications/domain/seed.py", "from pydantic import BaseModel"),
    ("domain", "services/accounts/domain/seed.py", "import services.contracts.events"),
    ("domain", "services/accounts/domain/seed.py", "import services.chassis.ports"),
    ("sqlite", "services/chassis/seed.py", "import sqlite3"),
    ("mongo", "services/applications/repository/applications.py", "from bson import ObjectId"),
    ("mongo", "services/chassis/seed.py", "from motor.motor_asyncio import AsyncIOMotorClient"),
    ("amqp", "services/chassis/broker/seed.py", "import aio_pika"),
    ("spans", "services/chassis/telemetry/tracing.py", "from opentelemetry import trace"),
    ("s3", "services/documents/usecases.py", "from minio import Minio"),
    ("smtp", "services/mailer/usecases.py", "import aiosmtplib"),
    ("clamd", "services/documents/usecases.py", "import aioclamd"),
]

UNDECLARED = ("services/helpers.py", "services/documents/managers.py", "services/chassis/helpers.py")


def lint_imports(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT_IMPORTS, "--no-logo", "--no-cache", *arguments],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    shutil.copy(root / ".importlinter", tmp_path)
    shutil.copytree(
        root / "services",
        tmp_path / "services",
        ignore=lambda folder, names: [n for n in names if not (n.endswith(".py") or (Path(folder) / n).is_dir())],
    )
    for service in SERVICES:
        plant(tmp_path, f"services/{service}/__init__.py", "")
    return tmp_path


def plant(tree: Path, where: str, line: str) -> None:
    """Add the line to the file; the file and the modules that the line names are made where missing."""
    for module in re.findall(r"services(?:\.\w+)+", line):
        target = module.replace(".", "/")
        if not (tree / f"{target}.py").exists():
            plant(tree, f"{target}/__init__.py", "")
    file = tree / where
    file.parent.mkdir(parents=True, exist_ok=True)
    for package in file.relative_to(tree).parents[:-1]:
        (tree / package / "__init__.py").touch()
    with file.open("a", encoding="utf-8") as text:
        text.write(f"\n{line}\n")


def broken(tree: Path) -> dict[str, str]:
    """What is said of each contract that is broken, by its name."""
    outcome = lint_imports(tree)
    assert outcome.returncode == 1, outcome.stdout + outcome.stderr
    said = outcome.stdout.partition("Broken contracts\n")[2]
    parts = re.split(r"^(.+)\n-+\n", said, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_violation_is_caught(copy: Path) -> None:
    names = dict(re.findall(r"contract:(\w+)\]\nname = (.+)", (copy / ".importlinter").read_text(encoding="utf-8")))
    assert names.keys() == {contract for contract, _, _ in SEEDS}
    for _, where, line in SEEDS:
        plant(copy, where, line)
    said = broken(copy)
    for contract, where, line in SEEDS:
        module = where.removesuffix(".py").replace("/", ".")
        imported = re.findall(r"^(?:import|from) ([\w.]+)", line)[0]
        sibling = module.rpartition(".")[2]
        # Of a circle, siblings are named by their last word; of what is outside, the first word counts.
        traces = f"{module} -> {imported}", f"{module} -> {imported.split('.')[0]}", f"- .{sibling} -> "
        assert any(trace in said.get(names[contract], "") for trace in traces), (contract, where, line)


def test_a_room_that_is_nowhere_declared_is_caught(copy: Path) -> None:
    for where in UNDECLARED:
        plant(copy, where, "")
    said = "".join(broken(copy).values())
    for where in UNDECLARED:
        assert where.removesuffix(".py").replace("/", ".") in said, where

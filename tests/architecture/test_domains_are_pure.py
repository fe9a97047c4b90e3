"""What import-linter cannot say: a domain, and the contracts, import nothing but what is listed here."""

import ast
import sys
from pathlib import Path

import pytest

from services import SERVICES
from tests.architecture.source import ROOT, calls, files, imports, listed, place, tree

# Modules of the standard library that reach out of the function they are called in.
REACHING_OUT = {
    *("asyncio", "concurrent", "multiprocessing", "queue", "sched", "threading"),
    *("ftplib", "http", "select", "selectors", "smtplib", "socket", "ssl", "urllib"),
    *("io", "mmap", "os", "pathlib", "shelve", "shutil", "sqlite3", "subprocess", "sys", "tempfile"),
    *("builtins", "ctypes", "importlib", "logging", "random", "secrets", "signal", "time"),
}
PURE = (sys.stdlib_module_names - REACHING_OUT) | {"rfc8785"}
"""And what writes a value in its one canonical way: bytes in memory, and nothing else."""
SHARED = (
    "services.contracts.actors.",
    "services.contracts.addresses.",
    "services.contracts.backoff.",
    "services.contracts.beats.",
    "services.contracts.braces.",
    "services.contracts.conditions.",
    "services.contracts.decision_reasons.",
    "services.contracts.decision_types.",
    "services.contracts.fee_lists.",
    "services.contracts.file_numbers.",
    "services.contracts.incidents.",
    "services.contracts.limits.",
    "services.contracts.list_groups.",
    "services.contracts.parameter_rules.",
    "services.contracts.parameters.",
    "services.contracts.piece_comments.",
    "services.contracts.premises.",
    "services.contracts.refusals",
    "services.contracts.slowing.",
    "services.contracts.text.",
    "services.contracts.text_folding.",
    "services.contracts.work.",
)

# The clock and the makers of ids are ports; a domain is handed what they gave.
CLOCKS_AND_IDS = (
    "now",
    "today",
    "utcnow",
    "uuid1",
    "uuid4",
    "urandom",
    "token_bytes",
    "token_hex",
    "token_urlsafe",
)
PLAIN_IO = {"open", "print", "input", "exec", "eval", "__import__"}


DOMAINS = files(*(f"services/{service}/domain" for service in SERVICES))


def foreign_imports(file: Path, own: str) -> list[str]:
    """What a domain's file imports beside the pure standard library, its own package and SHARED."""
    return [
        f"{place(file, line)} imports {name}"
        for line, name in imports(tree(file))
        if name.split(".")[0] not in PURE and name != own and not name.startswith((f"{own}.", *SHARED))
    ]


def impure_acts(file: Path) -> list[str]:
    """Where a domain's file waits, asks a clock or chance, or reaches for a file."""
    module = tree(file)
    acts = [
        f"{place(file, line)} calls {name}"
        for line, name in calls(module)
        if name in PLAIN_IO or name.split(".")[-1] in CLOCKS_AND_IDS
    ]
    return acts + [
        f"{place(file, node.lineno)} waits"
        for node in ast.walk(module)
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith)
    ]


def test_a_domain_imports_itself_the_refusals_and_pure_standard_library() -> None:
    findings = [
        finding for file in DOMAINS for finding in foreign_imports(file, ".".join(file.relative_to(ROOT).parts[:3]))
    ]
    assert not findings, listed(findings)


def test_a_domain_waits_for_nothing_and_asks_no_clock_no_chance_and_no_file() -> None:
    findings = [finding for file in DOMAINS for finding in impure_acts(file)]
    assert not findings, listed(findings)


@pytest.mark.parametrize(
    ("line", "imported"),
    [
        ("import os", "os"),
        ("from time import time", "time.time"),
        ("import aiohttp", "aiohttp"),
        ("import services.accounts.domain", "services.accounts.domain"),
        ("from services.offers.repository import Offers", "services.offers.repository.Offers"),
    ],
)
def test_a_foreign_import_is_found(tmp_path: Path, line: str, imported: str) -> None:
    seed = tmp_path / "seed.py"
    seed.write_text(f"import datetime\nimport services.offers.domain.dates\ndef f():\n    {line}\n", encoding="utf-8")
    assert foreign_imports(seed, "services.offers.domain") == [f"seed.py:4 imports {imported}"]


@pytest.mark.parametrize(
    "line",
    ["datetime.datetime.now()", "uuid.uuid4()", "open('x')", "async def g(): ...", "date.today()"],
)
def test_an_impure_act_is_found(tmp_path: Path, line: str) -> None:
    seed = tmp_path / "seed.py"
    seed.write_text(f"def f():\n    {line}\n", encoding="utf-8")
    assert len(impure_acts(seed)) == 1


def test_refusals_are_plain_standard_library() -> None:
    """Their own package beside it: domains raise what stands there."""
    outside = [
        finding
        for file in files("services/contracts/refusals")
        for finding in foreign_imports(file, "services.contracts.refusals")
    ]
    assert not outside, listed(outside)


def test_contracts_import_pydantic_the_standard_library_and_themselves() -> None:
    findings = []
    for file in files("services/contracts"):
        for line, name in imports(tree(file)):
            head = name.split(".")[0]
            allowed = head in sys.stdlib_module_names or head in {
                "pydantic",
                "pydantic_core",
                "annotated_types",
            }
            if not (allowed or name.startswith("services.contracts")):
                findings.append(f"{place(file, line)} imports {name}")
    assert not findings, listed(findings)

"""What import-linter cannot say: a domain, and the contracts, import nothing but what is listed here."""

import sys

from services import SERVICES
from tests.architecture.source import ROOT, calls, files, imports, listed, place, tree

# Modules of the standard library that reach out of the function they are called in.
REACHING_OUT = {
    *("asyncio", "concurrent", "multiprocessing", "queue", "sched", "threading"),
    *("ftplib", "http", "select", "selectors", "smtplib", "socket", "ssl", "urllib"),
    *("io", "mmap", "os", "pathlib", "shelve", "shutil", "sqlite3", "subprocess", "sys", "tempfile"),
    *("builtins", "ctypes", "importlib", "logging", "random", "secrets", "signal", "time"),
}
PURE = sys.stdlib_module_names - REACHING_OUT

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


def test_a_domain_imports_itself_the_refusals_and_pure_standard_library() -> None:
    findings = []
    for file in files(*(f"services/{service}/domain" for service in SERVICES)):
        own = ".".join(file.relative_to(ROOT).parts[:3])
        for line, name in imports(tree(file)):
            allowed = (
                name.split(".")[0] in PURE or name == own or name.startswith((f"{own}.", "services.contracts.refusals"))
            )
            if not allowed:
                findings.append(f"{place(file, line)} imports {name}")
    assert not findings, listed(findings)


def test_a_domain_waits_for_nothing_and_asks_no_clock_no_chance_and_no_file() -> None:
    findings = []
    for file in files(*(f"services/{service}/domain" for service in SERVICES)):
        module = tree(file)
        for line, name in calls(module):
            if name in PLAIN_IO or name.split(".")[-1] in CLOCKS_AND_IDS:
                findings.append(f"{place(file, line)} calls {name}")
        text = file.read_text(encoding="utf-8")
        findings += [f"{place(file, 1)} has `{word}`" for word in ("async def", "await ") if word in text]
    assert not findings, listed(findings)


def test_refusals_are_plain_standard_library() -> None:
    outside = [n for _, n in imports(tree(ROOT / "services/contracts/refusals.py")) if n.split(".")[0] not in PURE]
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

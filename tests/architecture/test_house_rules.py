"""Rules of CONTRIBUTING.md that a machine can read off the tree."""

import ast
import re
from pathlib import Path

from tests.architecture.source import ROOT, calls, dotted, files, imports, listed, place, tree

LONGEST_MODULE = 450

# Spelt in two halves, so that this file is not its own finding.
REGISTRIES = [
    f"{head}.{tail}"
    for head, tail in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("deb.debian", "org"),
        ("registry.npmjs", "org"),
        ("proxy.golang", "org"),
        ("repo", "maven"),
        ("repo1", "maven"),
        ("static.crates", "io"),
    ]
]
OWN_MACHINE = re.compile(r"(?<![\w.$}])/(?:work|tmp|root|farm)/[\w./-]+")
PROMISES = re.compile(r"\b(?:TO" + "DO|FIX" + "ME|XX" + "X)\b")
LOCKS_WITH_ADDRESSES = {"uv.lock", "pylock.toml", "package-lock.json"}

BROAD = {"Exception", "BaseException"}
REASON = re.compile(r"#(?: noqa: BLE001 -)? (?!noqa)\w.* .* \w")


def _texts(tracked: list[Path]) -> list[tuple[Path, str]]:
    texts = []
    for file in tracked:
        raw = file.read_bytes()
        if b"\0" not in raw[:1024]:
            texts.append((file, raw.decode("utf-8")))
    return texts


def _lines_with(tracked: list[Path], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{place(file, number)}: {line.strip()[:100]}"
        for file, text in _texts(tracked)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_package_registry(tracked: list[Path]) -> None:
    findings = _lines_with(tracked, re.compile("|".join(map(re.escape, REGISTRIES)), re.IGNORECASE))
    assert not findings, listed(findings)


def test_no_file_knows_the_machine_it_was_written_on(tracked: list[Path]) -> None:
    findings = _lines_with(tracked, OWN_MACHINE)
    assert not findings, listed(findings)


def test_no_file_promises_work_for_later(tracked: list[Path]) -> None:
    findings = _lines_with(tracked, PROMISES)
    assert not findings, listed(findings)


def test_no_lock_file_holds_addresses(tracked: list[Path]) -> None:
    assert not [file for file in tracked if file.name in LOCKS_WITH_ADDRESSES]


def test_a_module_is_short_enough_to_be_read() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for file in files("services")
        if (lines := file.read_text(encoding="utf-8").count("\n")) > LONGEST_MODULE
    }
    assert not long


def test_who_catches_everything_raises_it_again_or_says_why_on_the_line() -> None:
    findings = []
    for file in files("services"):
        lines = file.read_text(encoding="utf-8").splitlines()
        for node in ast.walk(tree(file)):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if not any(kind is None or dotted(kind) in BROAD for kind in caught):
                continue
            raised_again = any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
            reason = REASON.search(lines[node.lineno - 1])
            if not (raised_again or reason):
                findings.append(place(file, node.lineno))
        for line, name in calls(tree(file)):
            if name.endswith("suppress") and re.search(r"\b(Base)?Exception\b", lines[line - 1]):
                findings.append(place(file, line))
    assert not findings, listed(findings)


def test_tests_use_the_shipped_adapters_and_no_mock() -> None:
    findings = []
    for file in files("tests"):
        module = tree(file)
        findings += [place(file, line) for line, name in imports(module) if name.startswith("unittest.mock")]
        findings += [place(file, line) for line, name in calls(module) if name == "monkeypatch.setattr"]
    assert not findings, listed(findings)


def test_a_test_is_skipped_nowhere_but_for_a_missing_server() -> None:
    findings = []
    for file in files("tests"):
        if file.is_relative_to(ROOT / "tests/servers"):
            continue
        for node in ast.walk(tree(file)):
            name = dotted(node)
            if name in {"pytest.skip", "pytest.xfail", "pytest.importorskip"} or name.startswith(
                ("pytest.mark.skip", "pytest.mark.xfail")
            ):
                findings.append(place(file, getattr(node, "lineno", 1)))
    assert not findings, listed(findings)

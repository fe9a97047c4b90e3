"""The locks name every byte that is installed, and hold all that pyproject.toml asks for."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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
        ("requirements-cluster.lock", ["run", "cluster"]),
        ("requirements-tools.lock", ["tools"]),
        ("requirements-dev.lock", ["run", "cluster", "tools", "dev"]),
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
    assert not {"motor", "pymongo", "aio-pika", "minio", "aiosmtplib"} & pins(root / "requirements.lock").keys()


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

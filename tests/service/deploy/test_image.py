"""The steps of the image, run as scripts: the very files that deploy/Dockerfile runs."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.processes import ROOT, free_ports
from tests.service.deploy.starting import environment

BUILD = ROOT / "deploy/build"
SOMEBODY = 65534 if os.geteuid() == 0 else None
"""Who runs the tree: not root, even where root tests."""
pytestmark = [pytest.mark.xdist_group("image"), pytest.mark.timeout(3600)]
STEPS = ["tools.sh", "libraries.sh", "suite.sh", "seal.sh", "check.sh"]


def surroundings() -> dict[str, str]:
    """Where the steps look for Python: as root where other users can reach it, as the image has it."""
    return {**os.environ, **({"PATH": "/usr/local/bin:/usr/bin:/bin"} if os.geteuid() == 0 else {})}


def step(name: str, *arguments: str | Path) -> str:
    """Run one step; what it prints."""
    done = subprocess.run([BUILD / name, *arguments], env=surroundings(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def open_to_others(folder: Path) -> None:
    """Let another user get at a temporary folder, wherever this machine keeps those."""
    for above in (folder, *folder.parents):
        if above.stat().st_uid == os.geteuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What the image holds below /opt/parvis."""
    folder = tmp_path_factory.mktemp("image")
    uv, made = folder / "tools/bin/uv", folder / "parvis"
    open_to_others(folder)
    step("tools.sh", folder / "tools")
    step("libraries.sh", uv, made)
    step("suite.sh", uv, made)
    step("seal.sh", made)
    yield made
    subprocess.run(["chmod", "-R", "u+w", made], check=True)
    shutil.rmtree(made)


def test_the_dockerfile_runs_these_steps_in_this_order_and_nothing_else() -> None:
    text = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"build/([a-z]+\.sh)", text) == STEPS
    assert {file.name for file in BUILD.glob("*.sh")} == set(STEPS)


def test_the_tree_is_whole_and_nobody_can_write_in_it(tree: Path) -> None:
    assert step("check.sh", tree) == "parvis, version 0.1.0\n"
    assert not [file for file in tree.rglob("*") if not file.is_symlink() and file.stat().st_mode & 0o222]


def test_the_tree_holds_no_tool_of_tests_and_no_file_of_the_checkout(tree: Path) -> None:
    programs = {file.name for file in (tree / "bin").iterdir()}
    assert {"parvis", "parvis-ready"} <= programs
    assert programs.isdisjoint({"pip", "uv", "pytest", "ruff", "mypy", "weed", "hadolint"})
    packages = next((tree / "lib").iterdir()) / "site-packages"
    assert (packages / "services/portal/static").is_dir()
    assert (packages / "services/mailer/templates").is_dir()
    assert not (packages / "tests/processes.py").exists()
    assert not list(packages.rglob("*.env"))


def test_a_tree_that_can_be_written_is_refused(tree: Path) -> None:
    loose = tree / "bin/parvis-ready"
    loose.chmod(0o755)
    try:
        checked = subprocess.run([BUILD / "check.sh", tree], capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (1, f"can be written: {loose}\n")
    finally:
        loose.chmod(0o555)


async def ready(tree: Path, settings: dict[str, str]) -> int:
    """What the image's health check says."""
    process = await asyncio.create_subprocess_exec(tree / "bin/parvis-ready", env=environment(settings))
    return await process.wait()


@pytest.mark.parametrize("command", [("up",), ("serve", "portal")], ids=" ".join)
async def test_it_runs_as_somebody_who_owns_nothing_of_it(tree: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    """One image, its role by command; the health check follows readiness; SIGTERM ends it with exit code 0."""
    data = tmp_path / "data"
    data.mkdir()
    open_to_others(tmp_path)
    if SOMEBODY is not None:
        os.chown(data, SOMEBODY, SOMEBODY)
    port, ops = free_ports(2)
    settings = {"PARVIS_PORT": f"{port}", "PARVIS_OPS_PORT": f"{ops}", "PARVIS_DATA": f"{data}"}
    settings |= {"PARVIS_API_URL": f"http://127.0.0.1:{port}"}
    own = environment(settings) | {"HOME": "/nonexistent"}
    del own["PYTHONPATH"]
    assert await ready(tree, settings) == 1
    process = await asyncio.create_subprocess_exec(
        tree / "bin/parvis", *command, cwd=data, env=own, user=SOMEBODY, group=SOMEBODY
    )
    try:
        async with asyncio.timeout(300):
            while await ready(tree, settings):
                assert process.returncode is None
                await asyncio.sleep(0.2)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client, client.get("/") as home:
            assert home.status == 200
    finally:
        process.terminate()
        code = await process.wait()
    assert code == 0

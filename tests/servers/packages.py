"""Makes servers from packages, once, into a cache folder that git ignores: only as root on Debian.

The folder is ``.cache/servers`` of the repository, or ``$PARVIS_TEST_CACHE``. Everything is made under a lock, so
that any number of test processes may ask at once; progress goes to standard error.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers.available import NotAvailable

_REPOSITORY = Path(__file__).resolve().parents[2]
_FERRETDB = Path(__file__).with_name("ferretdb")
_SUITE = "forky"
_FOREIGN_PACKAGES = ("postgresql-18-documentdb", "postgresql-18", "rabbitmq-server", "nginx")
# Exit code 101 is Debian's word for "do not start it" when a package wants to start its service.
_NO_SERVICES = "#!/bin/sh\nexit 101\n"
_LIST_AGE = 24 * 3600.0


def cache() -> Path:
    """The folder for what is made; created when missing."""
    folder = Path(os.environ.get("PARVIS_TEST_CACHE") or _REPOSITORY / ".cache/servers").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def say(text: str) -> None:
    """One line of progress."""
    print(f"servers: {text}", file=sys.stderr, flush=True)


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Only one process of this machine is within; the others wait and say so."""
    with (cache() / f"{name}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another process that makes {name}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def why_nothing_is_made() -> str | None:
    """Why this machine cannot make servers from packages; None when it can."""
    if not shutil.which("apt-get"):
        return "not installed, and this machine is no Debian on which to install it"
    if os.geteuid() != 0:
        return "not installed, and nothing is installed for a user who is not root"
    return None


def apt_install(server: str, packages: Sequence[str], what_to_install: str) -> None:
    """Install Debian packages on this machine, without starting their services.

    Raises `NotAvailable` when the machine does not allow it or has no such package.
    """
    if why := why_nothing_is_made():
        raise NotAvailable(server, why, what_to_install)
    with locked("apt"):
        missing = [package for package in packages if not _installed(package)]
        if not missing:
            return
        with _step(f"apt-get install {' '.join(missing)}"):
            try:
                _update_lists()
                with _services_stay_down(Path("/")):
                    _run("apt", ["apt-get", *_APT, "install", *missing], {"DEBIAN_FRONTEND": "noninteractive"})
            except _Failed as failed:
                raise NotAvailable(server, f"apt-get did not install it: {failed}", what_to_install) from failed


_APT = [
    "-qq",
    "-y",
    "--no-install-recommends",
    "-o",
    "DPkg::Lock::Timeout=300",
    "-o",
    "Acquire::Retries=3",
    "-o",
    "Dpkg::Options::=--force-unsafe-io",
]


def debian_folder() -> Path:
    """Where the folder with the newer Debian is, or will be."""
    recipe = hashlib.sha256(" ".join((_SUITE, *_FOREIGN_PACKAGES)).encode()).hexdigest()[:12]
    return cache() / f"{_SUITE}-{recipe}"


def make_debian_folder(server: str, what_to_install: str) -> Path:
    """A folder with the newer Debian that has RabbitMQ 4 and PostgreSQL 18 with DocumentDB: 1 GB, a minute or two."""
    folder = debian_folder()
    if folder.exists():
        return folder
    if why := why_nothing_is_made():
        raise NotAvailable(server, why, what_to_install)
    apt_install(server, ["debootstrap"], what_to_install)
    with locked(folder.name):
        if folder.exists():
            return folder
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        try:
            with _step(f"debootstrap {_SUITE} (200 MB)"):
                _run(
                    "debootstrap",
                    ["unshare", "--mount", "debootstrap", "--variant=minbase", _SUITE, str(part)],
                    {"DEBOOTSTRAP_DIR": str(_debootstrap_scripts())},
                )
            (part / "etc/dpkg/dpkg.cfg.d/parvis").write_text("force-unsafe-io\npath-exclude=/usr/share/doc/*\n")
            (part / "etc/hosts").write_text("127.0.0.1 localhost\n")
            (part / "etc/postgresql-common").mkdir(parents=True, exist_ok=True)
            (part / "etc/postgresql-common/createcluster.conf").write_text("create_main_cluster = false\n")
            with _services_stay_down(part), _step(f"{_SUITE}: {' '.join(_FOREIGN_PACKAGES)} (900 MB)"):
                inside = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
                _run(
                    "foreign-apt",
                    [
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        inside,
                        str(part),
                        "apt-get",
                        *_APT,
                        "install",
                        *_FOREIGN_PACKAGES,
                    ],
                    {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
                )
            shutil.rmtree(part / "var/cache/apt", ignore_errors=True)
        except _Failed as failed:
            raise NotAvailable(
                server, f"the folder with Debian {_SUITE} was not made: {failed}", what_to_install
            ) from failed
        part.rename(folder)
    return folder


def ferretdb() -> Path:
    """Where the FerretDB program is, or will be."""
    recipe = hashlib.sha256()
    for name in ("main.go", "go.mod", "go.sum"):
        recipe.update((_FERRETDB / name).read_bytes())
    return cache() / f"ferretdb-{recipe.hexdigest()[:12]}"


def make_ferretdb(server: str, what_to_install: str) -> Path:
    """FerretDB, built with Go from the sources that `ferretdb/go.sum` names: a minute or two the first time."""
    program = ferretdb()
    if program.exists():
        return program
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if go is None:
        raise NotAvailable(server, "FerretDB is built with Go, which is not installed", "Go 1.21 or newer")
    with locked(program.name):
        if program.exists():
            return program
        part = program.with_suffix(".part")
        with _step("go build FerretDB"):
            try:
                build = [
                    go,
                    "build",
                    "-C",
                    str(_FERRETDB),
                    "-mod=readonly",
                    "-trimpath",
                    "-ldflags=-s -w",
                    "-o",
                    str(part),
                    ".",
                ]
                _run("ferretdb", build, {"CGO_ENABLED": "0", "GOWORK": "off"})
            except _Failed as failed:
                raise NotAvailable(server, f"FerretDB was not built: {failed}", what_to_install) from failed
        part.rename(program)
    return program


def not_the_version(server: str, package: str, what_to_install: str) -> NotAvailable:
    """What to raise when this Debian has the package in another version."""
    return NotAvailable(server, f"this Debian has {package} in another version", what_to_install)


class _Failed(Exception):
    pass


def _run(log_name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
    log = cache() / f"{log_name}.log"
    with log.open("w") as output:
        try:
            ended = subprocess.run(
                command,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        except FileNotFoundError as missing:
            raise _Failed(f"{missing.filename} is missing") from missing
    if ended.returncode != 0:
        last = " / ".join(log.read_text("utf-8", "replace").strip().splitlines()[-3:])
        raise _Failed(f"exit {ended.returncode}: {last}")


@contextmanager
def _step(text: str) -> Iterator[None]:
    say(f"{text} ...")
    started = time.monotonic()
    yield
    say(f"{text}: done in {time.monotonic() - started:.0f} s")


def _installed(package: str) -> bool:
    status = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${db:Status-Abbrev}", package],
        capture_output=True,
        text=True,
        check=False,
    )
    return status.returncode == 0 and status.stdout.startswith("ii")


def _update_lists() -> None:
    lists = Path("/var/lib/apt/lists")
    newest = max((file.stat().st_mtime for file in lists.glob("*Release")), default=0.0)
    if time.time() - newest > _LIST_AGE:
        _run("apt-update", ["apt-get", "-qq", "-o", "Acquire::Retries=3", "update"], {})


@contextmanager
def _services_stay_down(root: Path) -> Iterator[None]:
    policy = root / "usr/sbin/policy-rc.d"
    if policy.exists():
        yield
        return
    policy.write_text(_NO_SERVICES)
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()


def _debootstrap_scripts() -> Path:
    """debootstrap's own scripts, with one for the suite if it is older than the suite is."""
    theirs, ours = Path("/usr/share/debootstrap"), cache() / "debootstrap"
    if (theirs / "scripts" / _SUITE).exists():
        return theirs
    shutil.rmtree(ours, ignore_errors=True)
    shutil.copytree(theirs, ours, symlinks=True)
    (ours / "scripts" / _SUITE).symlink_to("sid")
    return ours

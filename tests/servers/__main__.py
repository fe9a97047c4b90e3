"""``python -m tests.servers list | make [NAME ...] | run NAME``: the servers of the tests, by hand."""

import argparse
import signal
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.servers import catalogue
from tests.servers.available import NotAvailable
from tests.servers.packages import say


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="say where each server would come from")
    make = commands.add_parser("make", help="install or build what is missing, ahead of the tests")
    make.add_argument("name", nargs="*", choices=[*catalogue.NAMES, []], help="all, if none is named")
    make.add_argument(
        "--for", dest="tests", default="", help="what pytest will be given: tests without servers need none"
    )
    run = commands.add_parser("run", help="run one in the foreground until Ctrl-C")
    run.add_argument("name", choices=list(catalogue.SERVERS))
    arguments = parser.parse_args()
    match arguments.command:
        case "list":
            for name in catalogue.NAMES:
                print(f"{name:10} {catalogue.origin(name)}")
            return 0
        case "make":
            if speak_to_none(arguments.tests.split()):
                return 0
            return _make(arguments.name or catalogue.NAMES)
        case _:
            return _run(arguments.name)


def speak_to_none(arguments: Sequence[str]) -> bool:
    """Whether pytest is given paths, and all of them are of tests that speak to no server."""
    paths = [f"{argument}/" for argument in arguments if argument.startswith("tests")]
    return bool(paths) and all(
        path.startswith(("tests/unit/", "tests/architecture/")) and not path.startswith("tests/unit/servers/")
        for path in paths
    )


def _make(names: list[str] | tuple[str, ...]) -> int:
    """Prepare them side by side. One that cannot be had is no error: the tests that need it say so themselves."""
    started = time.monotonic()
    with ThreadPoolExecutor(len(names)) as pool:
        for name, outcome in [(name, pool.submit(catalogue.make, name)) for name in names]:
            try:
                print(f"{name:10} {outcome.result()}", flush=True)
            except NotAvailable as missing:
                print(f"{name:10} not available: {missing.why}. To install: {missing.what_to_install}", flush=True)
    say(f"ready after {time.monotonic() - started:.0f} s")
    return 0


def _run(name: str) -> int:
    server = catalogue.SERVERS[name]()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        server.start_now()
        for key, value in server.state().items():
            print(f"{key}: {value}", flush=True)
        ended.wait()
    except NotAvailable as missing:
        print(missing, file=sys.stderr)
        return 1
    finally:
        server.close_now()
    return 0


if __name__ == "__main__":
    sys.exit(main())

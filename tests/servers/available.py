"""What is said when a server can neither be found nor made on this machine."""


class NotAvailable(Exception):
    """A real server that a test needs is not to be had here; the test is then reported as not run.

    ``server`` is its name in `tests.servers`, ``why`` one sentence, ``what_to_install`` what a person does about it.
    """

    def __init__(self, server: str, why: str, what_to_install: str) -> None:
        super().__init__(server, why, what_to_install)
        self.server = server
        self.why = why
        self.what_to_install = what_to_install

    def __str__(self) -> str:
        return f"{self.server}: {self.why} ({self.what_to_install})"


class DataNotHere(NotAvailable):
    """A file that is not the project's own is not on this machine; unlike a server, CI cannot make it, and may lack it."""


class DidNotStart(RuntimeError):
    """A server was found and started and does not answer: a failure of the tests, never a reason not to run them."""

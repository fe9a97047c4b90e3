"""Free loopback ports for the servers of the tests."""

import os
import random
import socket

# Below the range from which the kernel takes ports for outgoing connections: a server that is restarted finds its
# port again. Each worker has ports of its own: what is dead for a moment, and will be back, looks free to the others.
_WORKERS = 8
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_RANGE = range(10_000 + _WORKER % _WORKERS, 32_000, _WORKERS)
_random = random.SystemRandom()
_given: set[int] = set()


def free_port() -> int:
    """A TCP port that nothing listens to on 127.0.0.1, and that this process has not been given before."""
    for _ in range(200):
        port = _random.choice(_RANGE)
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise RuntimeError("no free port on 127.0.0.1 in 200 tries")


def listens(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something accepts connections there."""
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return False
    return True

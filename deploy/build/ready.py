#!/usr/bin/env python3
"""Exit code 0 if the process of this container says that it can serve: the image's health check, stdlib only."""

import http.client
import os
import sys


def is_ready(port: int) -> bool:
    """Ask `/readyz` on the operations' port."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not is_ready(int(os.environ.get("PARVIS_OPS_PORT") or 8081)))

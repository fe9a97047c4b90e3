"""ClamAV's daemon with signatures of its own: the EICAR test text, and nothing fetched."""

import socket
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tests.servers.packaged import PackagedServer
from tests.servers.place import Place
from tests.servers.ports import free_port
from tests.servers.process import Process

# Put together here so that no scanner of the reader's own finds it in this file.
EICAR: Final = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-" + b"TEST-FILE!$H+H*"
SIGNATURE: Final = "Parvis.Test.EICAR"
STREAM_LIMIT: Final = 32 * 1024 * 1024

_CONFIGURATION = """\
Foreground yes
TCPAddr 127.0.0.1
TCPSocket {port}
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}
StreamMaxLength {limit}
MaxThreads 4
MaxQueue 16
OfficialDatabaseOnly no
"""


class Clamd(PackagedServer):
    """clamd, which takes streams of up to `STREAM_LIMIT` bytes and finds `EICAR` as ``Parvis.Test.EICAR.UNOFFICIAL``."""

    name = "clamd"
    daemon = "clamd"
    package = "clamav-daemon"
    what_to_install = "ClamAV's daemon (Debian: apt-get install clamav-daemon)"

    def _configure(self, place: Place, folder: Path) -> dict[str, str]:
        port = free_port()
        (folder / "signatures").mkdir()
        (folder / "signatures/parvis.ndb").write_text(f"{SIGNATURE}:0:*:{EICAR.hex()}\n")
        (folder / "clamd.conf").write_text(_CONFIGURATION.format(port=port, folder=folder, limit=STREAM_LIMIT))
        folder.chmod(0o755)  # clamd started by root becomes a user of its own
        return {"url": f"clamd://127.0.0.1:{port}"}

    def _launch(self) -> list[Process]:
        assert self._place is not None
        assert self._folder is not None
        return [self._spawn("clamd", self._place.command("clamd", f"--config-file={self._folder / 'clamd.conf'}"))]

    def _answers(self) -> bool:
        at = urlsplit(self.url)
        try:
            with socket.create_connection((at.hostname, at.port or 3310), timeout=5) as connection:
                connection.sendall(b"zPING\0")
                return connection.recv(5) == b"PONG\0"
        except OSError:
            return False

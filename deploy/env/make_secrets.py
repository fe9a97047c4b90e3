"""Makes the secrets of docker-compose.yml, a file each; what is there stays as it is.

Usage: make_secrets.py FOLDER [HOST]. Runs where Parvis is installed, e.g. in its image. The folder is for its owner
alone; the files in it can be read by whoever is handed one, since every container has a user of its own.
`tls-fullchain.pem` is a certificate for HOST (`localhost`) that nobody vouches for, good for a rehearsal: put the
institution's two files in its place, as well as its mail server in `mail`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services import SERVICES
from services.chassis.broker.admin.topology import user_of

VHOST = "/"
BUCKET = "parvis-documents"
ADMIN = "parvis-operations"
CERTIFICATE_DAYS = 90


def main(folder: Path, host: str) -> None:
    """Write what is missing, and tell which."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def make(name: str, text: Callable[[], str]) -> str:
        file = folder / name
        if not file.exists():
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w") as out:
                out.write(text())
            print(f"{file}: made")
        return file.read_text()

    make("mongodb-root", password)
    make("mongodb-keyfile", lambda: base64.b64encode(secrets.token_bytes(600)).decode())
    for service in SERVICES:
        make(f"store-{service}", lambda: mongodb(service))  # noqa: B023 - called before the next round
        make(f"broker-{service}", lambda: amqp(service))  # noqa: B023
    for operator in ("operator", "restorer"):
        make(f"store-{operator}", lambda: mongodb(operator))  # noqa: B023
    admin = make("broker-admin", lambda: f"http://{ADMIN}:{password()}@rabbitmq:15672/{quote(VHOST, safe='')}")
    make("broker-users.json", lambda: users(admin))
    objects = make("objects", lambda: objects_url("parvis"))
    reading = make("objects-operator", lambda: objects_url("parvis-operator"))
    make("objects-identities.json", lambda: identities(objects, reading))
    make("mail", lambda: "smtp://mail:1025")
    make("link-secret", password)
    make("session-secret", password)
    make("forms-secret", password)
    make("pre-enrolment-secret", password)
    key = make("tls-privkey.pem", private_key)
    make("tls-fullchain.pem", lambda: certificate(key, host))


def password() -> str:
    """A fresh password that a URL takes as it is."""
    return secrets.token_urlsafe(32)


def mongodb(service: str) -> str:
    """A user of its own for a service, or for an operator, on the replica set of one."""
    return f"mongodb://parvis-{service}:{password()}@mongodb:27017/parvis?replicaSet=parvis&authSource=admin"


def amqp(service: str) -> str:
    """A user of the service's own, with the rights that the table gives it."""
    return f"amqp://{user_of(service, VHOST)}:{password()}@rabbitmq:5672/{quote(VHOST, safe='')}"


def users(admin: str) -> str:
    """RabbitMQ's definitions of the administrator, whose password it gets as a salted digest.

    It reads them at every start, so that nobody else's password may stand there: the services' would come back after they
    were changed.
    """
    everything = {"user": ADMIN, "vhost": VHOST, "configure": ".*", "write": ".*", "read": ".*"}
    return json.dumps(
        {
            "users": [user(admin, ["administrator"])],
            "permissions": [everything],
        },
        indent=2,
    )


def user(url: str, tags: list[str]) -> dict[str, object]:
    """A user with the password of a URL: base64 of salt and SHA-256 of salt and password."""
    parts, salt = urlsplit(url), secrets.token_bytes(4)
    digest = salt + hashlib.sha256(salt + unquote(parts.password or "").encode()).digest()
    return {
        "name": parts.username,
        "password_hash": base64.b64encode(digest).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": tags,
        "limits": {},
    }


def objects_url(user: str) -> str:
    """A user of the bucket of documents."""
    return f"s3+http://{user}:{password()}@seaweedfs:8333/{BUCKET}"


def identities(objects: str, reading: str) -> str:
    """Who may do what by SeaweedFS: the service of documents in its bucket alone, and who reads that for a backup."""
    return json.dumps(
        {
            "identities": [
                identity("documents", objects, "Read", "Write", "List", "Tagging"),
                identity("operator", reading, "Read", "List"),
            ]
        },
        indent=2,
    )


def identity(name: str, url: str, *verbs: str) -> dict[str, object]:
    """One who may do this in the bucket, with the key of a URL."""
    parts = urlsplit(url)
    credentials = [{"accessKey": parts.username, "secretKey": unquote(parts.password or "")}]
    return {"name": name, "credentials": credentials, "actions": [f"{verb}:{BUCKET}" for verb in verbs]}


def private_key() -> str:
    """A fresh key on P-256."""
    form = serialization.PrivateFormat.PKCS8
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def certificate(key: str, host: str) -> str:
    """A certificate for the key, signed by itself."""
    private = serialization.load_pem_private_key(key.encode(), None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise SystemExit("tls-privkey.pem is not the key that was made here; its certificate must come with it")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(private, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "localhost")

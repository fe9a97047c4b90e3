"""From URLs to adapters: the only place that knows which schemes there are. Drivers are imported when first asked for."""

# ruff: noqa: PLC0415

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from services.chassis.clock import FileClock, ShiftedClock
from services.chassis.ports import (
    Bounces,
    Broker,
    Clock,
    Ent,
    Forms,
    Mail,
    Objects,
    PreEnrolments,
    Records,
    Scanner,
    Store,
    Topology,
)
from services.chassis.url_parts import bare, bare_host, folder_of, host_and_port, web_address

T = TypeVar("T")


class UnusableUrl(ValueError):
    """A URL that opens nothing: the port it is for, and why; it holds none of the URL's secrets."""

    def __init__(self, port: str, why: str) -> None:
        super().__init__(f"{port}: {why}")
        self.port = port
        self.why = why


def open_clock(url: str) -> Clock:
    """Make the clock that `system:`, `offset:+SECONDS` or `file:PATH` names; raises UnusableUrl."""
    scheme, _, rest = url.partition(":")
    try:
        if scheme == "offset":
            return ShiftedClock(timedelta(seconds=int(rest)))
        if scheme == "file":
            return FileClock(Path(rest))
    except (OSError, ValueError, OverflowError) as error:
        raise UnusableUrl("clock", f"{url[:100]} shows no time ({type(error).__name__})") from error
    if url != "system:":
        raise UnusableUrl("clock", f"{url[:100]} is none of system:, offset:+SECONDS and file:PATH")
    return ShiftedClock()


def open_store(url: str, *, service: str, data: Path, read_only: bool = False) -> Store:
    """The store of one service: `sqlite:` (`<data>/<service>.sqlite`), `sqlite:FOLDER` or `mongodb(+srv)://...`.

    Raises ValueError. `read_only` is for who declares collections and prepares none.
    Of a MongoDB URL the path, `parvis` if absent, begins the database's name: `<path>_<service>`.
    """

    def sqlite(parts: SplitResult) -> Store:
        from services.chassis.store.sqlite import SqliteStore

        return SqliteStore(folder_of(parts, data) / f"{service}.sqlite", read_only=read_only)

    def mongodb(parts: SplitResult) -> Store:
        from services.chassis.store.mongo import MongoStore

        if not parts.netloc:
            raise ValueError("takes //USER:PASSWORD@HOST:PORT/NAME")
        return MongoStore(url, service)

    return _open("store", url, {"sqlite": sqlite, "mongodb": mongodb, "mongodb+srv": mongodb})


def open_broker(url: str, topology: Topology) -> Broker:
    """The broker: `local:`, one for all services of the process, or `amqp(s)://...`; raises ValueError."""

    def local(parts: SplitResult) -> Broker:
        from services.chassis.broker.local import LocalBroker

        bare(parts)
        return LocalBroker(topology)

    def amqp(parts: SplitResult) -> Broker:
        from services.chassis.broker.amqp import AmqpBroker

        if not parts.hostname:
            raise ValueError("takes //USER:PASSWORD@HOST:PORT/VHOST")
        return AmqpBroker(parts.geturl())

    return _open("broker", url, {"local": local, "amqp": amqp, "amqps": amqp})


def open_objects(url: str, data: Path, *, read_only: bool = False) -> Objects:
    """The object store: `file:` (`<data>/objects`), `file:FOLDER`, or `s3+http(s)://KEY:SECRET@HOST:PORT/BUCKET`.

    Raises ValueError. `read_only` makes no folder and sweeps none.
    An S3 URL may end in `?region=`; `us-east-1` if it does not.
    """

    def file(parts: SplitResult) -> Objects:
        from services.chassis.objects.file import FileObjects

        return FileObjects(folder_of(parts, data / "objects"), read_only=read_only)

    def s3(parts: SplitResult) -> Objects:
        from services.chassis.objects.s3 import S3Objects

        bucket, query = unquote(parts.path.strip("/")), dict(parse_qsl(parts.query))
        region = query.pop("region", "us-east-1")
        if not (parts.hostname and parts.username and parts.password and bucket) or "/" in bucket or query:
            raise ValueError("takes //KEY:SECRET@HOST:PORT/BUCKET?region=")
        return S3Objects(
            parts.netloc.rpartition("@")[2],
            bucket,
            access_key=unquote(parts.username),
            secret_key=unquote(parts.password),
            secure=parts.scheme == "s3+https",
            region=region,
            spool=data / "objects" / "incoming",
            read_only=read_only,
        )

    return _open("objects", url, {"file": file, "s3+http": s3, "s3+https": s3})


def open_mail(url: str, data: Path, *, read_only: bool = False) -> Mail:
    """The mail transport: `maildir:` (`<data>/mail`), `maildir:FOLDER`, or `smtp(s)://[USER:PASSWORD@]HOST:PORT`.

    Raises ValueError. `read_only` makes no folder and sweeps none.
    `smtps:` speaks TLS at once; `smtp:` asks for it, and insists before it sends a password.
    """

    def maildir(parts: SplitResult) -> Mail:
        from services.chassis.mail.maildir import MaildirMail

        return MaildirMail(folder_of(parts, data / "mail"), read_only=read_only)

    def smtp(parts: SplitResult) -> Mail:
        from services.chassis.mail.smtp import SmtpMail

        tls = parts.scheme == "smtps"
        host, port = host_and_port(parts._replace(netloc=parts.netloc.rpartition("@")[2]), 465 if tls else 25)
        user = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        if (user is None) != (password is None):
            raise ValueError("takes a user and a password, or neither")
        return SmtpMail(host, port, tls=tls, user=user, password=password)

    return _open("mail", url, {"maildir": maildir, "smtp": smtp, "smtps": smtp})


def open_bounces(url: str) -> Bounces | None:
    """The mailbox of returned mails: `none:`, which is none, or `imaps://USER:PASSWORD@HOST:PORT/FOLDER`; raises ValueError.

    Without a folder it is `INBOX`. `imap:` speaks no TLS, and is for a server on the same machine.
    """

    def none(parts: SplitResult) -> Bounces | None:
        bare(parts)
        return None

    def imap(parts: SplitResult) -> Bounces | None:
        from services.chassis.bounces.imap import ImapBounces

        tls = parts.scheme == "imaps"
        host, port = host_and_port(parts._replace(netloc=parts.netloc.rpartition("@")[2], path=""), 993 if tls else 143)
        folder = unquote(parts.path.strip("/")) or "INBOX"
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if not (user and password and folder.isascii() and (user + password + folder).isprintable()):
            raise ValueError("takes //USER:PASSWORD@HOST:PORT/FOLDER")
        return ImapBounces(host, port, user=user, password=password, folder=folder, tls=tls)

    return _open("bounces", url, {"none": none, "imaps": imap, "imap": imap})


def open_scanner(url: str, *, serves: bool = False) -> Scanner:
    """The scanner: `none:`, of which a process warns that `serves`, or `clamd://HOST:PORT`; raises ValueError."""

    def none(parts: SplitResult) -> Scanner:
        from services.chassis.scanner.none import NoScanner

        bare(parts)
        return NoScanner(serves=serves)

    def clamd(parts: SplitResult) -> Scanner:
        from services.chassis.scanner.clamd import ClamdScanner

        host, port = host_and_port(parts, 3310)
        return ClamdScanner(host, port)

    return _open("scanner", url, {"none": none, "clamd": clamd})


def open_ent(url: str, clock: Clock, *, public: str = "", inside: str = "") -> Ent:
    """The ENT: `none:`, `cas+https://HOST/PATH`, `oidc+https://CLIENT:SECRET@HOST/PATH`, `development:`; raises ValueError.

    A provider that needs no secret of its clients takes `CLIENT@`. `development:`, or `development:oidc`, is the one of
    the suite's own, which browsers find below `public` and this process below `inside`.
    """

    def none(parts: SplitResult) -> Ent:
        from services.chassis.ent.none import NoEnt

        bare(parts)
        return NoEnt()

    def cas(parts: SplitResult) -> Ent:
        from services.chassis.ent.cas import CasEnt

        return CasEnt(web_address(parts._replace(netloc=bare_host(parts))))

    def oidc(parts: SplitResult) -> Ent:
        from services.chassis.ent.oidc import OidcEnt

        if not parts.username:
            raise ValueError("takes //CLIENT:SECRET@HOST/PATH")
        address = web_address(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        return OidcEnt(address, unquote(parts.username), unquote(parts.password or ""), clock)

    def development(parts: SplitResult) -> Ent:
        from services.chassis.ent import development as own
        from services.chassis.ent.cas import CasEnt
        from services.chassis.ent.oidc import OidcEnt

        protocol = parts.path or "cas"
        if parts.netloc or parts.query or parts.fragment or protocol not in ("cas", "oidc"):
            raise ValueError("takes nothing, or oidc, behind its colon")
        if protocol == "cas":
            return CasEnt(f"{inside}{own.CAS_PATH}", public=f"{public}{own.CAS_PATH}")
        issuer = f"{public}{own.OIDC_PATH}"
        return OidcEnt(issuer, own.CLIENT, own.SECRET, clock, inside=f"{inside}{own.OIDC_PATH}")

    schemes = {"cas+https": cas, "cas+http": cas, "oidc+https": oidc, "oidc+http": oidc}
    return _open("ent", url, {"none": none, "development": development, **schemes})


def open_records(url: str) -> Records:
    """The student records: `none:`, `file:FOLDER`, `https://USER:PASSWORD@HOST/PATH` or `http://`; raises ValueError.

    `file:` alone are the samples, of the made-up students of the development ENT.
    """

    def none(parts: SplitResult) -> Records:
        from services.chassis.records.none import NoRecords

        bare(parts)
        return NoRecords()

    def file(parts: SplitResult) -> Records:
        from services.chassis.records.file import SAMPLES, FileRecords

        return FileRecords(folder_of(parts, SAMPLES))

    def http(parts: SplitResult) -> Records:
        from services.chassis.records.http import HttpRecords

        address = web_address(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        return HttpRecords(address, user=unquote(parts.username or ""), password=unquote(parts.password or ""))

    return _open("sis", url, {"none": none, "file": file, "https": http, "http": http})


def open_forms(url: str) -> Forms:
    """The server of forms: `none:`, or `limesurvey+https://USER:PASSWORD@HOST/PATH`, or `+http`; raises ValueError."""

    def none(parts: SplitResult) -> Forms:
        from services.chassis.forms.none import NoForms

        bare(parts)
        return NoForms()

    def limesurvey(parts: SplitResult) -> Forms:
        from services.chassis.forms.limesurvey import LimeSurvey

        if not parts.username or not parts.password:
            raise ValueError("takes //USER:PASSWORD@HOST/PATH")
        address = web_address(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        return LimeSurvey(address, unquote(parts.username), unquote(parts.password))

    return _open("forms", url, {"none": none, "limesurvey+https": limesurvey, "limesurvey+http": limesurvey})


def open_pre_enrolments(url: str, data: Path, clock: Clock, secret: str = "") -> PreEnrolments | None:
    """Who takes those who have accepted a place: `none:`, which is nobody; `folder:` (`<data>/pre-enrolment`) or
    `folder:PATH`; `https://HOST/PATH` or `http://`, signed with `secret`.

    Raises ValueError.
    """

    def none(parts: SplitResult) -> PreEnrolments | None:
        bare(parts)
        return None

    def folder(parts: SplitResult) -> PreEnrolments | None:
        from services.chassis.pre_enrolments.folder import FolderPreEnrolments

        return FolderPreEnrolments(folder_of(parts, data / "pre-enrolment"))

    def http(parts: SplitResult) -> PreEnrolments | None:
        from services.chassis.pre_enrolments.http import HttpPreEnrolments

        if not secret:
            raise ValueError("takes a secret, PARVIS_PRE_ENROLMENT_SECRET")
        return HttpPreEnrolments(web_address(parts._replace(netloc=bare_host(parts))), secret, clock)

    return _open("pre_enrolment", url, {"none": none, "folder": folder, "https": http, "http": http})


def sqlite_folder(url: str, data: Path) -> Path | None:
    """Where `sqlite:` keeps its files, for those who copy them; None for any other store."""
    parts = urlsplit(url)
    return folder_of(parts, data) if parts.scheme == "sqlite" else None


def maildir_folder(url: str, data: Path) -> Path | None:
    """Where `maildir:` keeps its mails, for those who show them; None for any other transport."""
    parts = urlsplit(url)
    return folder_of(parts, data / "mail") if parts.scheme == "maildir" else None


def _open(port: str, url: str, adapters: Mapping[str, Callable[[SplitResult], T]]) -> T:
    # A URL may carry a password: no message ever repeats more of it than its scheme.
    scheme, colon, _ = url.partition(":")
    if not colon or scheme not in adapters:
        raise UnusableUrl(port, f"the URL must begin with {' or '.join(f'{name}:' for name in adapters)}")
    try:
        return adapters[scheme](urlsplit(url))
    except ValueError as error:
        raise UnusableUrl(port, f"{scheme}: {error}") from None

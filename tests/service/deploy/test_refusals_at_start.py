"""A start in production refuses what is not safe, all of it at once (exit 78)."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from services import PORTAL, SERVICES
from services.cli.production_checks import checked_settings
from services.cli.run import ConfigurationError
from services.contracts.parameters import RULES
from tests.service.deploy.starting import SAFE, parvis

EVERYTHING = (*SERVICES, PORTAL)
SECRET = "4v8mZ1tWq0r7Xc2Lp9"

Refusals = Callable[..., list[str]]


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Refusals:
    """The lines with which a start with the safe settings, changed so, is refused; None takes a setting away."""

    def refused(
        names: tuple[str, ...] = EVERYTHING, *, others_elsewhere: bool = False, **changes: str | None
    ) -> list[str]:
        monkeypatch.chdir(tmp_path)
        for name, value in (SAFE | {f"PARVIS_{name.upper()}": value for name, value in changes.items()}).items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        try:
            checked_settings(names, others_elsewhere=others_elsewhere)
        except ConfigurationError as error:
            return [line.strip() for line in error.message.splitlines() if line.startswith(" ")]
        return []

    return refused


def test_safe_settings_are_let_through(refusals: Refusals) -> None:
    assert refusals() == []


UNSAFE: list[tuple[dict[str, str | None], str]] = [
    # Adapters that do not fit: a sqlite file beside a broker is no harm, what cannot leave its process beside a server is.
    ({"broker": None}, "PARVIS_BROKER: local: cannot leave its process, and goes with sqlite: alone"),
    ({"mail": None}, "PARVIS_MAIL: maildir: sends nothing, and is for development"),
    ({"scanner": None}, "PARVIS_SCANNER: none: scans nothing, and is for one machine with sqlite: alone"),
    ({"ent": "development:"}, "PARVIS_ENT: development: lets anybody in as made-up people, and is for development"),
    ({"ent": "development:oidc"}, "PARVIS_ENT: development: lets anybody in as made-up people, and is for development"),
    (
        {"ent": "cas+http://cas.univ.test"},
        "PARVIS_ENT: cas.univ.test is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS",
    ),
    ({"sis": "file:"}, "PARVIS_SIS: file: alone holds made-up people, and is for development"),
    (
        {"sis": "http://sis.univ.test"},
        "PARVIS_SIS: sis.univ.test is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS",
    ),
    (
        {"pre_enrolment": "folder:"},
        "PARVIS_PRE_ENROLMENT: folder: alone is a folder of the suite's own, and is for development",
    ),
    (
        {"pre_enrolment": "http://sis.univ.test/opi"},
        "PARVIS_PRE_ENROLMENT: sis.univ.test is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS",
    ),
    ({"pre_enrolment_secret": SECRET[:15]}, "PARVIS_PRE_ENROLMENT_SECRET: is shorter than 16 characters"),
    ({"sis": "development:"}, "PARVIS_SIS: the URL must begin with http: or https: or none:"),
    ({"scanner": "none:"}, "PARVIS_SCANNER: none: scans nothing, and is for one machine with sqlite: alone"),
    # Secrets that everybody knows, or none.
    ({"store": "mongodb://db.univ.test/?tls=true"}, "PARVIS_STORE: names no user"),
    ({"broker": "amqps://mq.univ.test/"}, "PARVIS_BROKER: names no user"),
    ({"broker": "amqps://guest:guest@mq.univ.test/"}, "PARVIS_BROKER: its secret is a default one"),
    ({"broker": "amqps://accounts:accounts@mq.univ.test/"}, "PARVIS_BROKER: its secret is a default one"),
    ({"broker": "amqps://accounts@mq.univ.test/"}, "PARVIS_BROKER: its secret is a default one"),
    ({"broker": "amqps://accounts:ChangeMe@mq.univ.test/"}, "PARVIS_BROKER: its secret is a default one"),
    ({"objects": "s3+https://k:minioadmin@s3.univ.test/b"}, "PARVIS_OBJECTS: its secret is a default one"),
    ({"mail": "smtps://parvis:password@mail.univ.test"}, "PARVIS_MAIL: its secret is a default one"),
    (
        {"broker": "amqps://accounts:123456789012345@mq.univ.test/"},
        "PARVIS_BROKER: its secret is shorter than 16 characters",
    ),
    ({"mail": "smtps://parvis:1234567@mail.univ.test"}, "PARVIS_MAIL: its secret is shorter than 8 characters"),
    ({"link_secret": "123456789012345"}, "PARVIS_LINK_SECRET: is shorter than 16 characters"),
    ({"link_secret": f"{SECRET} ChangeMe"}, "PARVIS_LINK_SECRET: is shorter than 16 characters"),
    ({"session_secret": f"{SECRET} ChangeMe"}, "PARVIS_SESSION_SECRET: is shorter than 16 characters"),
    (
        {"forms": "limesurvey+http://parvis:long-enough@survey.univ.test/"},
        "PARVIS_FORMS: survey.univ.test is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS",
    ),
    (
        {"forms": "limesurvey+https://parvis:short@survey.univ.test/"},
        "PARVIS_FORMS: its secret is shorter than 8 characters",
    ),
    ({"forms_secret": f"https://survey.univ.test={SECRET[:15]}"}, "PARVIS_FORMS_SECRET: is shorter than 16 characters"),
    ({"forms_secret": f"{SECRET} ChangeMe"}, "PARVIS_FORMS_SECRET: is shorter than 16 characters"),
    # Wires that others can hear.
    (
        {"store": f"mongodb://u:{SECRET}@db.univ.test/parvis"},
        "PARVIS_STORE: db.univ.test is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS",
    ),
    (
        {"store": f"mongodb://u:{SECRET}@127.0.0.1,db2.univ.test:27018/parvis"},
        "PARVIS_STORE: db2.univ.test is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS",
    ),
    (
        {"store": f"mongodb+srv://u:{SECRET}@db.univ.test/parvis?tls=false"},
        "PARVIS_STORE: db.univ.test is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS",
    ),
    (
        {"broker": f"amqp://u:{SECRET}@mq.univ.test/"},
        "PARVIS_BROKER: mq.univ.test is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS",
    ),
    (
        {"broker": f"amqp://u:{SECRET}@[2001:db8::1]:5672/"},
        "PARVIS_BROKER: 2001:db8::1 is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS",
    ),
    (
        {"objects": f"s3+http://u:{SECRET}@s3.univ.test:8333/b"},
        "PARVIS_OBJECTS: s3.univ.test is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS",
    ),
    (
        {"mail": "smtp://mail.univ.test"},
        "PARVIS_MAIL: mail.univ.test is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS",
    ),
    (
        {"scanner": "clamd://scan.univ.test:3310"},
        "PARVIS_SCANNER: scan.univ.test is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS",
    ),
    (
        {"api_url": "http://gateway.univ.test"},
        "PARVIS_API_URL: gateway.univ.test is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS",
    ),
    (
        {"keysets_url": "http://gateway.univ.test/api/{service}/jwks.json"},
        "PARVIS_KEYSETS_URL: gateway.univ.test is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS",
    ),
    # Encrypted, to anybody.
    (
        {"broker": f"amqps://u:{SECRET}@mq.univ.test/?no_verify_ssl=1"},
        "PARVIS_BROKER: the server's certificate is not checked",
    ),
    (
        {"store": f"mongodb://u:{SECRET}@db.univ.test/?tls=true&tlsAllowInvalidCertificates=true"},
        "PARVIS_STORE: the server's certificate is not checked",
    ),
    (
        {"store": f"mongodb://u:{SECRET}@db.univ.test/?tls=true&tlsInsecure=true"},
        "PARVIS_STORE: the server's certificate is not checked",
    ),
    # URLs of nothing.
    (
        {"store": f"postgres://u:{SECRET}@db.univ.test/"},
        "PARVIS_STORE: the URL must begin with mongodb: or mongodb+srv: or sqlite:",
    ),
    ({"store": f"mongodb://u:{SECRET}@[::1/parvis"}, "PARVIS_STORE: is not a URL"),
    ({"mail": "mail.univ.test"}, "PARVIS_MAIL: the URL must begin with smtp: or smtps:"),
    # Operations in the open.
    ({"ops_host": "193.48.0.5"}, "PARVIS_OPS_HOST: the operations' pages are on a public address"),
    (
        {"ops_host": "0.0.0.0"},
        "PARVIS_OPS_HOST: every address, and PARVIS_BEHIND_GATEWAY does not say that nobody reaches them",
    ),
    ({"ops_host": "ops.univ.test"}, "PARVIS_OPS_HOST: takes an address, or a name of PARVIS_PRIVATE_HOSTS"),
    # Rehearsals.
    ({"clock": "offset:+1"}, "PARVIS_CLOCK: the clock is shifted"),
    ({"relay_pause": "0.1"}, "PARVIS_RELAY_PAUSE: the relay is slowed"),
    ({"crash_at": "journal.appended"}, "PARVIS_CRASH_AT: a crash is ordered"),
    # The face to people.
    ({"public_url": None}, "PARVIS_PUBLIC_URL: people reach the suite by https only"),
    ({"public_url": "http://candidatures.univ.test"}, "PARVIS_PUBLIC_URL: people reach the suite by https only"),
    ({"public_url": "https:///"}, "PARVIS_PUBLIC_URL: people reach the suite by https only"),
    (
        {"broker_admin": f"https://admin:{SECRET}@mq.univ.test"},
        "PARVIS_BROKER_ADMIN: is for operations; no service has business with the broker's administrator",
    ),
    # Services' own.
    (
        {"accounts_neutral_milliseconds": "0"},
        "PARVIS_ACCOUNTS_NEUTRAL_MILLISECONDS: the time of neutral answers tells which addresses are known",
    ),
    (
        {"accounts_password_kibibytes": "19455"},
        "PARVIS_ACCOUNTS_PASSWORD_KIBIBYTES: passwords are guessed too fast from their hashes",
    ),
    (
        {"trusted_proxies": "10.0.0.0/8,0.0.0.0/0"},
        "PARVIS_TRUSTED_PROXIES: the X-Forwarded-For of far too many is believed",
    ),
    (
        {"trusted_proxies": "10.0.0.0/8,0.0.0.0/1,128.0.0.0/1"},
        "PARVIS_TRUSTED_PROXIES: the X-Forwarded-For of far too many is believed",
    ),
    (
        {"trusted_proxies": "203.0.0.0/15"},
        "PARVIS_TRUSTED_PROXIES: the X-Forwarded-For of far too many is believed",
    ),
    (
        {"trusted_proxies": "2a00::/31"},
        "PARVIS_TRUSTED_PROXIES: the X-Forwarded-For of far too many is believed",
    ),
    ({"accounts_trusted_proxies": "10.0.0.0/8"}, "PARVIS_ACCOUNTS_TRUSTED_PROXIES: is now PARVIS_TRUSTED_PROXIES"),
    ({"offers_sample": "true"}, "PARVIS_OFFERS_SAMPLE: the sample catalogue is for development"),
    ({"mailer_sender": None}, "PARVIS_MAILER_SENDER: is still that of the example"),
    ({"mailer_domain": "parvis.example"}, "PARVIS_MAILER_DOMAIN: is still that of the example"),
]


@pytest.mark.parametrize(
    ("change", "line"), UNSAFE, ids=[f"{next(iter(change))}-{n}" for n, (change, _) in enumerate(UNSAFE)]
)
def test_each_unsafe_setting_is_refused_by_name(
    refusals: Refusals, change: Mapping[str, str | None], line: str
) -> None:
    assert refusals(**change) == [line]


def test_a_variable_that_is_a_parameter_by_now_is_refused_with_where_it_went(
    refusals: Refusals, tmp_path: Path
) -> None:
    """All of them at once, those of a file too; otherwise people would be treated by defaults, and nobody would know."""
    moved = [key for key in RULES if not key.startswith("institution.")]
    changes = {key.replace(".", "_"): "1" for key in moved[1:]}
    (tmp_path / ".env").write_text(f"PARVIS_{moved[0].replace('.', '_')}=1\n".upper())
    (tmp_path / ".env").chmod(0o600)
    lines = refusals(**changes)
    assert [line.partition(": parvis")[0] for line in lines] == [
        f"PARVIS_{key.replace('.', '_').upper()}: is now the parameter {key}" for key in moved
    ]
    assert all(f"parvis parameters set {key}=..." in line for key, line in zip(moved, lines, strict=True))
    assert "PARVIS_APPLICATIONS_MAX_ACTIVE" in {line.partition(":")[0] for line in lines}
    (tmp_path / ".env").unlink()
    assert len(refusals(env="development", **changes)) == len(moved) - 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[accounts]\nlink_hours = 0\nyears = 3\n", "accounts.link_hours must be a whole number from 1 to 1440"),
        ("[accounts]\nyears = 3\n", "accounts.years is no parameter"),
        ("accounts = [", "Value error"),
        (None, "No such file or directory"),
    ],
)
def test_a_file_of_first_parameters_that_cannot_be_used_is_refused(
    refusals: Refusals, tmp_path: Path, text: str | None, said: str
) -> None:
    file = tmp_path / "first.toml"
    if text is not None:
        file.write_text(text)
    (line,) = refusals(first_parameters=str(file))
    assert line.startswith("PARVIS_FIRST_PARAMETERS: ") and said in line


SAFE_TOO: list[dict[str, str]] = [
    {"store": f"mongodb+srv://u:{SECRET}@db.univ.test/parvis"},
    {"store": f"mongodb://u:{SECRET}@db.univ.test/?ssl=true"},
    {"store": "mongodb://db.univ.test/?tls=true&authMechanism=MONGODB-X509"},
    {"store": f"mongodb://u:{SECRET}@localhost,127.0.0.1:27018,[::1]:27019/parvis"},
    {"store": f"mongodb://u:{SECRET}@db1,db2:27018,DB3/parvis", "private_hosts": "db1, db2,db3"},
    {"broker": f"amqp://u:{SECRET}@rabbitmq/", "private_hosts": "rabbitmq"},
    {"broker": f"amqps://u:{SECRET}@mq.univ.test/?no_verify_ssl=0"},
    {"objects": f"s3+http://u:{SECRET}@seaweedfs:8333/b", "private_hosts": "seaweedfs"},
    {"broker": "amqps://accounts:1234567890123456@mq.univ.test/"},
    {"mail": "smtps://parvis:12345678@mail.univ.test"},
    {"ops_host": "10.1.2.3"},
    {"ops_host": "0.0.0.0", "behind_gateway": "true"},
    {"ops_host": "accounts", "private_hosts": "accounts"},
    {"store": "sqlite:"},
    {"store": "sqlite:/srv/data", "objects": "file:/srv/objects"},
    {"mail": f"smtp://u:{SECRET}@mail.univ.test:587"},
    {"mail": "smtps://mail.univ.test"},
    {"mail": "smtp://mail:1025", "private_hosts": "mail"},
    {"trusted_proxies": "10.0.0.0/8,fc00::/7,203.0.0.0/16,2a01:e0a::/32"},
    {"scanner": "clamd://clamav:3310", "private_hosts": "clamav"},
    {"keysets_url": "http://{service}:8080/api/{service}/jwks.json", "private_hosts": ",".join(SERVICES)},
]


@pytest.mark.parametrize("change", SAFE_TOO, ids=[f"{next(iter(change))}-{n}" for n, change in enumerate(SAFE_TOO)])
def test_what_is_encrypted_or_stays_among_ourselves_is_let_through(
    refusals: Refusals, change: Mapping[str, str]
) -> None:
    assert refusals(**change) == []


def test_a_private_host_is_meant_by_its_whole_name(refusals: Refusals) -> None:
    mine = {"broker": f"amqp://u:{SECRET}@mq.univ.test/", "private_hosts": "univ.test,mq"}
    assert len(refusals(**mine)) == 1


def test_only_one_of_two_addresses_that_services_have_is_private(refusals: Refusals) -> None:
    lines = refusals(keysets_url="http://{service}:8080/jwks.json", private_hosts="accounts,offers,documents,mailer")
    assert lines == ["PARVIS_KEYSETS_URL: applications is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS"]


ONE_MACHINE: dict[str, str | None] = {
    "store": None,
    "broker": None,
    "objects": None,
    "mail": "smtps://mail.univ.test",
    "scanner": "none:",
    "keysets_url": None,
    "api_url": None,
    "link_secret": None,
    "session_secret": None,
}
"""What a small institution sets: no server but the mail's."""


def test_one_machine_needs_no_server_but_the_mails(refusals: Refusals) -> None:
    """Acceptance 113."""
    assert refusals(**ONE_MACHINE) == []
    assert refusals(**{**ONE_MACHINE, "scanner": "clamd://127.0.0.1:3310"}) == []


def test_one_machine_says_on_purpose_that_nothing_looks_for_malware(refusals: Refusals) -> None:
    line = "PARVIS_SCANNER: nothing looks for malware; say none: on purpose, or name a scanner"
    assert refusals(**{**ONE_MACHINE, "scanner": None}) == [line]


def test_processes_apart_share_no_file(refusals: Refusals) -> None:
    apart = refusals(("documents",), others_elsewhere=True, store=None, objects=None, scanner="none:")
    assert apart == [
        "PARVIS_STORE: sqlite: is for the whole suite in one process, `parvis up`",
        "PARVIS_OBJECTS: file: is for the whole suite in one process, `parvis up`",
        "PARVIS_SCANNER: none: is for the whole suite in one process, `parvis up`",
    ]


def test_a_value_that_cannot_be_read_hides_nothing_of_what_is_unsafe(refusals: Refusals) -> None:
    lines = refusals(port="many", mailer_at_once="0", clock="offset:+1", mailer_sender=None)
    assert [line.partition(":")[0] for line in lines] == [
        "PARVIS_PORT",
        "PARVIS_MAILER_AT_ONCE",
        "PARVIS_CLOCK",
        "PARVIS_MAILER_SENDER",
    ]


def test_a_secret_that_everybody_on_the_machine_can_read_is_refused(refusals: Refusals, tmp_path: Path) -> None:
    file = tmp_path / "broker"
    file.write_text(f"amqps://u:{SECRET}@mq.univ.test/\n")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder.name.startswith(("pytest-", "popen-", tmp_path.name)):
            folder.chmod(0o755)
    file.chmod(0o640)
    assert refusals(broker=None, broker_file=str(file)) == []
    file.chmod(0o644)
    line = "PARVIS_BROKER_FILE: everybody on this machine can read the file"
    assert refusals(broker=None, broker_file=str(file)) == [line]
    tmp_path.chmod(0o700)
    assert refusals(broker=None, broker_file=str(file)) == []


def test_what_a_service_does_not_use_it_need_not_have(refusals: Refusals) -> None:
    def apart(*names: str, **changes: str | None) -> list[str]:
        return refusals(names, others_elsewhere=True, **changes)

    unused: dict[str, str | None] = {"objects": None, "scanner": None, "mail": None}
    assert apart("accounts", "offers", "applications", **unused) == []
    assert apart("documents", mail=None) == []
    assert apart("mailer", objects=None, scanner=None) == []
    assert apart(PORTAL, store=None, broker=None, **unused) == []
    assert apart("accounts", session_secret=None) == []
    assert len(apart("documents", **unused)) == 2
    assert len(apart("mailer", **unused)) == 1


def test_replicas_of_the_portal_must_open_one_anothers_sessions(refusals: Refusals) -> None:
    apart = refusals((PORTAL,), others_elsewhere=True, session_secret=None)
    assert apart == ["PARVIS_SESSION_SECRET: every replica of the portal must be given the same"]


def test_services_that_run_apart_must_find_the_others(refusals: Refusals) -> None:
    def lonely(*names: str) -> list[str]:
        lacking = dict.fromkeys(("broker", "keysets_url", "api_url", "link_secret"))
        apart = refusals(names, others_elsewhere=True, env="development", **lacking)
        return [line.partition(":")[0] for line in apart]

    assert lonely("accounts") == ["PARVIS_BROKER", "PARVIS_KEYSETS_URL", "PARVIS_LINK_SECRET"]
    assert lonely("offers") == ["PARVIS_BROKER", "PARVIS_KEYSETS_URL"]
    assert lonely(PORTAL) == ["PARVIS_API_URL"]
    assert lonely(*SERVICES, PORTAL) == ["PARVIS_BROKER", "PARVIS_LINK_SECRET"]


def test_a_dot_env_that_others_can_read_is_refused(refusals: Refusals, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PARVIS_PORT=8080\n")
    file.chmod(0o600)
    assert refusals() == []
    for mode in (0o640, 0o604):
        file.chmod(mode)
        assert refusals() == [".env: may hold secrets, and others than its owner can read it"]


def test_all_of_them_are_told_at_once_and_no_secret_with_them(tmp_path: Path) -> None:
    """`parvis up` and `parvis serve` end with exit code 78 and change nothing."""
    settings = dict(SAFE)
    for name, value in {name: value for change, _ in reversed(UNSAFE) for name, value in change.items()}.items():
        settings.pop(f"PARVIS_{name.upper()}", None)
        settings |= {f"PARVIS_{name.upper()}": value} if value else {}
    expected = {line.partition(":")[0] for _, line in UNSAFE}
    for command in (["up"], ["serve", *SERVICES, PORTAL]):
        refused = parvis(*command, settings=settings, folder=tmp_path)
        assert refused.returncode == 78
        lines = [line.strip() for line in refused.stderr.splitlines() if line.startswith("  ")]
        assert {line.partition(":")[0] for line in lines} == expected
        assert SECRET not in refused.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"PARVIS_STORE": "postgres://me:pw@db/"}, "PARVIS_STORE: the URL must begin with sqlite: or mongodb:"),
        ({"PARVIS_OBJECTS": "s3+http://nobody/"}, "PARVIS_OBJECTS: s3+http: takes //KEY:SECRET@HOST:PORT/BUCKET"),
        ({"PARVIS_STORE_FILE": "nowhere"}, "PARVIS_STORE_FILE: No such file or directory"),
        ({"PARVIS_PORT": "many"}, "PARVIS_PORT: Input should be a valid integer"),
        ({"PARVIS_MAILER_AT_ONCE": "0"}, "PARVIS_MAILER_AT_ONCE: Input should be greater than or equal to 1"),
        ({"PARVIS_CONTACT": "the office"}, "PARVIS_CONTACT: Value error, must be an e-mail address, or nothing"),
        ({"PARVIS_MAILER_TEMPLATES": "nowhere"}, "PARVIS_MAILER_TEMPLATES: no mails are there"),
        ({"PARVIS_ENV": "staging"}, "PARVIS_ENV: Input should be 'development' or 'production'"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_in_development_too(
    tmp_path: Path, settings: dict[str, str], told: str
) -> None:
    refused = parvis(
        "up",
        settings=settings | {"PARVIS_OPS_PORT": "0", "PARVIS_PORT": settings.get("PARVIS_PORT", "0")},
        folder=tmp_path,
    )
    assert (refused.returncode, refused.stdout) == (78, "")
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "me:pw" not in refused.stderr


def test_a_secret_file_is_taken_without_its_last_newline(refusals: Refusals, tmp_path: Path) -> None:
    (tmp_path / "broker").write_text(f"amqp://u:{SECRET}@mq.univ.test/\n")
    (tmp_path / "broker").chmod(0o600)
    line = "PARVIS_BROKER: mq.univ.test is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS"
    assert refusals(broker=None, broker_file=str(tmp_path / "broker")) == [line]
    (tmp_path / "broker").write_bytes(b"\xff\xfe")
    assert refusals(broker=None, broker_file=str(tmp_path / "broker")) == ["PARVIS_BROKER_FILE: not text"]

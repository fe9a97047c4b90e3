"""The suite's settings, by the names of the public documentation; each service adds its few in its own `settings.py`.

Read from the environment, from `.env`, and for secrets from the file that `NAME_FILE` names.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from services.chassis.clients import Network, networks
from services.contracts.parameter_rules import Unfit, by_key
from services.contracts.parameters import RULES, Parameters, unfit_for_production, value_of, with_values

DOT_ENV: Final = ".env"


class UnusableSetting(Exception):
    """A setting that the process cannot run with; `args[0]` is the variable's name, `args[1]` why."""


class UnreadableSecret(UnusableSetting):
    """A `NAME_FILE` names a file that cannot be read as text; `args[0]` is the variable's name, `args[1]` why."""


class FileSecrets(PydanticBaseSettingsSource):
    """Takes a setting from the file that `<NAME>_FILE` names, one trailing newline cut off."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """The content of the file for one field, if its `_FILE` variable is set."""
        variable = f"{self.config.get('env_prefix', '')}{field_name}_FILE".upper()
        path = os.environ.get(variable)
        try:
            return (Path(path).read_text().removesuffix("\n") if path else None), field_name, False
        except OSError as error:
            raise UnreadableSecret(variable, error.strerror) from None
        except UnicodeDecodeError:
            raise UnreadableSecret(variable, "not text") from None

    def __call__(self) -> dict[str, Any]:
        """All fields that a file gives."""
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}


class EnvironmentSettings(BaseSettings):
    """Base of all settings: environment first, then secret files, then `.env`; unknown names in `.env` are ignored."""

    model_config = SettingsConfigDict(env_file=DOT_ENV, extra="ignore", frozen=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment, then `_FILE`, then `.env`."""
        given = init_settings, env_settings, FileSecrets(settings_cls)
        # To look up each setting in a file that says nothing is a third of what all settings of a process take.
        if isinstance(dotenv_settings, DotEnvSettingsSource) and not dotenv_settings.env_vars:
            return given
        return *given, dotenv_settings

    def unsafe(self) -> Iterable[str]:
        """What production refuses of these settings, a line for each, beginning with its name."""
        return ()


def _zone(name: str) -> str:
    ZoneInfo(name)
    return name


def _networks(text: str) -> str:
    networks(text)
    return text


class Settings(EnvironmentSettings):
    """Settings of every process of the suite, prefix `PARVIS_`."""

    model_config = SettingsConfigDict(env_prefix="PARVIS_", env_file=DOT_ENV, extra="ignore", frozen=True)

    env: Literal["development", "production"] = "development"
    """`development` or `production`, which refuses to start on any unsafe setting (docs/operations/deploying.md)."""
    host: str = "127.0.0.1"
    """The address on which people, the portal and the gateway are answered."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Its port."""
    ops_host: str = "127.0.0.1"
    """Where the operations' pages are; in production on no public address."""
    ops_port: Annotated[int, Field(ge=0, le=65535)] = 8081
    """The port of health, state and metrics: `/livez`, `/readyz`, `/status`, `/metrics`."""
    data: Annotated[Path, AfterValidator(Path.absolute), Field(validate_default=True)] = Path("var")
    """The folder of all that is kept where no server does; relative to where the process starts."""
    store: str = "sqlite:"
    """`sqlite:` or `sqlite:FOLDER`; `mongodb://USER:PASSWORD@HOST:PORT/NAME`, of which each service uses NAME_SERVICE."""
    broker: str = "local:"
    """`local:`, within one process; `amqp://` or `amqps://USER:PASSWORD@HOST:PORT/VHOST`."""
    broker_admin: str = ""
    """RabbitMQ's management API, `http(s)://USER:PASSWORD@HOST:PORT/VHOST`, for `parvis topology` and `subscriber` alone."""
    objects: str = "file:"
    """`file:` or `file:FOLDER`; `s3+https://KEY:SECRET@HOST:PORT/BUCKET` or `s3+http://`, perhaps with `?region=`."""
    mail: str = "maildir:"
    """`maildir:` or `maildir:FOLDER`, which send nothing; `smtps://USER:PASSWORD@HOST:PORT`, or `smtp://` with STARTTLS."""
    bounces: str = "none:"
    """The mailbox into which other servers return mails, read by `mailer`: `imaps://USER:PASSWORD@HOST/INBOX`; `none:`, and
    nobody is told that a mail came back."""
    scanner: str = "none:"
    """`none:`, which looks for no malware; `clamd://HOST:PORT`."""
    ent: str | None = None
    """`cas+https://HOST/PATH`; `oidc+https://CLIENT:SECRET@HOST/PATH`, the issuer; `none:`; `development:`, the suite's own
    with made-up people. Not said, it is `development:` in development and `none:` in production."""
    sis: str | None = None
    """The student records of the registrar: `https://USER:PASSWORD@HOST/PATH`; `file:FOLDER`, of JSON or CSV; `none:`. Not
    said, it is `file:` in development, the samples of its made-up students, and `none:` in production."""
    forms: str = "none:"
    """The server on which forms are filled in, asked by night: `limesurvey+https://USER:PASSWORD@HOST/PATH`, where its
    RemoteControl is; `none:`, and forms count as filled in by call-backs alone."""
    pre_enrolment: str | None = None
    """Who has accepted a place is handed over as tables in a folder, `folder:PATH`, or to `https://HOST/PATH`, signed; or
    `none:`. Not said, it is `folder:` in development, `$PARVIS_DATA/pre-enrolment`, and `none:` in production."""
    pre_enrolment_secret: Annotated[str, AfterValidator(str.strip)] = ""
    """Signs what `PARVIS_PRE_ENROLMENT` is told over HTTP, by `applications` and `documents`."""
    link_secret: Annotated[str, AfterValidator(str.strip)] = ""
    """Seals one-time links between `accounts` and `mailer`, the only ones to have it, and the devices by which staff
    show codes: lost with it, those are set up anew (docs/operations/backup.md). An old one may follow, after a blank, and
    must as long as it seals a device, which is sealed anew at a login with its code. Empty, where the whole suite is one
    process: it makes its own, `$PARVIS_DATA/link-secret`."""
    session_secret: Annotated[str, AfterValidator(str.strip)] = ""
    """Seals the sessions of browsers, the same in every replica of the portal; an old one may follow, after a blank.
    Empty, where the portal is one process: it makes its own, `$PARVIS_DATA/session-secret`."""
    forms_secret: Annotated[str, AfterValidator(str.strip)] = ""
    """Signs the call-backs of the forms' servers, which `applications` alone checks; an old one may follow, after a blank.
    Written `https://HOST=SECRET`, it is believed of the forms of that host alone. Empty, and none is believed."""
    clock: str = "system:"
    """`system:`; to rehearse a campaign, `offset:+SECONDS` shifts the whole suite, and `file:PATH` shows the instant that
    was written there last, and goes on from then (`2027-03-01T04:00:00+01:00`)."""
    public_url: str = ""
    """Empty means `http://127.0.0.1:<port>`."""
    api_url: str = ""
    """Where the portal reaches the public API; empty means the suite's own port."""
    keysets_url: str = ""
    """Where a service's key set is fetched, with `{service}`; empty means the suite's own port."""
    private_hosts: str = ""
    """Hosts, by commas, on a network that nobody else can hear: in production only these are spoken to without TLS."""
    behind_gateway: bool = False
    """Believe the gateway's `Parvis-Arrived`; only where nobody reaches a service but through the gateway."""
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = "127.0.0.0/8,::1/128"
    """Networks, by commas, whose `X-Forwarded-For` is believed: the gateway and the portal."""
    suite: Annotated[str, Field(pattern="^[a-z0-9-]{0,40}$")] = ""
    """The suite's name, by `parvis suite begin`: stores on a server that are empty or of another suite are then refused."""
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Paris"
    """The zone of the institution's days and deadlines."""
    lease_seconds: Annotated[float, Field(ge=3, le=60)] = 10.0
    """How long a replica that has fallen silent keeps what one does for all; then another one takes it over."""
    relay_pause: Annotated[float, Field(ge=0, le=60)] = 0.0
    """Seconds by which every round of the relay is slowed, to rehearse lag."""
    catch_up_seconds: Annotated[float, Field(gt=0, le=60)] = 2.0
    """How long a request waits for what its sender has seen, `Parvis-Seen`; then it is answered 503 `catching-up`."""
    max_in_flight: Annotated[int, Field(ge=1, le=100_000)] = 512
    """Requests that one process handles at once; one more is answered 503 `busy`, 429 beyond one's share of what is free."""
    max_streams: Annotated[int, Field(ge=1, le=100_000)] = 256
    """Downloads that one process sends at once; shared out like requests."""
    max_following: Annotated[int, Field(ge=1, le=100_000)] = 512
    """Connections over which one process tells people at once of changes, a quarter of all at most; shared out."""
    max_connections: Annotated[int, Field(ge=8, le=1_000_000)] = 4096
    """Connections of one process, less where it may open fewer files; beyond it those that ask for nothing are closed."""
    head_seconds: Annotated[float, Field(gt=0, le=600)] = 15.0
    """How long the head of a request may take, from the first byte, or from the connection if none comes."""
    body_seconds: Annotated[float, Field(gt=0, le=600)] = 20.0
    """How long the body of a request may take, uploads aside."""
    unread_seconds: Annotated[float, Field(gt=0, le=600)] = 20.0
    """How long a client may read nothing of its answer before the least rate counts."""
    unread_bytes_per_second: Annotated[int, Field(ge=1)] = 8192
    """The least rate at which an answer must be read."""

    @property
    def is_alone(self) -> bool:
        """Whether the whole suite is this one process."""
        return self.broker.startswith("local:")

    @property
    def base_url(self) -> str:
        """The address under which people reach the suite, without trailing slash."""
        return (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def api_address(self) -> str:
        """The address below which the portal finds `/api`, without trailing slash."""
        return (self.api_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def ent_url(self) -> str:
        """The ENT by which students come in."""
        return ("development:" if self.env == "development" else "none:") if self.ent is None else self.ent

    @property
    def has_own_ent(self) -> bool:
        """Whether people come in by the ENT of development, which is this very process."""
        return self.ent_url.startswith("development:")

    @property
    def sis_url(self) -> str:
        """The student records."""
        return ("file:" if self.env == "development" else "none:") if self.sis is None else self.sis

    @property
    def pre_enrolment_url(self) -> str:
        """Where those who have accepted a place are handed over."""
        default = "folder:" if self.env == "development" else "none:"
        return default if self.pre_enrolment is None else self.pre_enrolment

    @property
    def keyset_address(self) -> str:
        """The address of key sets, with `{service}`."""
        return self.keysets_url or f"http://127.0.0.1:{self.port}/api/{{service}}/jwks.json"

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The networks whose `X-Forwarded-For` is believed."""
        return networks(self.trusted_proxies)

    @property
    def zone(self) -> ZoneInfo:
        """The institution's time zone; calendar dates are in it."""
        return ZoneInfo(self.timezone)


PARAMETERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "institution": "institution.name",
        "contact": "institution.contact",
        "mailer_sign_off": "institution.sign_off",
        "mailer_sender_name": "institution.sender_name",
    }
)
"""The parameter that each variable of `FirstParameters` is the first value of."""

_INSTITUTION: Final = Parameters().institution


def values_of_file(path: Path) -> dict[str, Any]:
    """The parameters that a file of TOML gives, by key; raises ValueError for what is none, OSError."""
    return by_key(tomllib.loads(path.read_text(encoding="utf-8")))


def _of_file(path: str) -> str:
    """The path of a file in which nothing is wrong."""
    if path:
        try:
            _, faults = with_values(Parameters(), values_of_file(Path(path)))
        except OSError as error:
            raise ValueError(f"{path}: {error.strerror}") from None
        wrong = [f"{fault.field} must be {RULES[fault.field]}" for fault in faults if fault.field in RULES]
        wrong += [f"{fault.field} is no parameter" for fault in faults if fault.field not in RULES]
        if wrong:
            raise ValueError("; ".join(wrong))
    return path


class FirstParameters(EnvironmentSettings):
    """What the institution's parameters begin with, prefix `PARVIS_`; passed over once `offers` has its document of them.

    `parvis parameters set` changes them from then on (docs/operations/parameters.md).
    """

    model_config = SettingsConfigDict(env_prefix="PARVIS_", env_file=DOT_ENV, extra="ignore", frozen=True)

    institution: str = _INSTITUTION.name
    """First value of the parameter `institution.name`; production needs a name of its own."""
    contact: str = _INSTITUTION.contact
    """First value of the parameter `institution.contact`; production needs an address of its own."""
    mailer_sign_off: str = _INSTITUTION.sign_off
    """First value of the parameter `institution.sign_off`."""
    mailer_sender_name: str = _INSTITUTION.sender_name
    """First value of the parameter `institution.sender_name`."""
    first_parameters: Annotated[str, AfterValidator(_of_file)] = ""
    """A file of TOML, as `parvis parameters set --from` takes it, of which all parameters are the first values; the four
    variables above come before it."""

    @field_validator(*PARAMETERS)
    @classmethod
    def _by_its_rule(cls, value: Any, info: ValidationInfo) -> Any:
        """What the parameter can have; a variable that is there and says nothing where something is needed is not said."""
        key = PARAMETERS[str(info.field_name)]
        try:
            return RULES[key].read(value)
        except Unfit as unfit:
            if unfit.slug == "required":
                return value_of(Parameters(), key)
            raise ValueError(f"must be {RULES[key]}") from None


def first_parameters(settings: Settings) -> Parameters:
    """The institution's parameters as long as nobody has set any; in production, nothing in place of an example's values."""
    first = FirstParameters()
    of_file = values_of_file(Path(first.first_parameters)) if first.first_parameters else {}
    said = {PARAMETERS[name]: getattr(first, name) for name in PARAMETERS if name in first.model_fields_set}
    default = Parameters()
    given = of_file | {key: value for key, value in said.items() if value != value_of(default, key)}
    parameters, _ = with_values(default, given)
    if settings.env == "production":
        unfit: dict[str, Any] = {fault.field.partition(".")[2]: "" for fault in unfit_for_production(parameters)}
        parameters = replace(parameters, institution=replace(parameters.institution, **unfit))
    return parameters

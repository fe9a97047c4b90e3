"""What a start refuses: settings that cannot be used, and in production those that are not safe; all listed at once."""

from __future__ import annotations

import importlib
import importlib.util
import os
import stat
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, cast
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pydantic import Field, ValidationError
from pydantic_settings import DotEnvSettingsSource, SettingsConfigDict

from services import PORTAL, SERVICES, USES
from services.chassis.clients import Network
from services.chassis.security.webhooks import host_and_secret
from services.chassis.settings import DOT_ENV, EnvironmentSettings, FirstParameters, Settings, UnreadableSecret
from services.cli.run import ConfigurationError
from services.contracts.parameters import RULES

SCHEMES: Final = {
    "store": ("sqlite", {"mongodb", "mongodb+srv"}),
    "broker": ("local", {"amqp", "amqps"}),
    "objects": ("file", {"s3+http", "s3+https"}),
    "mail": ("maildir", {"smtp", "smtps"}),
    "bounces": ("none", {"imap", "imaps"}),
    "scanner": ("none", {"clamd"}),
    "ent": ("development", {"none", "cas+http", "cas+https", "oidc+http", "oidc+https"}),
    "sis": ("file", {"none", "http", "https"}),
    "forms": ("none", {"limesurvey+http", "limesurvey+https"}),
    "pre_enrolment": ("folder", {"none", "http", "https"}),
}
"""Port to the scheme that needs no server, and to those of servers."""
ONE_MACHINE: Final = frozenset({"store", "broker", "objects"})
"""Ports that need no server in production either, where `parvis up` runs the whole suite in one process."""
SHORTEST_SECRET: Final = 16
"""Characters of a secret between machines, which nobody has to remember."""
SHORTEST_GIVEN_SECRET: Final = 8
"""Those of the servers of mail, of mailboxes and of forms are given by those who run them."""
DEFAULT_SECRETS = {"", "admin", "guest", "minioadmin", "parvis", "password", "secret", "changeme", "change-me"}
_OVER_HTTPS: Final = {f"{each}+https" for each in ("cas", "limesurvey", "oidc", "s3")}
_ENCRYPTED: Final = frozenset({"amqps", "https", "imaps", "mongodb+srv", "smtps"} | _OVER_HTTPS)
_ALONE: Final = {"sis": "holds made-up people", "pre_enrolment": "is a folder of the suite's own"}
_YES, _NO = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})
_UNCHECKED: Final = {"no_verify_ssl", "tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames"}
_READABLE_BY_OTHERS: Final = stat.S_IRGRP | stat.S_IROTH
_HANDED_OVER: Final = Path("/run/secrets")
"""Where containers are handed their secrets; nobody else lives in one."""


class OldNames(EnvironmentSettings):
    """What 0.1.0 called a setting; passed over in silence, all who come through the gateway would count as one."""

    model_config = SettingsConfigDict(env_prefix="PARVIS_", env_file=DOT_ENV, extra="ignore", frozen=True)

    accounts_trusted_proxies: Annotated[str | None, Field(description="PARVIS_TRUSTED_PROXIES")] = None


def checked_settings(names: Sequence[str], *, others_elsewhere: bool = False) -> Settings:
    """The suite's settings, when these services (`portal` may be one) can run with them and those of their own.

    `others_elsewhere`: the rest of the suite runs in other processes, which these must be able to find. Raises
    ConfigurationError with a line for each setting that cannot be used or, in production, is not safe.
    """
    wrong = [*_renamed(), *_moved()]
    read = [settings for model in models(names) if (settings := _read(model, wrong)) is not None]
    settings = next((each for each in read if isinstance(each, Settings)), None)
    unsafe = []
    if settings is not None:
        wrong += _lonely(settings, names) if others_elsewhere else ()
        unsafe += unsafe_settings(settings, names, whole=not others_elsewhere)
        unsafe += [line for each in read for line in each.unsafe()] if settings.env == "production" else ()
    lists = {"unusable settings": wrong, "refused in production": unsafe}
    if text := "\n".join(f"{title}:\n  " + "\n  ".join(lines) for title, lines in lists.items() if lines):
        raise ConfigurationError(text)
    return cast("Settings", settings)


def _read(model: type[EnvironmentSettings], wrong: list[str]) -> EnvironmentSettings | None:
    """The settings of one model; what cannot be used is told in `wrong` and stands at its default, so that the rest is seen.

    None where the rest cannot be read either.
    """
    try:
        return model()
    except UnreadableSecret as error:
        wrong.append(f"{error.args[0]}: {error.args[1]}")
        return None
    except ValidationError as error:
        prefix = model.model_config.get("env_prefix", "")
        wrong += [
            f"{prefix}{'_'.join(map(str, each['loc']))}".upper().rstrip("_") + f": {each['msg']}"
            for each in error.errors(include_input=False)
        ]
        unusable = {str(each["loc"][0]) for each in error.errors() if each["loc"]}
    # Whoever cannot say which size it is wants to be judged by the stricter one.
    defaults = {name: model.model_fields[name].default for name in unusable}
    if "env" in defaults:
        defaults["env"] = "production"
    try:
        return model(**defaults) if unusable else None
    except (ValidationError, UnreadableSecret):
        return None


def unsafe_settings(settings: Settings, names: Sequence[str], *, whole: bool) -> list[str]:
    """A line for each setting that production must not have where these services run; none in development.

    `whole`: this one process is the whole suite. Only what they use is looked at; values are never repeated, since they
    hold secrets.
    """
    if settings.env != "production":
        return []
    wrong = [line for port in _ports(names) for line in _unsafe_port(port, settings, whole=whole)]
    if settings.api_url and PORTAL in names:
        wrong += _unsafe_url("api_url", settings.api_url, settings)
    if settings.keysets_url:
        # Repeated once where several services share an address.
        addresses = {settings.keysets_url.format(service=service) for service in SERVICES}
        wrong += sorted({line for each in addresses for line in _unsafe_url("keysets_url", each, settings)})
    public = _split(settings.base_url)
    if public is None or public.scheme != "https" or not public.hostname:
        wrong.append("PARVIS_PUBLIC_URL: people reach the suite by https only")
    if any(map(_is_half_the_internet, settings.proxies)):
        wrong.append("PARVIS_TRUSTED_PROXIES: the X-Forwarded-For of far too many is believed")
    wrong += _open_operations(settings)
    wrong += _unsafe_secrets(settings, names)
    if PORTAL in names and not whole and not settings.session_secret:
        wrong.append("PARVIS_SESSION_SECRET: every replica of the portal must be given the same")
    if settings.broker_admin:
        wrong.append("PARVIS_BROKER_ADMIN: is for operations; no service has business with the broker's administrator")
    if settings.clock != "system:":
        wrong.append("PARVIS_CLOCK: the clock is shifted")
    if settings.relay_pause:
        wrong.append("PARVIS_RELAY_PAUSE: the relay is slowed")
    if os.environ.get("PARVIS_CRASH_AT"):
        wrong.append("PARVIS_CRASH_AT: a crash is ordered")
    if (file := Path(DOT_ENV)).is_file() and file.stat().st_mode & _READABLE_BY_OTHERS:
        wrong.append(f"{DOT_ENV}: may hold secrets, and others than its owner can read it")
    return [*wrong, *_readable_secrets(names)]


def _unsafe_secrets(settings: Settings, names: Sequence[str]) -> Iterator[str]:
    """Whoever guesses one reads links, makes sessions or fills forms in; one of the suite's own nobody guesses."""
    for name in ("link_secret", "session_secret", "forms_secret", "pre_enrolment_secret"):
        used = any(name in USES.get(each, ()) for each in names)
        if used and any(len(host_and_secret(each)[1]) < SHORTEST_SECRET for each in getattr(settings, name).split()):
            yield f"PARVIS_{name.upper()}: is shorter than {SHORTEST_SECRET} characters"


def _open_operations(settings: Settings) -> Iterator[str]:
    """Health and figures are for operations; a container's wildcard is open to its own networks alone."""
    try:
        address = ip_address(settings.ops_host)
    except ValueError:
        if not _is_private(settings.ops_host.lower(), settings):
            yield "PARVIS_OPS_HOST: takes an address, or a name of PARVIS_PRIVATE_HOSTS"
        return
    if address.is_unspecified and not settings.behind_gateway:
        yield "PARVIS_OPS_HOST: every address, and PARVIS_BEHIND_GATEWAY does not say that nobody reaches them"
    elif not address.is_unspecified and not address.is_private:
        yield "PARVIS_OPS_HOST: the operations' pages are on a public address"


def _readable_secrets(names: Sequence[str]) -> Iterator[str]:
    """Files of secrets that everybody on this machine can read, however safe the folders above them are elsewhere."""
    for model in models(names):
        prefix = model.model_config.get("env_prefix", "")
        for name in model.model_fields:
            variable = f"{prefix}{name}_FILE".upper()
            path = os.environ.get(variable)
            if path and _everybody_reads(Path(path).resolve()):
                yield f"{variable}: everybody on this machine can read the file"


def _everybody_reads(file: Path) -> bool:
    if file.is_relative_to(_HANDED_OVER):
        return False
    try:
        return bool(file.stat().st_mode & stat.S_IROTH) and all(
            folder.stat().st_mode & stat.S_IXOTH for folder in file.parents
        )
    except OSError:
        return False  # it is told as unreadable elsewhere


def given_names() -> set[str]:
    """The names of all variables of the environment and of `.env`, in upper case."""
    written = DotEnvSettingsSource(Settings, env_file=DOT_ENV).env_vars
    return {name.upper() for name in (*os.environ, *written)}


def _moved() -> Iterator[str]:
    """Variables that are parameters by now: passed over in silence, people would be treated otherwise than was said."""
    given = given_names()
    for key in RULES:
        variable = f"PARVIS_{key.replace('.', '_')}".upper()
        if not given.isdisjoint((variable, f"{variable}_FILE")):
            yield (
                f"{variable}: is now the parameter {key}: parvis parameters set {key}=..., "
                "or for the first start in the file that PARVIS_FIRST_PARAMETERS names"
            )


def _renamed() -> Iterator[str]:
    old = OldNames()
    for name, field in OldNames.model_fields.items():
        if getattr(old, name) is not None:
            yield f"PARVIS_{name.upper()}: is now {field.description}"


def _lonely(settings: Settings, names: Sequence[str]) -> Iterator[str]:
    services = set(names) - {PORTAL}
    if services and settings.broker.partition(":")[0] == "local":
        yield "PARVIS_BROKER: local: cannot leave its process; serve needs amqp://"
    if services and services != set(SERVICES) and not settings.keysets_url:
        yield "PARVIS_KEYSETS_URL: services must be told where they find the keys of those that run elsewhere"
    if any("link_secret" in USES.get(name, ()) for name in services) and not settings.link_secret:
        yield "PARVIS_LINK_SECRET: accounts and mailer must be given the same where they run apart"
    if PORTAL in names and services != set(SERVICES) and not settings.api_url:
        yield "PARVIS_API_URL: the portal must be told where it reaches the API: at the gateway"


def models(names: Sequence[str]) -> Iterator[type[EnvironmentSettings]]:
    """The settings of every process, and those of these services."""
    yield from (Settings, FirstParameters)
    for name in names:
        if importlib.util.find_spec(f"services.{name}.settings") is None:
            continue
        module = importlib.import_module(f"services.{name}.settings")
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and issubclass(value, EnvironmentSettings)
                and value.__module__ == module.__name__
            ):
                yield value


def _ports(names: Sequence[str]) -> list[str]:
    services = [name for name in names if name != PORTAL]
    used = {"store", "broker"} if services else set()
    return [port for port in SCHEMES if port in used.union(*(USES.get(name, ()) for name in services))]


def _unsafe_port(name: str, settings: Settings, *, whole: bool) -> Iterator[str]:
    variable = f"PARVIS_{name.upper()}"
    url = getattr(settings, f"{name}_url", None) or getattr(settings, name)
    bare, servers = SCHEMES[name]
    if name == "ent" and _scheme(url) in ("none", bare):
        if _scheme(url) == bare:
            yield f"{variable}: {bare}: lets anybody in as made-up people, and is for development"
    elif name in _ALONE and _scheme(url) in ("none", bare):
        if url == f"{bare}:":
            yield f"{variable}: {bare}: alone {_ALONE[name]}, and is for development"
    elif _scheme(url) != bare:
        yield from _unsafe_url(name, url, settings, servers | ({bare} if whole and name in ONE_MACHINE else set()))
    elif name == "mail":
        yield f"{variable}: {bare}: sends nothing, and is for development"
    elif not whole and name not in ("forms", "bounces"):  # which one may do without
        yield f"{variable}: {bare}: is for the whole suite in one process, `parvis up`"
    elif name == "broker" and _scheme(settings.store) != "sqlite":
        yield f"{variable}: {bare}: cannot leave its process, and goes with sqlite: alone"
    elif name == "scanner" and _scheme(settings.store) != "sqlite":
        yield f"{variable}: {bare}: scans nothing, and is for one machine with sqlite: alone"
    elif name == "scanner" and name not in settings.model_fields_set:
        yield f"{variable}: nothing looks for malware; say {bare}: on purpose, or name a scanner"


def _scheme(url: str) -> str:
    return url.partition(":")[0]


def _split(url: str) -> SplitResult | None:
    """The parts of a URL, if it has any: ports that are no numbers and brackets that stay open are none."""
    try:
        parts = urlsplit(url)
        _ = parts.port if "," not in parts.netloc else None
    except ValueError:
        return None
    return parts


def _unsafe_url(
    name: str, url: str, settings: Settings, schemes: AbstractSet[str] = frozenset({"http", "https"})
) -> Iterator[str]:
    variable = f"PARVIS_{name.upper()}"
    if _scheme(url) not in schemes:
        yield f"{variable}: the URL must begin with {' or '.join(f'{each}:' for each in sorted(schemes))}"
        return
    parts = _split(url)
    if parts is None:
        yield f"{variable}: is not a URL"
        return
    userinfo, _, addresses = parts.netloc.rpartition("@")
    query = {key.lower(): value.lower() for key, value in parse_qsl(parts.query, keep_blank_values=True)}
    if name in ("store", "broker", "objects", "forms", "bounces") or (name == "mail" and userinfo):
        shortest = SHORTEST_GIVEN_SECRET if name in ("mail", "forms", "bounces") else SHORTEST_SECRET
        yield from _unsafe_secret(variable, userinfo, query, shortest)
    if not _is_encrypted(parts, query):
        for host in map(_host, addresses.split(",")):
            if not _is_private(host, settings):
                yield f"{variable}: {host or 'its host'} is spoken to without TLS and is not in PARVIS_PRIVATE_HOSTS"
    elif any(query.get(option, "no") not in _NO for option in _UNCHECKED):
        yield f"{variable}: the server's certificate is not checked"


def _unsafe_secret(variable: str, userinfo: str, query: dict[str, str], shortest: int) -> Iterator[str]:
    user, _, password = (unquote(part) for part in userinfo.partition(":"))
    if query.get("authmechanism") == "mongodb-x509":
        return
    if not user:
        yield f"{variable}: names no user"
    elif password.lower() in DEFAULT_SECRETS or password == user:
        yield f"{variable}: its secret is a default one"
    elif len(password) < shortest:
        yield f"{variable}: its secret is shorter than {shortest} characters"


def _is_encrypted(parts: SplitResult, query: dict[str, str]) -> bool:
    tls = query.get("tls", query.get("ssl", ""))
    if parts.scheme.startswith("mongodb"):
        return tls in _YES or (parts.scheme == "mongodb+srv" and tls not in _NO)
    # The adapter sends no password before STARTTLS, and without a password takes what it gets.
    return parts.scheme in _ENCRYPTED or (parts.scheme == "smtp" and bool(parts.username))


def _is_half_the_internet(network: Network) -> bool:
    """Whether a network holds more than any one institution's proxies; private ones are nobody's from outside."""
    return not network.is_private and network.prefixlen < (16 if network.version == 4 else 32)


def _host(address: str) -> str:
    """The host of `HOST:PORT` or `[HOST]:PORT`, in lower case."""
    return (address[1:].partition("]")[0] if address.startswith("[") else address.partition(":")[0]).lower()


def _is_private(host: str, settings: Settings) -> bool:
    if host == "localhost" or host in {each.strip().lower() for each in settings.private_hosts.split(",")} - {""}:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

"""docker-compose.yml and what it mounts fit the suite: its services, settings, secrets and refusals."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import yaml

from services import PORTAL, SERVICES, USES
from services.cli.docs_generation import settings as settings_page
from services.cli.production_checks import checked_settings
from services.cli.run import ConfigurationError

IMAGE = "parvis:${SUITE_VERSION:-0.1.0}"
PROCESSES = (*SERVICES, PORTAL)
OPERATORS = {"operator": "objects-operator", "restorer": "objects"}
"""Who types commands about all services, and with whose key to the objects."""
ADDRESSES = ("bounces", "scanner", "ent", "sis", "forms", "pre_enrolment")
"""Ports that are no secret where the suite is delivered; who names one with a password in it hands that over as a file."""
ENV_FILES = ("production", "rehearsal")


@pytest.fixture(scope="module")
def compose(root: Path) -> dict[str, Any]:
    document = yaml.safe_load((root / "docker-compose.yml").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


@pytest.fixture(scope="module")
def made(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of secrets, as an operator makes it."""
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    subprocess.run(
        [sys.executable, root / "deploy/env/make_secrets.py", folder],
        env={**os.environ, "PYTHONPATH": str(root)},
        check=True,
        capture_output=True,
    )
    return folder


def variables(file: Path) -> dict[str, str]:
    """The assignments of an env file."""
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def secrets_of(service: dict[str, Any]) -> dict[str, str]:
    """Where a container finds which secret."""
    found = {}
    for secret in service.get("secrets", []):
        source, target = (secret, secret) if isinstance(secret, str) else (secret["source"], secret["target"])
        found[target if target.startswith("/") else f"/run/secrets/{target}"] = source
    return found


def setting_names() -> set[str]:
    return set(re.findall(r"^\| `(PARVIS_[A-Z_]+)`", settings_page(), re.MULTILINE))


def test_it_keeps_to_the_compose_specification(root: Path, compose: dict[str, Any]) -> None:
    schema = root / "tests/architecture/schemas/compose-spec/compose-spec.json"
    specification = jsonschema.Draft7Validator(json.loads(schema.read_text(encoding="utf-8")))
    assert not list(specification.iter_errors(compose))
    assert list(specification.iter_errors({**compose, "services": {"accounts": {"comand": ["up"]}}}))


def test_every_process_of_the_suite_has_its_container(compose: dict[str, Any]) -> None:
    served = {
        tuple(service["command"][1:]): name
        for name, service in compose["services"].items()
        if service["image"] == IMAGE and service["command"][0] == "serve"
    }
    assert served == {(name,): name for name in PROCESSES}


def test_every_container_has_no_more_rights_than_it_needs(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.get("privileged"), name
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        if service["image"] == IMAGE:
            assert service["read_only"] and service["init"], name
            # The image's own user, 10001, whose places of work are in memory.
            assert "user" not in service and "cap_add" not in service, name
            assert service.get("volumes", []) == (["backups:/backups"] if name in OPERATORS else []), name
            assert [place.partition(":")[0] for place in service["tmpfs"]] == ["/tmp", "/var/lib/parvis"], name
            assert "uid=10001,gid=10001,mode=700" in service["tmpfs"][1], name


def test_a_service_holds_its_own_secrets_and_nobody_elses(compose: dict[str, Any]) -> None:
    for name in PROCESSES:
        ports = () if name == PORTAL else ("store", "broker")
        wanted = {f"/run/secrets/{port}": f"{port}-{name}" for port in ports}
        shared = [each.replace("_", "-") for each in USES.get(name, ()) if each not in ADDRESSES]
        wanted |= {f"/run/secrets/{each}": each for each in shared}
        assert secrets_of(compose["services"][name]) == wanted


def test_who_types_commands_holds_what_they_need_and_is_not_there_by_itself(compose: dict[str, Any]) -> None:
    for name, objects in OPERATORS.items():
        service = compose["services"][name]
        assert (service["profiles"], service["networks"]) == (["tools"], ["back"])
        assert secrets_of(service) == {"/run/secrets/store": f"store-{name}", "/run/secrets/objects": objects}
    assert all(
        service.get("profiles") != ["tools"] or name in OPERATORS for name, service in compose["services"].items()
    )


def test_every_image_of_somebody_else_can_be_pinned(root: Path, compose: dict[str, Any]) -> None:
    """The page that says how names each of them."""
    page = (root / "docs/operations/deploying.md").read_text(encoding="utf-8")
    images = {service["image"] for service in compose["services"].values()} - {IMAGE}
    images.add(compose["services"]["accounts"]["build"]["args"]["PYTHON_IMAGE"])
    for image in images:
        found = re.fullmatch(r"\$\{([A-Z]+_IMAGE):-([a-z/]+:[a-z0-9.-]+)\}", image)
        assert found is not None, image
        assert f"`{found[1]}`" in page, image
    assert f"ARG PYTHON_IMAGE={found_default(images, 'PYTHON_IMAGE')}\n" in (root / "deploy/Dockerfile").read_text()


def found_default(images: set[str], name: str) -> str:
    """What stands where an operator says nothing."""
    (image,) = (image for image in images if image.startswith(f"${{{name}:-"))
    return image.partition(":-")[2].removesuffix("}")


def test_what_can_be_scaled_has_no_name_and_no_port_of_its_own(compose: dict[str, Any]) -> None:
    for name in PROCESSES:
        assert {"container_name", "ports", "hostname"}.isdisjoint(compose["services"][name])


def said_by_nobody(value: str) -> str:
    """A value of the file where the environment says nothing of what it may be set to."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


def test_only_the_gateway_is_open_to_the_world(compose: dict[str, Any]) -> None:
    """The broker is so by TLS alone, once an address is given."""
    open_ones = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert open_ones.pop("gateway")
    unless_said = [said_by_nobody(port) for ports in open_ones.values() for port in ports]
    assert all(port.startswith("127.0.0.1:") for port in unless_said)
    assert [port.rpartition(":")[2] for port in open_ones["rabbitmq"]] == ["5671"]


SPEAK_ELSEWHERE: Final = ("accounts", "applications")
"""The ENT and the student records; the servers of forms (acceptance 64)."""


def test_who_opens_files_of_strangers_has_no_way_out(compose: dict[str, Any]) -> None:
    ways_out = {name for name, network in compose["networks"].items() if not network.get("internal")}
    assert ways_out == {"edge"}
    out = {name for name, service in compose["services"].items() if "edge" in service["networks"]}
    assert out == {"gateway", "mailer", "rabbitmq", "clamav", "mail", "prometheus", *SPEAK_ELSEWHERE}
    for name in ("mongodb", "seaweedfs"):
        assert compose["services"][name]["networks"] == ["back"]
    assert "edge" not in compose["services"]["documents"]["networks"]


def test_who_speaks_to_somebody_shares_a_network(compose: dict[str, Any]) -> None:
    networks = {name: set(service["networks"]) for name, service in compose["services"].items()}
    speaks = {("gateway", name) for name in PROCESSES} | {(PORTAL, "gateway"), ("mailer", "mail")}
    speaks |= {(name, server) for name in SERVICES for server in ("mongodb", "rabbitmq", "accounts")}
    speaks |= {("documents", "seaweedfs"), ("documents", "clamav"), ("prometheus", "documents")}
    for one, other in speaks:
        assert networks[one] & networks[other], f"{one} -> {other}"


def test_who_waits_for_somebody_healthy_waits_for_one_who_says_so(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            says_so = "healthcheck" in services[other] or services[other]["image"] == IMAGE
            ends = services[other]["restart"] == "no"
            expected = "service_completed_successfully" if ends else "service_healthy"
            assert how["condition"] == expected, f"{name} -> {other}"
            assert ends or says_so, f"{name} -> {other}"
            # Who is there by profile may be absent.
            assert how.get("required", True) is ("profiles" not in services[other]), f"{name} -> {other}"


def test_no_secret_stands_in_the_file_and_each_has_a_maker(compose: dict[str, Any], made: Path) -> None:
    assert {file.name for file in made.iterdir()} == set(compose["secrets"])
    assert {entry["file"] for entry in compose["secrets"].values()} == {
        f"./secrets/{name}" for name in compose["secrets"]
    }
    handed = [secrets_of(service) for service in compose["services"].values()]
    assert {source for each in handed for source in each.values()} == set(compose["secrets"])
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            assert name.endswith("_FILE") or not re.search("PASSWORD|SECRET|TOKEN", name)
            assert "@" not in value
            assert not name.endswith("_FILE") or value in secrets_of(service)


def test_secrets_are_for_their_owner_and_stay_as_they_are(root: Path, made: Path, tmp_path: Path) -> None:
    assert made.stat().st_mode & 0o777 == 0o700
    before = {file.name: file.read_text() for file in made.iterdir()}
    own = tmp_path / "secrets"
    shutil.copytree(made, own)
    (own / "mail").unlink()
    (own / "mail").write_text("smtps://me:mine@mail.univ.example\n")
    (own / "store-offers").unlink()
    make = runpy.run_path(str(root / "deploy/env/make_secrets.py"))["main"]
    make(own, "localhost")
    after = {file.name: file.read_text() for file in own.iterdir()}
    assert {name for name, text in after.items() if before[name] != text} == {"mail", "store-offers"}
    assert after["mail"] == "smtps://me:mine@mail.univ.example\n"


def test_files_that_are_mounted_are_there(root: Path, compose: dict[str, Any]) -> None:
    mounts = [volume.split(":") for service in compose["services"].values() for volume in service.get("volumes", [])]
    for source, *rest in mounts:
        if source.startswith("./"):
            assert (root / source).is_file(), source
            assert rest[-1] == "ro", source
        else:
            assert source in compose["volumes"]


@pytest.mark.parametrize("name", ENV_FILES)
def test_every_name_that_is_set_is_a_setting(root: Path, compose: dict[str, Any], name: str) -> None:
    settings = setting_names()
    given = set(variables(root / f"deploy/env/{name}.env"))
    for service in compose["services"].values():
        given |= set(service.get("environment", {})) if service["image"] == IMAGE else set()
    ours = {each for each in given if each.startswith("PARVIS_")}
    assert {each.removesuffix("_FILE") for each in ours} <= settings


@pytest.fixture
def container(
    root: Path, compose: dict[str, Any], made: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., None]:
    """Puts this process into the environment of a container."""
    monkeypatch.chdir(tmp_path)

    def enter(service: str, env_file: str, **more: str) -> None:
        for name in [name for name in os.environ if name.startswith("PARVIS_")]:
            monkeypatch.delenv(name)
        found = secrets_of(compose["services"][service])
        given = variables(root / f"deploy/env/{env_file}.env")
        environment = {**given, **more, **compose["services"][service]["environment"]}
        for name, value in environment.items():
            is_secret = name.startswith("PARVIS_") and name.endswith("_FILE")
            monkeypatch.setenv(name, str(made / found[value]) if is_secret else said_by_nobody(value))

    return enter


@pytest.mark.parametrize("env_file", ENV_FILES)
@pytest.mark.parametrize("service", PROCESSES)
def test_each_container_starts_by_the_rules_of_production(
    container: Callable[..., None], service: str, env_file: str
) -> None:
    # What an institution has to fill in, the last in the file of that secret.
    filled_in = {"PARVIS_MAILER_SENDER": "no-reply@univ.test", "PARVIS_MAILER_DOMAIN": "univ.test"}
    filled_in |= {"PARVIS_INSTITUTION": "Université de Test", "PARVIS_CONTACT": "aide@univ.test"}
    filled_in |= {"PARVIS_MAIL": "smtps://parvis:4v8mZ1tWq0r7Xc2Lp9@mail.univ.test"}
    container(service, env_file, **filled_in)
    assert checked_settings([service], others_elsewhere=True).base_url.startswith("https://")


def test_production_does_not_start_before_it_is_filled_in(container: Callable[..., None]) -> None:
    container("mailer", "production")
    with pytest.raises(ConfigurationError) as refused:
        checked_settings(["mailer"], others_elsewhere=True)
    names = {line.split(":")[0].strip() for line in refused.value.message.splitlines()[1:]}
    assert names == {"PARVIS_MAIL", "PARVIS_MAILER_SENDER", "PARVIS_MAILER_DOMAIN"}


def test_the_example_of_dot_env_names_every_setting(root: Path) -> None:
    """`parvis docs --check` compares it word by word; here, that nothing in it is active and nothing is missing."""
    lines = (root / ".env.example").read_text(encoding="utf-8").splitlines()
    assert all(not line or line.startswith("#") for line in lines)
    assert set(re.findall(r"^#(PARVIS_[A-Z_]+)=", "\n".join(lines), re.MULTILINE)) == setting_names()


def test_prometheus_asks_every_process(root: Path) -> None:
    config = yaml.safe_load((root / "deploy/observability/prometheus.yml").read_text(encoding="utf-8"))
    assert config["scrape_configs"][0]["dns_sd_configs"][0]["names"] == list(PROCESSES)


def test_what_uses_a_port_says_so_on_the_map(root: Path) -> None:
    """`services.USES` is by what a process is judged at its start and which secrets it is handed."""
    for name in SERVICES:
        wiring = (root / f"services/{name}/wiring.py").read_text(encoding="utf-8")
        shared = {"objects", "mail", "bounces", "scanner", "ent", "sis", "forms", "link_secret", "forms_secret"}
        shared.add("pre_enrolment")
        used = {each for each in shared if re.search(rf"\bports\.(settings\.)?{each}(_url)?\b", wiring)}
        assert used == set(USES.get(name, ())) - {"pre_enrolment_secret"}, name  # with which its port is opened

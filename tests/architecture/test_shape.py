"""The five services have one shape, that of docs/services.md: who knows one finds the way in every other."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services import SERVICES
from tests.architecture.source import ROOT, listed, place, tree

ROOMS = (
    "domain",
    "integrity",
    "publications",
    "repository",
    "routes",
    "settings",
    "subscriptions",
    "usecases",
    "views",
)
OPTIONAL = {"integrity", "settings", "subscriptions"}
"""Rooms of services that promise something beyond their documents, that are told something of their own, that listen."""

LONGEST = 350
TIMES = re.compile(r"(.*_)?(at|on|day|deadline|instant|moment|until|since)")
"""Names of members and arguments that are days or instants."""


def functions(module: ast.Module) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """The public functions of a module."""
    return {
        node.name: node
        for node in module.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
    }


def signature(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """`(name: type, ...) -> type`, as it is written."""
    return f"({ast.unparse(function.args)}) -> {ast.unparse(function.returns) if function.returns else ''}"


def names(module: ast.Module) -> set[str]:
    """What a module assigns at its top."""
    return {
        node.target.id for node in module.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def has(file: Path, **wanted: str) -> Iterator[str]:
    """The functions of these signatures that a module lacks."""
    there = functions(tree(file))
    for name, written in wanted.items():
        said = signature(there[name]) if name in there else "not there"
        if said != written:
            yield f"{place(file, 1)}: {name}{written} is {said}"


def rooms(service: Path) -> Iterator[str]:
    for room in ROOMS:
        there = (service / f"{room}.py").is_file() or (service / room / "__init__.py").is_file()
        if not there and room not in OPTIONAL:
            yield f"{service.name}: there is no {room}"
    for module in ("domain/events.py", "domain/states.py", "usecases/app.py"):
        if not (service / module).is_file():
            yield f"{service.name}: there is no {module}"
    for file in service.rglob("*.py"):
        if len(file.read_text(encoding="utf-8").splitlines()) > LONGEST:
            yield f"{place(file, 1)}: longer than {LONGEST} lines"


def application_object(service: Path) -> Iterator[str]:
    """`App` in `usecases/app.py`, a frozen dataclass, and nothing beside it."""
    file = service / "usecases/app.py"
    classes = [node for node in tree(file).body if isinstance(node, ast.ClassDef)]
    written = [f"{node.name} {' '.join(map(ast.unparse, node.decorator_list))}" for node in classes]
    if written != ["App dataclass(frozen=True, slots=True)"] or functions(tree(file)):
        yield f"{place(file, 1)}: {written}"


def wiring(service: Path) -> Iterator[str]:
    """`use_cases` and `build`; whoever else enters brings the ports and the command."""
    file = service / "wiring.py"
    yield from has(file, use_cases="(ports: Ports) -> App", build="(ports: Ports) -> Service")
    for name, function in functions(tree(file)).items():
        if name in ("build", "use_cases"):
            continue
        arguments = {each.arg: ast.unparse(each.annotation or each) for each in _arguments(function)}
        if [*arguments.items()][:1] != [("ports", "Ports")] or arguments.get("command") != "CommandContext":
            yield f"{place(file, function.lineno)}: {name}{signature(function)}"
        if "use_cases(ports)" not in ast.unparse(function):
            yield f"{place(file, function.lineno)}: {name} joins the rooms anew"


def routes(service: Path) -> Iterator[str]:
    """Routes ask the application object and the views; `Views` is a frozen dataclass of the room of that name."""
    yield from has(_room(service, "routes"), routes="(app: App, views: Views) -> Sequence[Route]")
    room = service / "views"
    files = [*room.rglob("*.py")] if room.is_dir() else [service / "views.py"]
    classes = [node for file in files for node in tree(file).body if isinstance(node, ast.ClassDef)]
    written = [ast.unparse(each.decorator_list[0]) for each in classes if each.name == "Views" and each.decorator_list]
    if written != ["dataclass(frozen=True, slots=True)"]:
        yield f"{service.name}: views have no one frozen Views: {written}"


def settings(service: Path) -> Iterator[str]:
    """Classes of `EnvironmentSettings` alone; the first is `<Service>Settings`, of names that begin with the service's."""
    file = service / "settings.py"
    if not file.is_file():
        return
    classes = [node for node in tree(file).body if isinstance(node, ast.ClassDef)]
    if [node.name for node in classes][:1] != [f"{service.name.title()}Settings"] or functions(tree(file)):
        yield f"{place(file, 1)}: is not {service.name.title()}Settings"
    for node in classes:
        prefix = f"env_prefix='PARVIS_{service.name.upper()}_'" if node is classes[0] else "env_prefix='PARVIS_"
        if [*map(ast.unparse, node.bases)] != ["EnvironmentSettings"] or prefix not in ast.unparse(node):
            yield f"{place(file, node.lineno)}: {node.name}"


def _room(service: Path, name: str) -> Path:
    file = service / f"{name}.py"
    return file if file.is_file() else service / name / "__init__.py"


def subscriptions(service: Path) -> Iterator[str]:
    """A table from event to use case; the use case is given the application object, the event and the command."""
    file = service / "subscriptions.py"
    if not file.is_file():
        return
    yield from has(file, subscriptions="(ports: Ports, app: App) -> Mapping[type[Event], Apply]")
    if missing := {"TABLE", "LISTENS", "FROM_NOW"} - names(tree(file)):
        yield f"{place(file, 1)}: no {', '.join(sorted(missing))}"
    if "Callable[[App, Any, CommandContext], Awaitable[None]]" not in file.read_text(encoding="utf-8"):
        yield f"{place(file, 1)}: the table's use cases are others than (app, event, command)"


def publications(service: Path) -> Iterator[str]:
    """`<thing>_events(id, <thing>, domain_event)` for every aggregate, which its repository asks."""
    package = service / "publications/__init__.py"
    file = package if package.is_file() else service / "publications.py"
    found = [node for name, node in functions(tree(file)).items() if name.endswith("_events")]
    for function in found:
        arguments = [each.arg for each in _arguments(function)]
        told = ast.unparse(function.returns) if function.returns else ""
        if arguments[:1] + arguments[2:] != ["id", "domain_event"] or told != "Sequence[Event]":
            yield f"{place(file, function.lineno)}: {function.name}{signature(function)}"
    if not found:
        yield f"{place(file, 1)}: no <thing>_events"


def repositories(service: Path) -> Iterator[str]:
    """Aggregates have a `<Thing>Repository`, in the room of that name."""
    for file in service.rglob("*.py"):
        in_its_room = "repository" in str(file.relative_to(service))
        for node in ast.walk(tree(file)):
            if not isinstance(node, ast.ClassDef) or "Aggregates[" not in " ".join(map(ast.unparse, node.bases)):
                continue
            if not node.name.endswith("Repository") or not in_its_room:
                yield f"{place(file, node.lineno)}: {node.name}"


def integrity(service: Path) -> Iterator[str]:
    file = service / "integrity.py"
    if file.is_file():
        yield from has(file, violations="(ports: Ports, app: App, record: Record) -> AsyncIterator[str]")


def states(service: Path) -> Iterator[str]:
    """Enumerations of states and actions, and the table of what becomes of what."""
    file = service / "domain/states.py"
    module = tree(file)
    classes = {node.name for node in module.body if isinstance(node, ast.ClassDef)}
    for ending in ("State", "Action"):
        if not any(name.endswith(ending) for name in classes):
            yield f"{place(file, 1)}: no {ending}"
    assigned = {ast.unparse(node.target) for node in module.body if isinstance(node, ast.AnnAssign)}
    if not any(name.endswith("TABLE") for name in assigned):
        yield f"{place(file, 1)}: no TABLE"


def days_and_instants(service: Path) -> Iterator[str]:
    """A domain speaks of `date` and `datetime`; their text stands at the edges."""
    for file in (service / "domain").rglob("*.py"):
        for node in ast.walk(tree(file)):
            match node:
                case ast.AnnAssign(target=ast.Name(id=name), annotation=said) | ast.arg(arg=name, annotation=said):
                    if TIMES.fullmatch(name) and said is not None and re.search(r"\bstr\b", ast.unparse(said)):
                        yield f"{place(file, node.lineno)}: {name} is text"
                case ast.Attribute(attr="isoformat" | "fromisoformat"):
                    yield f"{place(file, node.lineno)}: {node.attr}"


def _arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


RULES: tuple[Callable[[Path], Iterator[str]], ...] = (
    rooms,
    application_object,
    wiring,
    routes,
    settings,
    subscriptions,
    publications,
    repositories,
    integrity,
    states,
    days_and_instants,
)


@pytest.mark.parametrize("rule", RULES)
def test_every_service_has_the_one_shape(rule: Callable[[Path], Iterator[str]]) -> None:
    findings = [finding for service in SERVICES for finding in rule(ROOT / "services" / service)]
    assert not findings, listed(findings)


@pytest.mark.parametrize(
    ("rule", "file", "before", "after"),
    [
        (rooms, "views.py", None, None),
        (rooms, "domain/states.py", None, None),
        (application_object, "usecases/app.py", "class App:", "class Mailer:"),
        (wiring, "wiring.py", "def build(ports: Ports)", "def build(ports: Ports, quick: bool)"),
        (wiring, "wiring.py", "async def flush(ports: Ports, command", "async def flush(store: Store, command"),
        (wiring, "wiring.py", "flush(use_cases(ports), command)", "flush(App(ports), command)"),
        (routes, "routes.py", "(app: App, views: Views)", "(app: App)"),
        (routes, "views.py", "class Views:", "class Shown:"),
        (routes, "views.py", "@dataclass(frozen=True, slots=True)", "@dataclass"),
        (settings, "settings.py", "class MailerSettings(", "class Mailing("),
        (settings, "settings.py", "MailerSettings(EnvironmentSettings)", "MailerSettings(BaseSettings)"),
        (settings, "settings.py", "PARVIS_MAILER_", "PARVIS_MAILS_"),
        (subscriptions, "subscriptions.py", "def subscriptions(ports: Ports, app: App)", "def subscriptions(app: App)"),
        (subscriptions, "subscriptions.py", "TABLE", "_TABLE"),
        (publications, "publications.py", "def delivery_events(id: str, ", "def delivery_events("),
        (publications, "publications.py", "delivery_events", "events"),
        (repositories, "repository/__init__.py", "class DeliveryRepository(", "class Deliveries("),
        (integrity, "integrity.py", "(ports: Ports, app: App", "(app: App"),
        (states, "domain/states.py", "class Action(", "class Move("),
        (states, "domain/states.py", "TABLE: ", "NEXT: "),
        (days_and_instants, "domain/delivery.py", "created_at: datetime", "created_at: str"),
        (days_and_instants, "domain/delivery.py", "now + ", "now.isoformat() + "),
    ],
)
def test_a_service_of_another_shape_is_seen(
    tmp_path: Path, rule: Callable[[Path], Iterator[str]], file: str, before: str | None, after: str | None
) -> None:
    service = tmp_path / "mailer"
    shutil.copytree(ROOT / "services/mailer", service, ignore=shutil.ignore_patterns("templates", "__pycache__"))
    assert list(rule(service)) == []
    if before is None or after is None:
        (service / file).unlink()
    else:
        content = (service / file).read_text(encoding="utf-8")
        assert before in content
        (service / file).write_text(content.replace(before, after), encoding="utf-8")
    assert list(rule(service))


def test_a_file_that_is_too_long_is_seen(tmp_path: Path) -> None:
    service = tmp_path / "mailer"
    shutil.copytree(ROOT / "services/mailer", service, ignore=shutil.ignore_patterns("templates", "__pycache__"))
    (service / "views.py").write_text("\n" * LONGEST, encoding="utf-8")
    assert list(rooms(service)) == []
    (service / "views.py").write_text("\n" * (LONGEST + 1), encoding="utf-8")
    assert len(list(rooms(service))) == 1

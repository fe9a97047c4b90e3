"""From a template and variables to a letter: one text per language, from which the HTML is made too."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import mrml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2 import Template as Subject
from markupsafe import escape

from services.chassis.texts.typography import typeset
from services.mailer.domain.delivery import Letter
from services.mailer.domain.priority import Priority

Language = Literal["fr", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("fr", "en")
FOLDER: Final = Path(__file__).parents[1] / "templates"

_BUTTON: Final = {"fr": "Ouvrir le lien", "en": "Open the link"}
_FOOT: Final = {
    "fr": "Message automatique du service de candidature.",
    "en": "Automatic message of the application service.",
}


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of mail: the type of event that it answers to or the kinds that it gathers, its priority, its subjects.

    `unproved`: it goes to an address that may be a stranger's, so it repeats nothing that somebody has typed.
    """

    kind: str
    event: str
    priority: Priority
    subject: Mapping[str, str]
    gathers: frozenset[str] = frozenset()
    unproved: bool = False


class Templates:
    """All kinds of mails, read from their folder; a new mail is a new folder and needs no Python."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Raises KeyError or OSError at once if a template lacks a part."""
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            trim_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,  # noqa: S701 - plain text; the HTML is escaped block by block
        )
        self.kinds: dict[str, Template] = {}
        self._subjects: dict[tuple[str, Language], Subject] = {}
        for path in sorted(folder.glob("*/mail.toml")):
            read = tomllib.loads(path.read_text())
            priority = Priority(read["priority"])
            kind = path.parent.name
            subject: dict[str, str] = {name: read["subject"][name] for name in LANGUAGES}
            gathers = frozenset(read.get("gathers", ()))
            event, unproved = "" if gathers else read["event"], bool(read.get("unproved"))
            self.kinds[kind] = Template(kind, event, priority, subject, gathers, unproved)
            for language in LANGUAGES:
                self._environment.get_template(f"{kind}/{language}.txt")
                self._subjects[kind, language] = self._environment.from_string(read["subject"][language])

    def answering(self, event_type: str) -> list[Template]:
        """The kinds of mail that an event of this type asks for."""
        return [template for template in self.kinds.values() if template.event == event_type]

    def gathering(self, kind: str) -> Template | None:
        """The kind of mail that tells of several of this kind at once, if there is one."""
        return next((template for template in self.kinds.values() if kind in template.gathers), None)

    def write(self, kind: str, language: Language, variables: Mapping[str, Any], *, secret: str = "") -> Letter:
        """Write one letter; raises jinja2.UndefinedError if the template names a fact that is not given."""
        subject = self._subjects[kind, language].render(variables)
        text = self._environment.get_template(f"{kind}/{language}.txt").render(variables)
        subject, text = typeset(subject, language), typeset(text, language)
        return Letter(subject.replace("\n", " ").strip(), text, _html(text, language), secret)


def _html(text: str, language: str) -> str:
    """The text as an HTML mail: an address alone on its line becomes a button with the address below it."""
    blocks = [block for block in text.split("\n\n") if block.strip()]
    body = "".join(_block(block.strip("\n"), language) for block in blocks)
    # Without its table of fonts: it would have every reader's mail program ask a third party for them.
    options = mrml.RenderOptions(fonts={})
    return str(mrml.to_html(_layout(language).replace("<!-- body -->", body), render_options=options).content)


def _block(block: str, language: str) -> str:
    lines = block.split("\n")
    if all(line.startswith("- ") for line in lines):
        items = "".join(f"<li>{escape(line[2:])}</li>" for line in lines)
        return f"<mj-text><ul>{items}</ul></mj-text>"
    if len(lines) == 1 and block.startswith(("https://", "http://")):
        address = escape(block)
        return (
            f'<mj-button href="{address}">{_BUTTON[language]}</mj-button>'
            f'<mj-text font-size="14px"><a href="{address}">{address}</a></mj-text>'
        )
    return f"<mj-text>{'<br />'.join(str(escape(line)) for line in lines)}</mj-text>"


@lru_cache(maxsize=len(LANGUAGES))
def _layout(language: str) -> str:
    """The frame of every mail, in MJML."""
    return f"""<mjml lang="{language}"><mj-head>
<mj-attributes>
<mj-all font-family="system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif" />
<mj-text font-size="17px" line-height="1.5" color="#1d2733" />
<mj-button background-color="#1f4e79" color="#ffffff" font-size="18px" border-radius="4px" inner-padding="14px 28px" />
</mj-attributes>
<mj-style>a {{ color: #1f4e79; overflow-wrap: anywhere; }}</mj-style>
</mj-head><mj-body background-color="#f2f4f7">
<mj-section background-color="#1f4e79" padding="12px"><mj-column>
<mj-text color="#ffffff" font-size="18px" font-weight="600">Parvis</mj-text></mj-column></mj-section>
<mj-section background-color="#ffffff" padding="16px 8px"><mj-column><!-- body --></mj-column></mj-section>
<mj-section padding="8px"><mj-column><mj-text font-size="13px" color="#4a5563">{_FOOT[language]}</mj-text>
</mj-column></mj-section></mj-body></mjml>"""

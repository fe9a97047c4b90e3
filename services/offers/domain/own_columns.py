"""The columns of an institution's own catalogue, and how their cells are read, as registrars write them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.contracts.text_folding import fold
from services.offers.domain.programmes import JPEG, PDF, PNG, Contact
from services.offers.domain.rules import Checks
from services.offers.domain.text import Text

CENTRE: Final = "centre"
DIPLOMA: Final = "diploma"
COMMISSION: Final = "commission"
REQUIREMENT: Final = "requirement"
FORM: Final = "form"
QUESTION: Final = "question"
PROGRAMME: Final = "programme"

KINDS: Final[Mapping[str, str]] = {
    CENTRE: "centre",
    DIPLOMA: "diplôme",
    COMMISSION: "commission",
    REQUIREMENT: "pièce",
    FORM: "formulaire",
    QUESTION: "question",
    PROGRAMME: "formation",
}
"""What a row can be of, each with its French word."""

DAYS: Final = (
    "opens_on",
    "closes_on",
    "submission_deadline",
    "review_on",
    "jury_on",
    "publication_on",
    "answer_deadline",
    "waitlist_answer_deadline",
)
DELAYS: Final = ("answer_delay_days", "waitlist_answer_delay_days")

COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "kind": ("Type", "what the row is of: " + ", ".join(f"`{name}` ({word})" for name, word in KINDS.items())),
    "code": (
        "Code",
        "letters, digits and hyphens; by it rows name one another, and a second import finds what it made",
    ),
    "label_fr": ("Intitulé", "title or name in French"),
    "label_en": ("Intitulé en anglais", "the same in English"),
    "centre": ("Centre", "programme: code of its centre; what a whole centre asks for: code of that centre"),
    "diploma": ("Diplôme", "programme: code of its type of diploma"),
    "commission": ("Commission", "programme: code of its board"),
    "keywords": ("Mots clés", "programme: words, parted by `|`"),
    "route": ("Accès", "programme: `controlled` (contrôlé; the default) or `direct`"),
    "offered": ("Proposée", "programme: `yes` (the default) or `no`, if it takes nobody this year"),
    "capacity": ("Capacité", "programme: how many are taken"),
    "groups": (
        "Groupes de la liste complémentaire",
        (
            "programme: of its waiting list, parted by `|`, each `CODE ; French ; English ; places` (the last two "
            "optional); without this column, those that there are stay"
        ),
    ),
    "passes_on": (
        "Places transmises aux autres groupes",
        "programme: `yes`, if a place of a group in which nobody waits is for the others, in their order",
    ),
    "opens_on": ("Ouverture", "first day of applications, `2027-02-01` or `01/02/2027`; as all days, also of a centre"),
    "closes_on": ("Fermeture", "last day of applications"),
    "submission_deadline": ("Date limite de retour", "last day of submission"),
    "review_on": ("Examen", "day of the review"),
    "jury_on": ("Jury", "day of the board's meeting"),
    "publication_on": ("Publication", "day on which decisions are published"),
    "answer_deadline": ("Date de confirmation", "last day to accept, or the next column"),
    "answer_delay_days": ("Délai de confirmation", "days to accept after the decision"),
    "waitlist_answer_deadline": ("Date de confirmation LC", "the same for the waiting list"),
    "waitlist_answer_delay_days": ("Délai de confirmation LC", "the same for the waiting list"),
    "contact_name": ("Contact", "whom to ask; without any, the centre's contact, and there, the centre itself"),
    "contact_address": ("Adresse", "lines, parted by `|`"),
    "contact_email": ("Mail", "address for questions"),
    "contact_phone": ("Téléphone", "number for questions"),
    "contact_url": ("Site", "web page"),
    "information_fr": ("Informations", "programme: what candidates should know; `|` begins a line"),
    "information_en": ("Informations en anglais", "the same in English"),
    "requirements": ("Pièces", "programme: codes of the documents that it asks for itself, parted by `|`"),
    "forms": ("Formulaires", "programme: codes of its own forms, parted by `|`"),
    "questions": ("Questions", "programme: codes of its own questions, parted by `|`"),
    "level": (
        "Niveau",
        "document, form, question: asked by the `university` of everybody, by the `centre`, or `own` (propre; the default)",
    ),
    "conditional": ("Conditionnelle", "document: `yes`, if candidates may declare that it does not concern them"),
    "optional": ("Facultative", "document: `yes`, if one can submit without it"),
    "common": ("Commune", "document: `yes`, if it is given once for several applications"),
    "per_application": ("Propre à chaque candidature", "document: `yes`, if a common one is wanted anew each time"),
    "max_megabytes": ("Taille maximale", "document: largest file, in megabytes (default 2)"),
    "media_types": ("Formats", "document: `PDF`, `JPEG`, `PNG`, parted by `|` (default PDF and JPEG)"),
    "model_document": ("Modèle", "document: address of a file to fill in"),
    "registrar_code": (
        "Code de la scolarité",
        "document: under which the student records hold it: whose record lists it need not give it",
    ),
    "url": ("Adresse du formulaire", "form: web address; `{application}` and `{file_number}` are filled in"),
    "required": ("Obligatoire", "form, question: `yes` (the default) or `no`"),
    "answer_kind": ("Réponse", "question: `text` (texte; the default) or `yes-no` (oui/non)"),
}
"""Every column by the name that JSON and lists of faults use: its French title, and what it says."""

SEPARATOR: Final = "|"
_YES_NO: Final = {
    **dict.fromkeys(("yes", "oui", "1", "true", "vrai", "x", "o", "y"), True),
    **dict.fromkeys(("no", "non", "0", "false", "faux", "n"), False),
}
ROUTES: Final = {
    "controlled": "controlled",
    "controle": "controlled",
    "acces controle": "controlled",
    "direct": "direct",
}
LEVELS: Final = {
    "university": "university",
    "universite": "university",
    "centre": "centre",
    "own": "own",
    "propre": "own",
}
ANSWERS: Final = {"text": "text", "texte": "text", "yes no": "yes-no", "oui non": "yes-no"}
TYPES: Final = {"pdf": PDF, "jpeg": JPEG, "jpg": JPEG, "png": PNG}
_KINDS: Final = {fold(word): kind for kind, french in KINDS.items() for word in (kind, french)}
_NUMBER: Final = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a file: the line on which it begins, and its cells by column, or what makes it unreadable.

    A column that the file does not have is not among them; an empty cell is.
    """

    line: int
    cells: Mapping[str, str]
    fault: str | None = None


class Cells:
    """Reads the cells of one row; what cannot be read is noted in `checks` under its column."""

    def __init__(self, entry: Entry) -> None:
        self.line = entry.line
        self.checks = Checks()
        self._cells = entry.cells
        if entry.fault is not None:
            self.checks.fault("row", entry.fault)

    def says(self, column: str) -> bool:
        """Whether the file has that column, or the object that member, be it empty."""
        return column in self._cells

    def text(self, column: str) -> str:
        """One line of text, or nothing."""
        return " ".join(self._cells.get(column, "").split())

    def texts(self, column: str) -> tuple[str, ...]:
        """Several, parted by bars."""
        parts = (" ".join(part.split()) for part in self._cells.get(column, "").split(SEPARATOR))
        return tuple(dict.fromkeys(part for part in parts if part))

    def lines(self, column: str) -> str:
        """A text of several lines."""
        whole = self._cells.get(column, "").replace(SEPARATOR, "\n")
        return "\n".join(" ".join(line.split()) for line in whole.splitlines()).strip()

    def bilingual(self, column: str, *, lines: bool = False) -> Text:
        """The text of two columns."""
        read = self.lines if lines else self.text
        return Text(read(f"{column}_fr"), read(f"{column}_en") or None)

    def kind(self) -> str:
        """What the row is of; nothing, if it does not say."""
        return self.one_of("kind", _KINDS, "")

    def yes(self, column: str, *, otherwise: bool = False) -> bool:
        """Yes or no."""
        given = self.text(column)
        word = fold(given)
        if given and word not in _YES_NO:
            self.checks.fault(column, "not-yes-or-no")
        return _YES_NO.get(word, otherwise)

    def one_of(self, column: str, words: Mapping[str, str], otherwise: str) -> str:
        """What one of these words stands for."""
        given = self.text(column)
        word = fold(given)
        if word not in words and (given or not otherwise):
            self.checks.fault(column, "not-a-choice" if given else "required")
        return words.get(word, otherwise)

    def some_of(self, column: str, words: Mapping[str, str], otherwise: Sequence[str]) -> tuple[str, ...]:
        """What some of these words stand for."""
        given = [fold(word) for word in self.texts(column)]
        if not set(given) <= set(words):
            self.checks.fault(column, "not-a-choice")
        return tuple(dict.fromkeys(words[word] for word in given if word in words)) or tuple(otherwise)

    def number(self, column: str) -> int | None:
        """A whole number, or none."""
        written = self.text(column)
        if not written:
            return None
        if not _NUMBER.fullmatch(written):
            self.checks.fault(column, "not-a-number")
            return None
        return int(written)

    def day(self, column: str) -> date | None:
        """A calendar day, or none."""
        written = self.text(column)
        if not written:
            return None
        for form in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                return datetime.strptime(written, form).date()  # noqa: DTZ007 - a calendar day has no zone
            except ValueError:
                continue
        self.checks.fault(column, "not-a-day")
        return None

    def contact(self) -> Contact | None:
        """Whom to ask, if the row says anything of it; its name may be empty."""
        given = [self.text(f"contact_{part}") for part in ("name", "email", "phone", "url")]
        address = self.texts("contact_address")
        if not any(given) and not address:
            return None
        name, email, phone, url = given
        return Contact(name, address, email, phone, url)

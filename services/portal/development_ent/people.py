"""The people of the development ENT: six students and four members of staff, all of them made up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class MadeUp:
    """Somebody of whom the ENT says this; ENTs know people without an address, with several, and with an odd one."""

    login: str
    family_name: str
    given_name: str
    emails: tuple[str, ...]
    student_number: str = ""

    @property
    def kind(self) -> Literal["student", "staff"]:
        """Students have a number."""
        return "student" if self.student_number else "staff"


PEOPLE: Final = (
    MadeUp("amartin", "Martin", "Alice", ("alice.martin@etu.example.org",), "22400001"),
    MadeUp("bnguyen", "Nguyễn", "Bảo", ("bao.nguyen@etu.example.org",), "22400002"),
    MadeUp("clhote", "L’Hôte", "Chloé", ("chloe.lhote@etu.example.org", "chloe@example.net"), "22400003"),
    MadeUp("ddiallo", "Diallo", "Djibril", (), "22400004"),
    MadeUp("eroux", "Roux", "Élodie", ("elodie.roux(at)etu.example.org",), "22400005"),
    MadeUp("fsaidi", "Saïdi", "Farah", ("farah.saidi@etu.example.org",), "22400006"),
    MadeUp("gbernard", "Bernard", "Gilles", ("gilles.bernard@example.org",)),
    MadeUp("hmoreau", "Moreau", "Hélène", ("helene.moreau@example.org",)),
    MadeUp("ikone", "Koné", "Ibrahim", ("ibrahim.kone@example.org",)),
    MadeUp("jpetit", "Petit", "Jeanne", ("jeanne.petit@example.org",)),
)

BY_LOGIN: Final = {person.login: person for person in PEOPLE}

"""The series of the French baccalaureate and the years in which they were passed (acceptance 25, 32)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Series:
    """A series by the code that is kept, its French name, and the first and last year; 0: none, it goes on."""

    code: str
    name: str
    first: int = 0
    last: int = 0

    def was_passed(self, year: int) -> bool:
        """Whether there was such a baccalaureate in a year."""
        return self.first <= year and (self.last == 0 or year <= self.last)


OTHER: Final = "Autre"

SERIES: Final = (
    Series("Générale", "Générale", 2021),
    Series("S", "S – Scientifique", 1995, 2020),
    Series("ES", "ES – Économique et sociale", 1995, 2020),
    Series("L", "L – Littéraire", 1995, 2020),
    Series("STMG", "STMG – Management et gestion", 2014),
    Series("STI2D", "STI2D – Industrie et développement durable", 2013),
    Series("ST2S", "ST2S – Santé et social", 2009),
    Series("STL", "STL – Laboratoire", 1995),
    Series("STD2A", "STD2A – Design et arts appliqués", 2013),
    Series("STAV", "STAV – Agronomie et vivant", 2008),
    Series("STHR", "STHR – Hôtellerie et restauration", 2018),
    Series("S2TMD", "S2TMD – Théâtre, musique et danse", 2021),
    Series("Professionnelle", "Professionnelle", 1987),
    Series("TMD", "TMD – Musique et danse", 1977, 2020),
    Series("Hôtellerie", "Hôtellerie", 1971, 2017),
    Series("STG", "STG – Gestion", 2007, 2013),
    Series("STT", "STT – Tertiaire", 1995, 2006),
    Series("STI", "STI – Industrie", 1995, 2012),
    Series("SMS", "SMS – Médico-social", 1995, 2008),
    Series("STAE", "STAE – Agronomie et environnement", 1995, 2007),
    Series("STPA", "STPA – Produit agroalimentaire", 1995, 2007),
    Series("A", "A – Philosophie, lettres (A1 à A7)", 1968, 1994),
    Series("B", "B – Économique et social", 1968, 1994),
    Series("C", "C – Mathématiques et sciences physiques", 1968, 1994),
    Series("D", "D – Mathématiques et sciences de la nature", 1968, 1994),
    Series("D'", "D’ – Sciences agronomiques", 1968, 1994),
    Series("E", "E – Mathématiques et technique", 1968, 1994),
    Series("F", "F – Technicien de l’industrie ou du médico-social (F1 à F12)", 1969, 1994),
    Series("G", "G – Technicien de l’économie (G1 à G3)", 1969, 1994),
    Series("H", "H – Technicien de l’informatique", 1970, 1994),
    Series("Philosophie", "Philosophie", 1902, 1967),
    Series("Mathématiques élémentaires", "Mathématiques élémentaires", 1902, 1967),
    Series("Sciences expérimentales", "Sciences expérimentales", 1942, 1967),
    Series("Mathématiques et technique", "Mathématiques et technique", 1946, 1967),
    Series("Technique et économie", "Technique et économie", 1953, 1967),
    Series(OTHER, "Autre série"),
)
"""Those that most people have, today's first; `OTHER` stands for any that lacks."""

"""What values the parameters can have that say which fee regimes and exemptions there are."""

from __future__ import annotations

from dataclasses import dataclass

from services.contracts.decision_rules import are_texts, read_lines
from services.contracts.fee_lists import MOST_FEE_ITEMS, fee_item, line_of
from services.contracts.parameter_rules import Unfit
from services.contracts.text_folding import fold


@dataclass(frozen=True, slots=True)
class FeeItems:
    """Regimes or exemptions, one on a line, as `contracts/fee_lists.py` reads them; no two are called alike in French."""

    most: int = MOST_FEE_ITEMS

    def read(self, given: object) -> tuple[str, ...]:
        """The lines in the order given; raises Unfit."""
        items = read_lines(given, self.most, fee_item, "not-a-fee-item")
        if len({each.code.casefold() for each in items}) < len(items):
            raise Unfit("repeated")
        if len({fold(each.fr) or each.fr for each in items}) < len(items):
            raise Unfit("labels-alike")
        return tuple(map(line_of, items))

    def holds(self, value: object) -> bool:
        """Whether these are texts, of which this release may understand less."""
        return are_texts(value)

    def __str__(self) -> str:
        return (
            f"at most {self.most} lines `CODE \\| FRENCH LABEL \\| ENGLISH LABEL \\| WORDS`, as text parted by `;`; the "
            "only word is `inactive`"
        )

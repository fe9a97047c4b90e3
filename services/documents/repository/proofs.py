"""What letters prove, in the row of their document."""

from __future__ import annotations

from services.chassis.ports import Document as Row
from services.documents.domain.letter_proof import Proof


def proof_row(proof: Proof | None) -> Row:
    """The member of a row that says it; none of a document that proves nothing."""
    if proof is None:
        return {}
    said = [[label, text] for label, text in proof.facts]
    shorter = {"shorter": list(proof.shorter)} if proof.shorter else {}
    return {"proof": {"language": proof.language, "facts": said, "name_sha256": proof.name_sha256, **shorter}}


def proof_of(row: Row) -> Proof | None:
    """What `proof_row` wrote."""
    if (kept := row.get("proof")) is None:
        return None
    facts = tuple((label, text) for label, text in kept["facts"])
    return Proof(kept["language"], facts, kept["name_sha256"], tuple(kept.get("shorter", ())))

"""The documents that French universities usually ask for."""

from __future__ import annotations

from typing import Final

from services.offers.domain.programmes import Requirement
from services.offers.domain.text import Text

MODELS: Final = "/api/offers/models"


def usual_requirements(max_bytes: int) -> dict[str, Requirement]:
    """The usual requirements by code, each taking files up to and including `max_bytes`."""
    requirements = (
        Requirement("cv", Text("Curriculum vitae", "Curriculum vitae"), common=True, max_bytes=max_bytes),
        Requirement(
            "releves-bac",
            Text("Relevés de notes du baccalauréat", "Transcript of the baccalaureate"),
            common=True,
            max_bytes=max_bytes,
            registrar_code="RNBAC",
        ),
        Requirement(
            "releves-post-bac",
            Text("Relevés de notes depuis le baccalauréat", "Transcripts since the baccalaureate"),
            common=True,
            max_bytes=max_bytes,
        ),
        Requirement("lettre-motivation", Text("Lettre de motivation", "Letter of motivation"), max_bytes=max_bytes),
        Requirement(
            "lettre-recommandation",
            Text("Lettre de recommandation (modèle à compléter)", "Letter of recommendation (form to fill in)"),
            max_bytes=max_bytes,
            model_document=f"{MODELS}/lettre-de-recommandation.pdf",
        ),
        Requirement(
            "dossier-complementaire",
            Text("Dossier complémentaire (modèle à compléter)", "Additional file (form to fill in)"),
            max_bytes=max_bytes,
            model_document=f"{MODELS}/dossier-complementaire.pdf",
        ),
        Requirement(
            "justificatifs-stages",
            Text("Justificatifs de stages", "Certificates of internships"),
            conditional=True,
            max_bytes=max_bytes,
        ),
        Requirement(
            "attestation-b2",
            Text("Attestation de niveau de langue B2", "Certificate of language level B2"),
            conditional=True,
            common=True,
            max_bytes=max_bytes,
        ),
        Requirement(
            "photo",
            Text("Photographie d’identité", "Portrait photograph"),
            common=True,
            max_bytes=max_bytes,
            optional=True,
        ),
    )
    return {requirement.code: requirement for requirement in requirements}

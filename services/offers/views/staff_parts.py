"""Centres, boards and requirements as staff see them who keep them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from services.contracts.api import catalogue_parts as api
from services.contracts.api.catalogue import WrittenContact, WrittenLine
from services.offers.domain.kept import Asked, Centre, Commission, KeptPart, Uses
from services.offers.domain.programmes import Contact
from services.offers.domain.text import Language, Text


def centre(kept: KeptPart, said: Centre, uses: Uses) -> api.StaffCentre:
    """A centre."""
    written = api.WrittenCentre(
        label=_line(said.unit.label), contact=_contact(said.contact), dates=api.WrittenDays(**asdict(said.days))
    )
    return api.StaffCentre(code=kept.code, version=kept.revision, programmes=_count(kept, uses), centre=written)


def commission(kept: KeptPart, said: Commission, uses: Uses) -> api.StaffCommission:
    """A board."""
    letters, alerts = said.letters, said.alerts
    written = api.WrittenCommission(
        label=_line(said.unit.label),
        centre=said.owner,
        contact=_contact(said.contact),
        letters=api.WrittenLetters(
            kinds=list(letters.kinds),
            signatory=letters.signatory,
            function=letters.function,
            signature=letters.signature,
        ),
        alerts=api.WrittenAlerts(on=list(alerts.on), email=alerts.email, language=alerts.language),
    )
    return api.StaffCommission(code=kept.code, version=kept.revision, programmes=_count(kept, uses), commission=written)


def requirement(kept: KeptPart, said: Asked, uses: Uses) -> api.StaffRequirement:
    """A requirement."""
    asked = said.requirement
    written = api.KeptRequirement.model_validate(
        {
            "label": _line(asked.label),
            "centre": said.owner,
            "conditional": asked.conditional,
            "optional": asked.optional,
            "common": asked.common,
            "per_application": asked.per_application,
            "max_bytes": asked.max_bytes,
            "media_types": list(asked.media_types),
            "model_document": asked.model_document,
            "registrar_code": asked.registrar_code,
        }
    )
    return api.StaffRequirement(
        code=kept.code, version=kept.revision, programmes=_count(kept, uses), requirement=written
    )


def rows(found: Sequence[KeptPart], query: api.PartsPage, uses: Uses, language: Language) -> api.StaffParts:
    """A page of these, which are in the order of their codes."""
    shown = [each for each in found if query.after is None or each.code > query.after]
    page = shown[: query.limit]
    items = [
        api.StaffPartRow(
            code=each.code,
            version=each.revision,
            programmes=_count(each, uses),
            label=each.said.unit.label.within(language),
            centre=each.said.owner,
        )
        for each in page
    ]
    return api.StaffParts(items=items, next=page[-1].code if len(shown) > len(page) else None, total=len(found))


def _count(kept: KeptPart, uses: Uses) -> int:
    use = uses.get((kept.kind, kept.code))
    return 0 if use is None else use.programmes


def _line(text: Text) -> WrittenLine:
    return WrittenLine(fr=text.fr, en=text.en)


def _contact(contact: Contact) -> WrittenContact:
    return WrittenContact(
        name=contact.name, address=list(contact.address), email=contact.email, phone=contact.phone, url=contact.url
    )

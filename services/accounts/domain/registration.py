"""What a registration must say (acceptance 2, 3)."""

from __future__ import annotations

from services.accounts.domain.text import folded, name_faults
from services.contracts.refusals import FieldError


def registration_faults(
    family_name: str, given_name: str | None, email: str, email_confirmation: str
) -> list[FieldError]:
    """What is wrong with a registration, but for the form of the address itself; no given name: there is but one name."""
    faults = name_faults("family_name", family_name)
    if given_name is not None:
        faults += name_faults("given_name", given_name, given=("single_name",))
    if not email:
        faults.append(FieldError("email", "required"))
    if not email_confirmation:
        faults.append(FieldError("email_confirmation", "required"))
    elif folded(email_confirmation) != folded(email):
        faults.append(FieldError("email_confirmation", "confirmation-differs", given=("email",)))
    return faults

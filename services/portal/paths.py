"""Addresses of pages that are known beyond their own module."""

from __future__ import annotations

from typing import Final

from yarl import URL

from services.contracts.parameters import LARGEST_UPLOAD

LOGIN: Final = "/connexion"
LOGIN_CODE: Final = f"{LOGIN}/code"
LOGIN_RECOVERY: Final = f"{LOGIN}/secours"
"""Where what was typed before one logged in comes along, sealed: longer than any other form."""
LARGEST_LOGIN: Final = 196_608
"""Bytes of such a form, the longest other one in it too.

Sealing makes four characters of three bytes of JSON, which has twice as many bytes as the form at most (what forms write
`%01` is `\\u0001` there), some for each field, and two addresses beside them.
"""
APPLICATIONS: Final = "/candidatures"
ONE: Final = APPLICATIONS + "/{id}"
FOLLOWED: Final = ONE + "/nouvelles"
"""Where a script hears of changes, for minutes."""
PIECE: Final = ONE + "/pieces/{code}"
"""Where a form brings the files of a piece, which are larger than any other form."""
PIECES_OF_FILES: Final = PIECE + "/envois/{upload:[0-9a-z]{26}}"
"""Where a script brings such files piece by piece."""
LARGEST_SLICE: Final = 2**20
"""Bytes of such a piece, of which scripts send half."""
LARGEST_FORM: Final = 50 * 2**20
"""Bytes of all files of such a form, inclusive: a dozen photos as phones take them."""
CATALOGUE: Final = "/formations"
PROFILE: Final = "/profil"
SECOND_FACTOR: Final = "/compte/second-facteur"
"""Where staff set up a device that shows codes."""
REVIEW: Final = "/gestion"
"""Where staff find the files that they examine."""
STAFF: Final = f"{REVIEW}/personnes"
"""Where administrators give and take rights."""

IN_PLACE: Final = REVIEW + "/{id}/au-nom"
PIECE_IN_PLACE: Final = IN_PLACE + "/pieces/{code}"
"""Where a form brings the file of a piece that staff deposit in its candidate's place."""

DELIBERATION: Final = REVIEW + "/deliberation"
DELIBERATION_PREVIEW: Final = DELIBERATION + "/apercu"
"""Where a form brings a table."""
DELIBERATION_DONE: Final = DELIBERATION + "/confirmation"
"""Where the page of its preview brings it back."""
LARGEST_TABLE_FORM: Final = 3 * 2**20
"""Bytes of a form that brings a table, packed, in letters that forms leave as they are."""
MEETINGS: Final = REVIEW + "/seances"
"""Where boards meet."""
CATALOGUE_IMPORT: Final = REVIEW + "/import-catalogue"
IMPORT_PREVIEW: Final = CATALOGUE_IMPORT + "/apercu"
"""Where a form brings a catalogue."""
IMPORT_DONE: Final = CATALOGUE_IMPORT + "/confirmation"
"""Where the page of its preview brings it back."""
IMPORT_TEMPLATE: Final = CATALOGUE_IMPORT + "/modele.csv"
LARGEST_CATALOGUE_FORM: Final = 12 * 2**20
"""Bytes of a form that brings a catalogue, as `LARGEST_TABLE_FORM`."""
CAMPAIGNS: Final = REVIEW + "/campagnes"
CAMPAIGN: Final = CAMPAIGNS + "/{campaign}"
NEW_CAMPAIGN: Final = REVIEW + "/nouvelle-campagne"
ROLLOVER: Final = CAMPAIGN + "/reconduction"
"""Where the programmes of another campaign are carried into one."""
DEADLINES: Final = REVIEW + "/dates-limites"
BUNDLES: Final = REVIEW + "/telechargements"
"""Where staff have many files in one download."""
BUNDLE_FILE: Final = BUNDLES + "/{id}/fichier"
"""Where they take it away, of up to 4 GiB."""
STATISTICS: Final = REVIEW + "/statistiques"
PRE_ENROLMENTS: Final = REVIEW + "/pre-inscriptions"
"""Where managers see whom the student records have refused, and have many tried anew."""
HAND_OVERS: Final = PRE_ENROLMENTS + "/pieces"
"""Where they see how far the documents of those who were handed over are."""
STAFF_CATALOGUE: Final = REVIEW + "/catalogue"
"""Where staff keep the programmes."""
PLACES: Final = STAFF_CATALOGUE + "/{code}/places"
"""Where managers see who has a place of a programme, and who waits."""
PEOPLE: Final = REVIEW + "/comptes"
"""Where support finds people and helps them."""
DOUBTS: Final = REVIEW + "/doublons"
"""Where support tells apart who bears one student number."""
CONNECTORS: Final = REVIEW + "/connecteurs"
"""Where administrators see how what services depend on fares."""
INCIDENTS: Final = REVIEW + "/incidents"
"""Where administrators judge when candidates could not work."""
PARAMETERS: Final = REVIEW + "/parametres"
LETTERS: Final = REVIEW + "/lettres"
MAIL_TEXTS: Final = REVIEW + "/mails"
DELIVERIES: Final = REVIEW + "/messages"
"""Where support sees what became of mails."""
CENTRES: Final = REVIEW + "/centres"
CENTRE_LETTERS: Final = CENTRES + "/{code}/lettres"
"""Where staff write the words of a centre's letters."""
COMMISSIONS: Final = REVIEW + "/commissions"
SIGNATURE: Final = COMMISSIONS + "/{code}/lettres"
"""Where a form brings the picture of the signature of a board's letters."""
REQUIREMENTS: Final = REVIEW + "/pieces"
"""Where staff keep what programmes name."""
MODEL: Final = REQUIREMENTS + "/{code}/modele"
"""Where a form brings the file to fill in of a requirement."""
NEW_PROGRAMME: Final = REVIEW + "/nouvelle-formation"
PAGE_OVERHEAD: Final = 1 << 20
"""Bytes that a browser's form adds to the files that it sends."""
LARGE_PAGES: Final = {
    PIECE: LARGEST_FORM + PAGE_OVERHEAD,
    f"{PIECE}/envois/{{upload}}": LARGEST_SLICE,
    PIECE_IN_PLACE: LARGEST_FORM + PAGE_OVERHEAD,
    DELIBERATION_PREVIEW: LARGEST_TABLE_FORM,
    DELIBERATION_DONE: LARGEST_TABLE_FORM,
    IMPORT_PREVIEW: LARGEST_CATALOGUE_FORM,
    IMPORT_DONE: LARGEST_CATALOGUE_FORM,
    MODEL: LARGEST_UPLOAD + PAGE_OVERHEAD,
    **dict.fromkeys((LOGIN, LOGIN_CODE, LOGIN_RECOVERY), LARGEST_LOGIN),
}
"""Addresses of pages to which more comes than to others, and bytes that may at once: by a form, by a script that sends
slices."""


def at_query(here: URL, **query: str) -> str:
    """The address of a page within the site, with another query: one slash, because two would begin a host."""
    changed = here.update_query(query)
    return f"/{changed.raw_path.lstrip('/')}?{changed.raw_query_string}"

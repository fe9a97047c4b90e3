"""Countries and territories by their ISO 3166-1 alpha-2 codes, and Kosovo by the code that the European Union uses."""

from __future__ import annotations

from typing import Final

_ALL: Final = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ "
    "BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM "
    "DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS "
    "GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN "
    "KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ "
    "MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
    "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV "
    "SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
    "VN VU WF WS XK YE YT ZA ZM ZW"
)
_FORMER: Final = "AN BU CS CT DD DY FQ FX HV JT MI NH NQ NT PC PU PZ RH SU TP VD WK YD YU ZR"
_FRENCH_POST: Final = "FR BL GF GP MF MQ NC PF PM RE WF YT"

CODES: Final = frozenset(_ALL.split())

BIRTH_COUNTRIES: Final = CODES | frozenset(_FORMER.split())
"""And the states and territories that were, by the codes that ISO 3166-3 has withdrawn and given to no other since."""
NATIONALITIES: Final = CODES | {"XA", "XB", "XC", "XX"}
"""And who has none to give: stateless, refugees (two conventions), not known; ICAO 9303 writes each with one more X."""

FRANCE: Final = "FR"
FRENCH_POST: Final = frozenset(_FRENCH_POST.split())
"""Where the French post delivers, by postcodes of five digits."""

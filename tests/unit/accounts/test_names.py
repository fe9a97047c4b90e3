"""Names of people pass, addresses of sites do not, and what is kept is no link to any mail program (acceptance 108)."""

from __future__ import annotations

import re

import pytest

from services.accounts.domain.text import name_faults, unlinked

KEPT = {
    "Zoé": "Zoé",
    "J.R.R.": "J.R.R.",
    "J.-R.": "J.-R.",
    "M.-A.": "M.-A.",
    "Jr.": "Jr.",
    "Sammy Davis, Jr.": "Sammy Davis, Jr.",
    "St. John": "St. John",
    "St.John": "St. John",
    "St.Lô": "St. Lô",
    "J.Li": "J. Li",
    "d'Arc": "d'Arc",
    "de l’Isle-Adam": "de l’Isle-Adam",
    "Anne.Marie": "Anne. Marie",
    "Ma. Teresa": "Ma. Teresa",
    "Raj s/o Kumar": "Raj s/o Kumar",
    "Md. Abdul": "Md. Abdul",
    "Νίκος Π.": "Νίκος Π.",
    "李小龍": "李小龍",
    "Dot Com": "Dot Com",
    "Wwwiski": "Wwwiski",
    "3e": "3e",
    "evil.test": "evil. test",
    "t.co": "t. co",
    "evil.a.technology": "evil.a. technology",
    "evil.technology/x": "evil. technology/x",
    "Md.Al-Amin": "Md. Al-Amin",
    "Md.Al Mamun": "Md. Al Mamun",
    "Abd.Al-Rahman": "Abd. Al-Rahman",
    "Abd.Al‑Rahman": "Abd. Al‑Rahman",
    "Md.Is'haq": "Md. Is'haq",
    "Md.Is’haq": "Md. Is’haq",
    "Md。Al-Amin": "Md。 Al-Amin",
    "Chr.de Boer": "Chr. de Boer",
    "Joh.de Vries": "Joh. de Vries",
    "Ph.de Villiers": "Ph. de Villiers",
    "Th.La Fontaine": "Th. La Fontaine",
    "Ma.de Lourdes": "Ma. de Lourdes",
    "Ma.Lu Cruz": "Ma. Lu Cruz",
    "Mª.Jo": "Mª. Jo",
    "M.Dupont/Durand": "M. Dupont/Durand",
    "Mt.de Marsan": "Mt. de Marsan",
    "Ft.de France": "Ft. de France",
    "Pt.St Esprit": "Pt. St Esprit",
    "St.Denis/Réunion": "St. Denis/Réunion",
    "Chal.s/Saône": "Chal. s/Saône",
    "bit.ly now": "bit. ly now",
    "bit.ly-now": "bit. ly-now",
}
ADDRESSES = (
    "evil.com",
    "EVIL.COM",
    "see evil.com now",
    "(evil.com)",
    "evil.com.",
    "evil.co.uk",
    "пример.рф",
    "evil.xn--p1ai",
    "evil.example.org",
    "evil。com",
    "evil．com",
    "evil｡com",
    "bit.ly",
    "bit.ly/abc",
    "t.co/abc",
    "bit.ly:80",
    "bit.ly.",
    "bit.ly, now",
    "(bit.ly)",
    "see bit.ly",
    "bit.ly/Md.Al-Amin",
    "Md.Al-Amin bit.ly",
    "evil.com-x",
    "t.com/abc",
    "evil.test:8080",
    "1.2.3.4",
    "1.2.3.4/x",
    "Zoé 1.2.3.4",
    "www.x",
    "WWW.evil",
    "www。evil",
    "http://evil.test/x",
    "hxxp://evil",
    "hxxp : // evil",
    "http:/evil",
    "//evil",
    "x@evil.test",
    "<b>Zoé</b>",
)


@pytest.mark.parametrize("typed", KEPT)
def test_a_name_passes_and_is_no_link(typed: str) -> None:
    kept = unlinked(typed)
    assert kept == KEPT[typed]
    assert (name_faults("family_name", typed), name_faults("family_name", kept)) == ([], [])
    assert unlinked(kept) == kept
    assert not re.search(r"\w[.\u3002\uff0e\uff61](\w{2}|\w/)", kept)


@pytest.mark.parametrize("typed", ADDRESSES)
def test_an_address_is_no_name(typed: str) -> None:
    for name in (typed, unlinked(typed)):
        assert [fault.slug for fault in name_faults("family_name", name)] == ["not-a-name"]

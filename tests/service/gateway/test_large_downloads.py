"""Downloads that are larger than the gateway's memory pass through it."""

from __future__ import annotations

import re

from services.cli.gateway import Site, configuration


def test_of_a_bundle_nothing_waits_in_the_gateway_for_a_slow_line() -> None:
    """Acceptance 97: its scratch folder is memory; from outside, from the portal's pages, and on the portal's own way."""
    found = re.findall(r"^    location (~ \S+) \{\n((?:      .*\n)+)    \}$", configuration(Site()), re.MULTILINE)
    large = [match for match, told in found if "proxy_max_temp_file_size 0;" in told]
    outside, own = "~ ^/gestion/telechargements/[^/]+/fichier$", "~ ^/api/documents/bundles/[^/]+/file$"
    assert sorted(large) == [own, own, outside]

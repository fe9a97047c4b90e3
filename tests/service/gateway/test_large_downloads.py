"""What is larger than other things passes the gateway: downloads past its memory, logins past its places of uploads."""

from __future__ import annotations

import re

from services.cli.gateway import Site, configuration
from services.portal.paths import LARGEST_LOGIN


def test_of_a_bundle_nothing_waits_in_the_gateway_for_a_slow_line() -> None:
    """Acceptance 97: its scratch folder is memory; from outside, from the portal's pages, and on the portal's own way."""
    found = re.findall(r"^    location (~ \S+) \{\n((?:      .*\n)+)    \}$", configuration(Site()), re.MULTILINE)
    large = [match for match, told in found if "proxy_max_temp_file_size 0;" in told]
    outside, own = "~ ^/gestion/telechargements/[^/]+/fichier$", "~ ^/api/documents/bundles/[^/]+/file$"
    assert sorted(large) == [own, own, outside]


def test_who_logs_in_waits_for_no_place_of_uploads() -> None:
    """A hall of candidates behind one address, each with a file under way, still opens the page of the login."""
    told = configuration(Site()).split("location = /connexion {")[1].split("}")[0]
    assert f"client_max_body_size {LARGEST_LOGIN};" in told
    assert "limit_conn line " in told
    assert "limit_conn uploads " not in told

"""Family parameters that a page shows: what a registry entry for its portal would want (`gongkai portals new`)."""

from __future__ import annotations

import re

from transforms.pages.dialect_links import dialect_of

_SHOWN: dict[str, dict[str, re.Pattern[str]]] = {
    "gkmlpt": {"sid": re.compile(r"""\bSID["']?\s{0,5}:\s{0,5}["']?(\d{3,9})""")},
    "lonsun": {
        "site_id": re.compile(r"""\bsiteId["']?\s{0,3}[:=]\s{0,3}["']?(\d{3,12})"""),
        "template": re.compile(r"""\bfile["']?\s{0,3}[:=]\s{0,3}["'](/[\w./-]{1,120})["']"""),
    },
    "epoint_ewb": {"site_guid": re.compile(r"""\bsiteGuid["']?\s{0,3}[:=]\s{0,3}["']([0-9a-f-]{36})["']""", re.IGNORECASE)},
    "x_intertid": {"site_id": re.compile(r"\bgetSearchList\(\s{0,3}\d{1,4}\s{0,3},\s{0,3}\d{1,4}\s{0,3},\s{0,3}(\d{1,9})\s{0,3},")},
}


def proposed_params(family: str, html: str, url: str | None) -> dict[str, str]:
    """Parameters of a family (or of its dialect) as the page writes them; what it does not write is left out."""
    dialect = dialect_of(html, url) if family == "generic" else None
    shown = {
        name: found[1]
        for kind in (family, dialect)
        for name, pattern in _SHOWN.get(kind or "", {}).items()
        if (found := pattern.search(html))
    }
    return {"dialect": dialect, **shown} if dialect else shown

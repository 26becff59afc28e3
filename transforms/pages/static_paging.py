"""Names of the static files behind a list (trs_wcm and its relatives): index.html, index_1.html, …"""

from __future__ import annotations

import re

_CALL = re.compile(r"\bcreatePage(?:HTML)?\s{0,5}\([^()]{0,100}?[\"']([\w-]{1,40})[\"']\s{0,5},\s{0,5}[\"'](s?html?)[\"']", re.IGNORECASE)


def paged_file(html: str) -> tuple[str, str] | None:
    """(stem, extension) that page one's createPageHTML builds the other pages' names from; None where it says nothing."""
    found = _CALL.search(html)
    return (found[1], found[2]) if found else None

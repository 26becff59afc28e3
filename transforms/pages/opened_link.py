"""Links without an address of their own: what their script opens."""

from __future__ import annotations

import re

from transforms.pages.tree import Element

_ADDRESS = r"(?:https?://|\.{0,2}/)[^\"'<>\n]{1,500}|[\w./-]{1,200}\.(?:s?html?|jsp|aspx?|php|pdf|docx?|xlsx?)(?:\?[^\"'<>\n]{0,300})?"
_IN_SCRIPT = re.compile(rf"""["']({_ADDRESS})["']""")


def opened(link: Element) -> str | None:
    """The address that a link's script names (window.open('…'), query(this,'/list/index2.html')), or that a pager keeps in `tagname`."""
    found = next((found for name in ("href", "onclick") if (found := _IN_SCRIPT.search(link.get(name) or ""))), None)
    named = (link.get("tagname") or "").strip()
    return found[1].strip() if found else named if re.fullmatch(_ADDRESS, named) else None

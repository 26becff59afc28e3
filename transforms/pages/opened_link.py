"""Links without an address of their own: what their script opens."""

from __future__ import annotations

import re

from transforms.pages.tree import Element

_ADDRESS = r"(?:https?://|\.{0,2}/)[^\"'<>\n]{1,500}|[\w./-]{1,200}\.(?:s?html?|jsp|aspx?|php|pdf|docx?|xlsx?)(?:\?[^\"'<>\n]{0,300})?"
_OPENS = re.compile(
    r"""(?:\bopen\w{0,20}\s{0,3}\(|\blocation(?:\.href)?\s{0,3}=|\bhref\s{0,3}=)\s{0,3}["']((?=[^"'<>\s]{1,500}[./])[^"'<>\s]{3,1000})["']""",
    re.IGNORECASE,
)
"""What opens a window or leads away says its address, whatever it looks like."""
_IN_SCRIPT = re.compile(rf"""["']({_ADDRESS})["']""")


def opened(link: Element) -> str | None:
    """The address that a link's script names (window.open('…'), query(this,'/list/index2.html')), or that a pager keeps in `tagname`."""
    script = f"{link.get('href') or ''} {link.get('onclick') or ''}"
    found = _OPENS.search(script) or _IN_SCRIPT.search(script)
    named = (link.get("tagname") or "").strip()
    return found[1].strip() if found else named if re.fullmatch(_ADDRESS, named) else None

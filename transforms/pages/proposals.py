"""Family parameters and sections that a page shows: what a registry entry for its portal would want (`gongkai portals new`)."""

from __future__ import annotations

import re

from transforms.pages.contract import NotThisLayout, SoftError
from transforms.pages.dialect_links import dialect_of
from transforms.pages.gkmlpt import read_gkmlpt_index

_KINDS = (
    ("work_plan", re.compile(r"工作(?:要点|计划|部署|安排)|实施方案")),
    ("annual_report", re.compile(r"年报|年度报告")),
    ("normative", re.compile(r"规范性文件|政府文件|政策文件|规章")),
)
_MOST_SECTIONS = 30
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


def proposed_sections(family: str, html: str, url: str) -> list[dict[str, str]]:
    """Sections that an index page names, of the kinds the registry follows; only gkmlpt's tree says so much."""
    if family != "gkmlpt":
        return []
    try:
        columns = read_gkmlpt_index(html, url).columns
    except (NotThisLayout, SoftError):  # a page of the family, and not its index
        return []
    found: dict[str, dict[str, str]] = {}
    for column in columns:
        kind = next((kind for kind, words in _KINDS if words.search(column.name)), None)
        if kind and column.leaf and not column.external:
            name = column.name if column.name not in found else f"{column.name} {column.id}"
            found[name] = {"name": name, "kind": kind, "entry": str(column.id)}
    return list(found.values())[:_MOST_SECTIONS]

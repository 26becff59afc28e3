"""The national META tags of detail pages (cms-families.md section 2.1), tolerant of case, spelling drift and repetition."""

from __future__ import annotations

import re

from transforms.pages.contract import Candidate
from transforms.pages.tree import Tree, tidy

# Names in lower case, best first; the second word of a field is a dialect of some family.
_NAMES = {
    "title": ("articletitle", "og:title", "dc.title"),
    "published_at": ("pubdate", "publishdate", "publishtime", "firstpublishedtime", "article:published_time"),
    "source": ("contentsource", "source"),
    "site_id_code": ("siteidcode",),
    "site_name": ("sitename",),
    "site_domain": ("sitedomain",),
    "column_name": ("columnname",),
    "built_at": ("others",),
    "doc_number": ("fileno", "documentnumber"),
    "index_number": ("indexnumber", "idxid"),
}
_ABSENT = re.compile(r"(?:无|暂无|null|undefined|none|nan|[-—/\\.。]{0,4})", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\$\{|\{\{|<%|&lt;%|\{[^{}]{0,40}\}")


def present(value: str | None) -> str | None:
    """The tidied value; None for 无, null, undefined, a dash, an unfilled template placeholder, and nothing."""
    value = tidy(value or "")
    return None if _ABSENT.fullmatch(value) or _PLACEHOLDER.match(value) else value


def read_meta_tags(tree: Tree) -> dict[str, list[Candidate]]:
    """Field name to candidates, in order of trust; a repeated tag with another value is a further candidate."""
    found: dict[str, list[tuple[str, str]]] = {}
    for meta in tree.find("meta"):
        name = meta.get("name") or meta.get("property")
        value = present(meta.get("content"))
        if name and value:
            found.setdefault(name.strip().lower(), []).append((name.strip(), value))
    fields: dict[str, list[Candidate]] = {}
    for field, names in _NAMES.items():
        for lower in names:
            for printed, value in dict.fromkeys(found.get(lower, ())):
                fields.setdefault(field, []).append(Candidate(source=f"meta:{printed}", value=value))
    return fields


def same_site(name: str, own: str) -> bool:
    """Whether two site names are one: blanks and a closing 门户网站 aside."""
    return _bare(name) == _bare(own)


def _bare(name: str) -> str:
    return "".join(name.split()).removesuffix("门户网站").removesuffix("网站")

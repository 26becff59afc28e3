"""Which META tags of the annex 网页设计规范 (国办发〔2017〕47号) a page carries, and which of them say nothing.

What is wanted of which kind of page is data (gongkai/data/meta_tags.yaml). A tag is *dirty* where it is printed and says nothing: empty,
`null` and the like, a placeholder that the template left (`{…}`), a value not of its form (SiteDomain with a scheme, PubDate with seconds),
another site's SiteName. A tag that is printed several times is clean where one of its values is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypedDict

from gongkai.meta_tags import MetaTag, PageKind, load_meta_tags
from transforms.pages.meta_tags import present, same_site
from transforms.pages.tree import Tree

State = Literal["clean", "missing", "dirty"]
PrintedTags = dict[str, tuple[str, ...]]
"""Name in small letters → contents as printed."""
_PAGE = re.compile(r"<(?:html|head|meta)\b", re.IGNORECASE)
_BEGIN = 50_000  # characters in which a page shows that it is one
_MOST_VALUES = 20  # of one tag that are looked at


class MetaColumns(TypedDict):
    """As silver keeps it: counts and names of required tags alone. The optional ones never speak against a page."""

    meta_required: int | None
    meta_missing: list[str] | None
    meta_dirty: list[str] | None


NOT_READ: MetaColumns = {"meta_required": None, "meta_missing": None, "meta_dirty": None}
"""Of what is no page, or did not come."""


@dataclass(frozen=True, slots=True)
class MetaReading:
    """State of every tag that such a page may carry, in the table's order."""

    states: Mapping[str, State]
    required: frozenset[str]

    def columns(self) -> MetaColumns:
        """How many tags are required, and which of them are missing or dirty."""
        missing, dirty = ([n for n, state in self.states.items() if n in self.required and state == s] for s in ("missing", "dirty"))
        return {"meta_required": len(self.required), "meta_missing": missing, "meta_dirty": dirty}


@cache
def _known() -> frozenset[str]:
    return frozenset(tag.name.lower() for tag in load_meta_tags().tags)


def printed_tags(tree: Tree) -> PrintedTags:
    """The page's tags that stand in the table, whatever they say."""
    found: dict[str, list[str]] = {}
    for meta in tree.find("meta"):
        name = (meta.get("name") or "").strip().lower()
        if name in _known() and len(values := found.setdefault(name, [])) < _MOST_VALUES:
            values.append(meta.get("content") or "")
    return {name: tuple(values) for name, values in found.items()}


def judge_tags(printed: Mapping[str, Iterable[str]], kind: PageKind, site_name: str | None = None) -> MetaReading:
    """Compare a page's tags with what its kind carries. `site_name`: the site's own name; None: unknown, so that any name will do."""
    tags = load_meta_tags().of(kind)
    states: dict[str, State] = {}
    for tag in tags:
        values = printed.get(tag.name.lower())
        states[tag.name] = "missing" if values is None else "clean" if any(_clean(tag, v, site_name) for v in values) else "dirty"
    return MetaReading(states, frozenset(tag.name for tag in tags if tag.required))


def _clean(tag: MetaTag, value: str, site_name: str | None) -> bool:
    said = present(value)
    if said is None or not tag.fits(said):
        return False
    return tag.name != "SiteName" or site_name is None or same_site(said, site_name)


def read_conformance(html: str, kind: PageKind, site_name: str | None = None) -> MetaReading | None:
    """`judge_tags` of a page; None of what is no page: a service's answer, a fragment."""
    return judge_tags(printed_tags(Tree.of(html)), kind, site_name) if is_page(html) else None


def is_page(html: str) -> bool:
    """Whether a text is a whole page, of which tags can be missing."""
    return html.lstrip("\ufeff \t\r\n")[:1] == "<" and _PAGE.search(html, 0, _BEGIN) is not None

"""The detail page that every family shares: candidates from four sources, one rule a field.

A family gives the names of its body containers and of its own markup, and overrides `api_fields` where the page carries data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar

from gongkai.records.document import AttachmentLink, Finding
from transforms.dates import parse_date
from transforms.pages.area import find_body, inner_html, trim
from transforms.pages.attachments import find_attachments
from transforms.pages.contract import Candidate, JumpsTo, NotThisLayout, PageFields
from transforms.pages.dates_of_page import choose_published
from transforms.pages.info_table import as_candidates, info_blocks, read_info_table
from transforms.pages.meta_conformance import is_page, printed_tags
from transforms.pages.meta_tags import present, read_meta_tags
from transforms.pages.page import Page
from transforms.pages.refusals import refuse_soft_error
from transforms.pages.shells import jump_of
from transforms.pages.stamps import parse_stamp, url_day
from transforms.pages.titles import choose_title, heading_candidates, tag_candidates
from transforms.pages.tree import Element, Tree, inside, text_of


@dataclass(slots=True)
class ApiFields:
    """What a page carries as data (gkmlpt's _CONFIG.DETAIL): candidates, the body's markup, attachments."""

    candidates: dict[str, list[Candidate]] = field(default_factory=dict)
    body_html: str | None = None
    attachments: tuple[AttachmentLink, ...] = ()


class NoticePage(Page):
    """Reads one notice page."""

    family: ClassVar[str] = "generic"
    body_selectors: ClassVar[tuple[str, ...]] = ()
    markup: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Field to selectors of the family's own markup, best first."""
    native_id: ClassVar[re.Pattern[str] | None] = None
    """Group 1 is the native id in the page's address."""

    def read(self) -> PageFields:
        """Raises JumpsTo (it only leads on), SoftError (an error page), NotThisLayout (neither title nor body is found)."""
        tree = self.tree
        if target := jump_of(self.html, tree, self.url, self._join):
            raise JumpsTo(target)
        api = self.api_fields()
        shown = None if api.body_html else find_body(tree, self.body_selectors)
        text_tree = Tree.of_fragment(api.body_html) if api.body_html else tree
        body = text_tree.root if api.body_html else shown
        refuse_soft_error(tree, len(text_of(body)) if body is not None else 0)
        labelled = read_info_table(tree, shown)
        candidates = self._candidates(tree, shown, api, as_candidates(labelled))
        title, findings = choose_title(candidates.get("title", ()), _names(candidates))
        published, more = choose_published(candidates, self._address_day())
        if body is not None:
            trim(body, info_blocks(labelled, shown))
        body_html = inner_html(body) if body is not None else None
        if not title and not body_html:
            raise NotThisLayout("neither a title nor a body")
        links = (*api.attachments, *find_attachments(text_tree, body, self._join))
        if api.body_html:
            links += find_attachments(tree, None, self._join)
        attachments = tuple({link.url: link for link in reversed(links)}.values())[::-1]
        fields = _fields(title, published, candidates, self._native(), body_html, attachments, [*findings, *more])
        return replace(fields, meta_tags=printed_tags(tree)) if is_page(self.html) else fields

    def api_fields(self) -> ApiFields:
        """Data inside the page; families that have some override this."""
        return ApiFields()

    def _native(self) -> str | None:
        found = self.native_id.search(self.url) if self.native_id else None
        return found.group(1) if found else None

    def _address_day(self) -> date | None:
        """The day of publication in the page's address."""
        return url_day(self.url)

    def _candidates(
        self, tree: Tree, body: Element | None, api: ApiFields, header: dict[str, list[Candidate]]
    ) -> dict[str, list[Candidate]]:
        out: dict[str, list[Candidate]] = {}
        sources = [api.candidates, read_meta_tags(tree), header, self._markup(tree, body)]
        for source in sources:
            for name, found in source.items():
                out.setdefault(name, []).extend(found)
        titles = [*out.get("title", ()), *heading_candidates(tree, body), *tag_candidates(tree, _names(out))]
        out["title"] = sorted(titles, key=lambda c: c.source.startswith("centred"))
        if body is not None and not out.get("published_at") and not out.get("printed_time") and (near := _date_before(tree, body)):
            out["published_at"] = [near]
        return {name: found for name, found in out.items() if found}

    def _markup(self, tree: Tree, body: Element | None) -> dict[str, list[Candidate]]:
        out: dict[str, list[Candidate]] = {}
        for name, selectors in self.markup.items():
            for selector in selectors:
                for element in tree.find(selector)[:3]:
                    value = None if inside(body, element) else present(text_of(element))
                    if value and len(value) <= 300:
                        out.setdefault(name, []).append(Candidate(source=f"family:{selector}", value=value))
        return out


def _names(candidates: Mapping[str, Sequence[Candidate]]) -> list[str]:
    return [c.value for name in ("site_name", "column_name") for c in candidates.get(name, ())]


def _date_before(tree: Tree, body: Element) -> Candidate | None:
    """A bare date in the lines right before the body (2019-02-15 10:10 来源：…), where nothing labels one."""
    start = tree.position[body]
    lines = [el for el, place in tree.position.items() if start - 60 < place < start and not inside(body, el)]
    for element in reversed(lines):
        text = text_of(element)
        if 8 <= len(text) <= 120 and parse_stamp(text):
            return Candidate(source=f"near:{element.tag!s}", value=text)
    return None


_VALIDITY = (("废止", "abolished"), ("失效", "expired"), ("无效", "expired"), ("有效", "in_force"))


def validity_of(printed: str | None) -> str | None:
    """in_force | expired | abolished for a printed 有效性; None for anything else."""
    return next((code for word, code in _VALIDITY if printed and word in printed), None)


def _fields(
    title: str | None,
    published: str | None,
    candidates: dict[str, list[Candidate]],
    native_id: str | None,
    body_html: str | None,
    attachments: tuple[AttachmentLink, ...],
    findings: list[Finding],
) -> PageFields:
    def first(name: str, *kinds: str) -> str | None:
        """The first candidate, of the given kinds before others."""
        found = candidates.get(name, ())
        return next((c.value for kind in kinds for c in found if c.source.startswith(kind)), found[0].value if found else None)

    return PageFields(
        title=title,
        published_at=published,
        source=_source(first("source", "api", "header", "family")),
        index_number=first("index_number", "api", "header"),
        doc_number=_doc_number(first("doc_number", "api", "header")),
        written_date=_written(first("written_date", "api", "header")),
        issuer=first("issuer", "api", "header"),
        subject_words=first("subject_words", "header"),
        disclosure_note=first("disclosure_note", "header"),
        validity=validity_of(first("validity", "api", "header")),
        site_id_code=first("site_id_code"),
        site_name=first("site_name"),
        column_name=first("column_name"),
        native_id=native_id,
        body_html=body_html,
        attachments=attachments,
        candidates={name: tuple(found) for name, found in candidates.items()},
        findings=tuple(findings),
    )


def _source(value: str | None) -> str | None:
    """Not the text behind an empty 来源."""
    return value if value and len(value) <= 100 and "。" not in value else None


def _doc_number(value: str | None) -> str | None:
    return value if value and any(ch.isdigit() for ch in value) and len(value) <= 60 else None


def _written(value: str | None) -> date | None:
    stamp = parse_stamp(value) if value else None
    return stamp.day if stamp else parse_date(value) if value else None

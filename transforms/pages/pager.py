"""How many rows and pages a list page declares: createPageHTML in all its variants, other pagers' scripts, printed totals."""

from __future__ import annotations

import re

_CALL = re.compile(r"\bcreatePage(?:HTML)?\s{0,5}\(([^()]{1,200})\)")
_PAGES = re.compile(r"\b(?:countPage|totalPages?|pageCount|nPageCount)[\"']?\s{0,5}[:=]\s{0,5}[\"']?(\d{1,7})\b")
_RECORDS = re.compile(
    r"\b(?:recordCount|totalRecords?|totalCount|total_?num|allRow)[\"']?\s{0,5}[:=]\s{0,5}[\"']?(\d{1,9})\b", re.IGNORECASE
)
_TAG = r"\s{0,9}(?:<[^<>]{0,80}>\s{0,9}){0,3}"
_PRINTED_RECORDS = re.compile(rf"(?:共有?|总计|合计|总记录数?[:：]?|记录总数[:：]?){_TAG}([\d,]{{1,11}}){_TAG}(?:条|篇|个?记录|项)")
_PRINTED_PAGES = re.compile(rf"(?:共有?|/){_TAG}([\d,]{{1,9}}){_TAG}页")


def read_pager(html: str) -> tuple[int | None, int | None]:
    """(declared rows, declared pages); None for what the page does not say."""
    records, pages = _from_call(html)
    if pages is None:
        pages = _first(html, _PAGES, _PRINTED_PAGES)
    return records if records is not None else _first(html, _RECORDS, _PRINTED_RECORDS), pages


def _from_call(html: str) -> tuple[int | None, int | None]:
    """createPageHTML(pages, current, "index", "html"[, records]); with one number more in front: (records, pages, current, …).

    Some templates put the pager's element id first. A call in a comment does not count.
    """
    for call in _CALL.finditer(html):
        line_start = html.rfind("\n", 0, call.start()) + 1
        if "//" in html[line_start : call.start()].replace("://", ""):
            continue
        arguments = [part.strip().strip("\"'") for part in call.group(1).split(",")]
        while arguments and not arguments[0].isdigit():
            arguments.pop(0)
        leading = []
        while arguments and arguments[0].isdigit():
            leading.append(int(arguments.pop(0)))
        trailing = [int(part) for part in arguments if part.isdigit()]
        if len(leading) >= 3:
            return leading[0], leading[1]
        if len(leading) == 2:
            return (trailing[0] if trailing else None), leading[0]
    return None, None


def _first(html: str, *patterns: re.Pattern[str]) -> int | None:
    for pattern in patterns:
        found = pattern.search(html)
        if found and found.group(1).strip(","):
            return int(found.group(1).replace(",", ""))
    return None

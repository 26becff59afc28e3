"""Rows of a JSON list, whoever sent it: the same dozen facts under the names of each service.

The list is the longest array of objects that carry a title; the totals stand beside it or above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from lxml.html import fromstring

from transforms.decode import without_surrogates
from transforms.pages.contract import ListReading, ListRow, NotThisLayout
from transforms.pages.meta_tags import present
from transforms.pages.refusals import load_answer
from transforms.pages.stamps import Stamp, epoch_stamp, parse_stamp
from transforms.pages.tree import tidy

_NAMES = {
    "title": ("title", "doctitle", "realtitle", "bt"),
    "url": ("url", "docpuburl", "chnldocurl", "infourl", "urls", "post_url"),
    "date": (
        "display_publish_time", "publishedtimestr", "pub_time", "pubdate", "fbrq",
        "docreltime", "published_time_format", "publishdate", "infodate",
        "trs_time", "writetimestring", "created_at", "publish_time", "time", "date", "cwrq",
    ),
    "doc_number": ("document_number", "fileno", "fwzh", "c_wjbh", "refno"),
    "index_number": ("identifier", "idxid", "c_syh", "indexnumber"),
}  # fmt: skip
_TOTAL = ("total", "totalelements", "totalrecord", "recordcount", "allrow", "count", "totalcount")
_PAGES = ("totalpages", "pagecount", "totalpage")
_LISTS = frozenset(("articles", "list", "docs", "data", "datas", "content", "results", "rows", "articlelist"))
_DEPTH = 6
_MARKUP = re.compile(r"<[a-zA-Z/]")


def read_json_rows(text: str, url: str, native_id: re.Pattern[str] | None) -> ListReading:
    """Rows and declared totals of an API answer. Raises NotThisLayout (no list inside) and SoftError (the answer is an error)."""
    answer = load_answer(text)
    found = max(_lists(answer, ()), key=lambda item: len(item[0]), default=None)
    if found is None:
        raise NotThisLayout(f"no list in the answer: {', '.join(list(answer)[:8])}")
    items, above = found
    rows = tuple(row for item in items if (row := _row(item, url, native_id)))
    if items and not rows:
        raise NotThisLayout(f"{len(items)} objects without title or address")
    return ListReading(rows=rows, declared_total=_total(above, _TOTAL), declared_pages=_total(above, _PAGES))


def _lists(
    node: Mapping[str, Any], above: tuple[Mapping[str, Any], ...]
) -> Iterator[tuple[list[Mapping[str, Any]], tuple[Mapping[str, Any], ...]]]:
    path = (node, *above)
    if len(path) > _DEPTH:
        return
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from _lists(value, path)
        elif isinstance(value, list):
            items = [item for item in value if isinstance(item, Mapping)]
            if any(_text(item, "title") for item in items[:5]) or (not value and key.lower() in _LISTS):
                yield items, path


def _row(item: Mapping[str, Any], base: str, native_id: re.Pattern[str] | None) -> ListRow | None:
    item = {**_metas(item), **item}
    title, url = _text(item, "title"), _text(item, "url")
    if not title or not url:
        return None
    try:
        url = urljoin(base, url)
    except ValueError:
        return None
    if _MARKUP.search(title):  # search services mark the words found
        title = tidy(str(fromstring(f"<div>{title}</div>").text_content()))
    found = native_id.search(url) if native_id else None
    stamp = _stamp(item)
    return ListRow(
        title=title,
        url=url,
        date=stamp.day if stamp else None,
        native_id=found.group(1) if found else None,
        doc_number=_text(item, "doc_number"),
        index_number=_text(item, "index_number"),
        validity=_validity(item),
        pinned=str(item.get("is_top", "")) in ("1", "True"),
    )


def _metas(item: Mapping[str, Any]) -> dict[str, Any]:
    """UCAP's domainMetaList: [{resultList: [{key, value}, …]}, …] as one mapping."""
    groups = item.get("domainMetaList")
    results = [group.get("resultList") for group in groups if isinstance(group, Mapping)] if isinstance(groups, list) else []
    pairs = [pair for result in results if isinstance(result, list) for pair in result if isinstance(pair, Mapping)]
    return {str(pair["key"]): pair.get("value") for pair in pairs if "key" in pair}


def _values(item: Mapping[str, Any], field: str) -> Iterator[Any]:
    """Values under the field's names, best name first; names without regard to case."""
    lower = {key.lower(): value for key, value in item.items()}
    return (lower[name] for name in _NAMES[field] if lower.get(name) not in (None, "", 0))


def _text(item: Mapping[str, Any], field: str) -> str | None:
    return next((kept for value in _values(item, field) if isinstance(value, str) and (kept := present(without_surrogates(value)))), None)


def _stamp(item: Mapping[str, Any]) -> Stamp | None:
    for value in _values(item, "date"):
        stamp = epoch_stamp(value) or (parse_stamp(value) if isinstance(value, str) else None)
        if stamp:
            return stamp
    return None


def _validity(item: Mapping[str, Any]) -> str | None:
    """gkmlpt's flags: both 0 means in force, none of them means the list does not say."""
    if "is_abolished" not in item and "is_expired" not in item:
        return None
    flags = {key: str(item.get(key)) in ("1", "True") for key in ("is_abolished", "is_expired")}
    return "abolished" if flags["is_abolished"] else "expired" if flags["is_expired"] else "in_force"


def _total(above: tuple[Mapping[str, Any], ...], names: tuple[str, ...]) -> int | None:
    """The nearest total going up from the list; gkmlpt also writes it as classify.post_count."""
    for node in above:
        lower = {key.lower(): value for key, value in node.items()}
        for name in names:
            value = lower.get(name)
            if isinstance(value, int | str) and not isinstance(value, bool) and str(value).isdigit():
                return int(value)
        classify = lower.get("classify")
        if names is _TOTAL and isinstance(classify, Mapping) and isinstance(classify.get("post_count"), int):
            return int(classify["post_count"])
    return None

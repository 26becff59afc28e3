"""One row of a JSON list, whoever sent it: the same few facts under the names of each service.

First by name (English, pinyin, initials), then by what the values look like: a field that holds 例政发〔2025〕1号 in row after row
is the document number, however it is called.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from gongkai.json_names import json_names, lowered
from gongkai.records.document import AttachmentLink
from transforms.attachments import attachment_name
from transforms.decode import without_surrogates
from transforms.pages.contract import ListRow
from transforms.pages.meta_tags import present
from transforms.pages.row_marks import DOC_NUMBER, VALIDITY
from transforms.pages.stamps import Stamp, epoch_stamp, parse_stamp
from transforms.pages.titles import is_cut
from transforms.pages.tree import Tree, text_of

_SHAPES = {
    "doc_number": DOC_NUMBER,
    "index_number": re.compile(r"[0-9A-Z]{5,24}[/\-]\d{4}-\d{2,8}|[A-Z0-9\-]{6,24}/\d{4}-\d{2,8}"),
    "url": re.compile(r"(?:https?:)?//[^\s/]+/\S+|\.{0,2}/\S*\w\.\w{2,5}(?:[?#]\S*)?|[\w./-]+\.s?html?(?:[?#]\S*)?"),
    "title": re.compile(r".{0,120}[\u4e00-\u9fff]{4}.{0,200}", re.DOTALL),
}
_NOT_SHOWN = re.compile(
    r"content|summary|abstract|memo|intro|remark|descr|keyword|zw$|zhaiyao|neirong|source|author|org|dept|channel|column|site|publisher"
    r"|category|classify|type",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(r"pub|release|rel|fb|fab|issue|post|show", re.IGNORECASE)
_WHEN = re.compile(r"time|date|day|rq|sj|stamp", re.IGNORECASE)
_NOT_PUBLISHED = re.compile(
    r"upd|modif|edit|index|expire|invalid|end|stop|sx|effect|shix|warehouse|sync|oper|write|cw|create|cr", re.IGNORECASE
)
_MARKUP = re.compile(r"<[a-zA-Z/]|&[a-z#]\w{1,8};")
_CALENDAR = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?:\d{6}(?:\d{3})?)?")
_DOTNET = re.compile(r"/Date\((-?\d{9,14})(?:[+-]\d{4})?\)/")
_SAMPLE = 30
_CUT_AT_LEAST = 8
_LONGEST_TITLE = 200
_EARLIEST = 600_000_000
"""Epoch seconds of 1989: a smaller number is no time."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What the fields of one list mean: for each fact the keys that carry it, best first (keys as `lowered`)."""

    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def columns_of(items: Sequence[Mapping[str, Any]]) -> Columns:
    """Names first; for a fact that no name gives, the field whose values look like it."""
    sample = [flattened(item) for item in items[:_SAMPLE]]
    keys = list(dict.fromkeys(key for item in sample for key in item))
    found: dict[str, tuple[str, ...]] = {}
    for fact, names in json_names().facts().items():
        found[fact] = tuple(n for n in names if n in keys and (n not in json_names().weak or _share(sample, n, _SHAPES[fact])))
    taken = {key for names in found.values() for key in names}
    for fact in ("url", "doc_number", "index_number"):
        if not any(_text(item, found[fact]) for item in sample):
            shape = _SHAPES[fact]
            found[fact] += tuple(k for k in keys if k not in taken and _may_be(fact, k) and _share(sample, k, shape) > 0.5)
    if not any(_text(item, found["title"]) for item in sample):
        found["title"] += _titles(sample, [k for k in keys if k not in taken])
    if not any(_stamp(item, found["date"]) for item in sample):
        found["date"] += _dates(sample, [k for k in keys if k not in taken])
    return Columns(found)


def _may_be(fact: str, key: str) -> bool:
    """Whether a field of this name can hold the fact: content_url can be the address, content cannot."""
    return not _NOT_SHOWN.search(key) or (fact == "url" and key.endswith(("url", "link", "href")))


def _share(sample: list[dict[str, Any]], key: str, shape: re.Pattern[str]) -> float:
    values = [item[key].strip() for item in sample if isinstance(item.get(key), str) and item[key].strip()]
    return sum(shape.fullmatch(value) is not None for value in values) / len(values) if values else 0


def _titles(sample: list[dict[str, Any]], keys: list[str]) -> tuple[str, ...]:
    """Fields of Chinese text that differ from row to row and are no longer than a title."""
    found = []
    for key in keys:
        values = [item[key].strip() for item in sample if isinstance(item.get(key), str)]
        fitting = [v for v in values if len(v) <= 200 and _SHAPES["title"].fullmatch(v) and not _SHAPES["doc_number"].fullmatch(v)]
        if values and len(fitting) > len(values) / 2 and len(set(fitting)) > len(fitting) / 2 and not _NOT_SHOWN.search(key):
            found.append((sum(map(len, fitting)) / len(fitting), key))
    return tuple(key for _, key in sorted(found, reverse=True))


def _dates(sample: list[dict[str, Any]], keys: list[str]) -> tuple[str, ...]:
    """Fields that hold times: those called published first, those called created, changed or expired last."""

    def rank(key: str) -> int:
        return 0 if _PUBLISHED.search(key) else 3 if _NOT_PUBLISHED.search(key) else 1 if _WHEN.search(key) else 2

    def dated(key: str) -> bool:
        values = [item[key] for item in sample if item.get(key) not in (None, "", 0)]
        named = _WHEN.search(key) or all(not isinstance(v, int | float) for v in values)
        return bool(values and named) and sum(moment(v) is not None for v in values) > len(values) / 2

    return tuple(sorted((key for key in keys if dated(key)), key=rank))


def flattened(item: Mapping[str, Any]) -> dict[str, Any]:
    """A row's fields under `lowered` names; where the row wraps its facts (`_source`, `data`, UCAP's domainMetaList), those as well."""
    flat = {lowered(key): value for key, value in _metas(item).items()}
    for value in item.values():
        if isinstance(value, Mapping):
            for key, inner in value.items():
                if inner is not None and not isinstance(flat.get(lowered(key)), str):  # words go before their highlighted pieces
                    flat[lowered(key)] = inner
    own = {lowered(key): _single(value) for key, value in item.items()}
    return flat | {key: value for key, value in own.items() if key not in flat or value not in (None, "")}


def _single(value: Any) -> Any:
    """Solr sends every text as an array of one."""
    return value[0] if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) else value


def _metas(item: Mapping[str, Any]) -> dict[str, Any]:
    """UCAP's domainMetaList: [{resultList: [{key, value}, …]}, …] as one mapping."""
    groups = item.get("domainMetaList")
    results = [group.get("resultList") for group in groups if isinstance(group, Mapping)] if isinstance(groups, list) else []
    pairs = [pair for result in results if isinstance(result, list) for pair in result if isinstance(pair, Mapping)]
    return {str(pair["key"]): pair.get("value") for pair in pairs if "key" in pair}


def read_row(item: Mapping[str, Any], columns: Columns, base: str, native_id: re.Pattern[str] | None) -> ListRow | None:
    """The row that an object is; None without title or address."""
    flat, keys = flattened(item), columns.keys
    title, url = _title(flat, keys["title"]), _address(flat, keys["url"], base)
    if not title or not url:
        return None
    found = native_id.search(url) if native_id else None
    stamp = _stamp(flat, keys["date"])
    return ListRow(
        title=title,
        url=url,
        date=stamp.day if stamp else None,
        native_id=found.group(1) if found else None,
        doc_number=_words(_text(flat, keys["doc_number"])),
        index_number=_text(flat, keys["index_number"]),
        validity=_validity(flat),
        pinned=str(flat.get("istop", "")) in ("1", "True"),
        attachments=_attachments(flat, base),
    )


def _text(flat: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    values = (flat.get(key) for key in keys)
    return next((kept for v in values if isinstance(v, str) and (kept := present(without_surrogates(v)))), None)


def _title(flat: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    """The first field's words; where they are cut off, a longer version of them. Epoint's realtitle is one without a sign of it."""
    titles = [words for key in keys if isinstance(value := flat.get(key), str) and (words := _words(present(without_surrogates(value))))]
    real = _words(_text(flat, ("realtitle",)))
    if titles and real and len(titles[0]) >= _CUT_AT_LEAST and real.startswith(titles[0]):
        return real
    if titles and is_cut(titles[0]):
        start = titles[0].rstrip("…. 。")[:12]
        others = (_words(value) for key, value in flat.items() if isinstance(value, str) and len(value) <= _LONGEST_TITLE)
        longer = (t for t in (*titles[1:], *others) if t and not is_cut(t) and t.startswith(start) and not re.search(r"[。\n]", t))
        return next((t for t in longer if len(t) > len(start)), titles[0])
    return titles[0] if titles else None


def _words(text: str | None) -> str | None:
    """Without the marks that search services put around the words found."""
    return text_of(Tree.of_fragment(text).root) or None if text and _MARKUP.search(text) else text


def _address(flat: Mapping[str, Any], keys: Sequence[str], base: str) -> str | None:
    for key in keys:
        href = _href(flat.get(key))
        if not href:
            continue
        try:
            url = urljoin(base, href)
            parts = urlsplit(url)
            bool(parts.port)
        except ValueError:
            continue
        if parts.scheme in ("http", "https", ""):
            return visited(url)
    return None


def _href(value: object) -> str | None:
    """An address out of a string, an object (`{"pc": …}`), either of them as JSON in a string, or a list of them."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, Mapping):
        value = value.get("pc") or next((v for v in value.values() if isinstance(v, str) and v), None)
    text = present(without_surrogates(value)) if isinstance(value, str) else None
    return text if text and "<" not in text and not text.lower().startswith(("javascript:", "mailto:", "#")) else None


def visited(url: str) -> str:
    """Where a search service's click counter (visit/link.do?url=…) leads."""
    if "/link.do?" not in url and "/visit/" not in url:
        return url
    target = parse_qs(urlsplit(url).query).get("url", [""])[0]
    return target if target.startswith(("http://", "https://")) else url


def _stamp(flat: Mapping[str, Any], keys: Sequence[str]) -> Stamp | None:
    return next((stamp for key in keys if (stamp := moment(flat.get(key)))), None)


def moment(value: object) -> Stamp | None:
    """A time as JSON has it: printed, 20250304[090500], epoch seconds or milliseconds, a Java object or array, .NET's /Date(…)/."""
    if isinstance(value, Mapping):
        value = value.get("time", value.get("$date"))
    if isinstance(value, list):
        return _from_parts(value)
    if isinstance(value, str):
        value = value.strip()
        if dotnet := _DOTNET.fullmatch(value):
            value = dotnet[1]
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if calendar := _CALENDAR.fullmatch(text):
        return parse_stamp("-".join(calendar.groups()))
    if text.isascii() and text.isdigit():
        return epoch_stamp(int(text)) if len(text) < 15 and int(text) > _EARLIEST else None
    return parse_stamp(value) if isinstance(value, str) else epoch_stamp(value)


def _from_parts(parts: list[Any]) -> Stamp | None:
    if len(parts) < 3 or not all(isinstance(p, int) and not isinstance(p, bool) for p in parts[:3]) or parts[0] < 1900:
        return None
    try:
        return Stamp(date(parts[0], parts[1], parts[2]))
    except (ValueError, OverflowError):
        return None


def _validity(flat: Mapping[str, Any]) -> str | None:
    """gkmlpt's flags: both 0 means in force, none of them means the list does not say; or the word itself."""
    if "isabolished" not in flat and "isexpired" not in flat:
        words = (flat.get(key) for key in json_names().validity)
        return next((VALIDITY[word] for word in words if isinstance(word, str) and word in VALIDITY), None)
    flags = {key: str(flat.get(key)) in ("1", "True") for key in ("isabolished", "isexpired")}
    return "abolished" if flags["isabolished"] else "expired" if flags["isexpired"] else "in_force"


def _attachments(flat: Mapping[str, Any], base: str) -> tuple[AttachmentLink, ...]:
    listed = next((flat[key] for key in json_names().attachments if flat.get(key)), None)
    if isinstance(listed, str) and listed[:1] == "[":
        try:
            listed = json.loads(listed)
        except (ValueError, RecursionError):
            return ()
    found = []
    for item in listed if isinstance(listed, list) else []:
        named = {lowered(key): value for key, value in item.items()} if isinstance(item, Mapping) else {}
        path = _href(named.get("url") or named.get("filepath") or named.get("path"))
        try:
            root = urljoin(base, present(str(named.get("domainname") or "")) or "")
            url = urljoin(root, path) if path else None
        except ValueError:
            continue
        if url and urlsplit(url).scheme in ("http", "https"):
            name = str(named.get("filename") or named.get("name") or "")
            found.append(AttachmentLink(name=attachment_name(url, without_surrogates(name)), url=url))
    return tuple(found)

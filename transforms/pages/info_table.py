"""The visible metadata block of a page (cms-families.md section 2.2), whatever holds it: th/td, td/td, dt/dd, p > strong, li, label + div.

A label is a known word, with blanks inside and a colon or a cell of its own; its value is what follows it in the same line, or the
next cell. A label whose value is empty gives nothing: the value of its neighbour is never taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest

from transforms.pages.contract import Candidate
from transforms.pages.meta_tags import present
from transforms.pages.tree import Element, Tree, inside, text_of, tidy

_LABELS = {
    "index_number": "索引号 索引码 信息索引号 索取号",
    "issuer": "发文机关 发布机构 发文单位 制发机关 制发单位 制定机关 责任部门 公开责任部门 发布单位 发布部门 公开主体 发布机关",
    "written_date": "成文日期 成文时间 生成日期 生成时间 发文日期 发文时间 制发日期 印发日期 签署日期 形成日期",
    "published_at": "发布日期 发布时间 公开日期 公开时间 发表时间 发布于 上网日期 发稿时间 信息时间",
    "title": "标题 名称 信息名称 文件名称 信息标题 文件标题",
    "doc_number": "文号 发文字号 文件编号 发文文号 文件号 文件字号 发文编号",
    "validity": "有效性 时效性 效力状态 是否有效 信息有效性 文件状态 文件有效性",
    "subject_words": "主题词 关键词",
    "disclosure_note": "公开方式 公开属性 公开形式 公开类别",
    "source": "来源 信息来源 稿件来源 文章来源 新闻来源 文件来源",
    "printed_time": "时间 日期",
}
"""`printed_time` is a date by a bare 时间 or 日期: what it dates is likely, not said."""

_FIELD_OF = {label: field for field, labels in _LABELS.items() for label in labels.split()}
_ALTERNATIVES = "|".join(r"\s{0,6}".join(label) for label in sorted(_FIELD_OF, key=len, reverse=True))
_WITH_COLON = re.compile(rf"(?:^|[\s【\[(|丨>•·])({_ALTERNATIVES})\s{{0,4}}[】\]]?\s{{0,4}}[:：]\s{{0,9}}")
_BARE = re.compile(rf"\s{{0,40}}[【\[]?({_ALTERNATIVES})[】\]]?\s{{0,40}}")
_FIRST = frozenset(label[0] for label in _FIELD_OF)
_NEXT_LABEL = re.compile(r"(?:^|[\s|丨【\[（(])\s{0,9}(?:[\u4e00-\u9fff]\s{0,3}){2,7}[:：]")
_TOOLS = re.compile(r"[【\[（(|丨]?\s{0,4}(?:字体|字号|字　?体|浏览|阅读|点击|访问量|打印|分享|责任编辑|我要纠错)")
_CELLS = frozenset(("td", "th", "dt"))
_CARRIERS = _CELLS | {"label", "strong", "b", "span", "dd", "em", "i"}
_ROWS = frozenset(("tr", "tbody", "table", "ul", "ol", "dl", "body", "form"))
_INSIDE_LIMIT = 1500
_MOST = 300  # labels of one page; real pages have a dozen


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A label in a line of text: its field, its value, and where the label begins."""

    field: str
    value: str
    start: int


@dataclass(frozen=True, slots=True)
class LabelledValue:
    """One label found, with its value and the element the label stands in."""

    field: str
    label: str
    value: str
    element: Element


def read_info_table(tree: Tree, body: Element | None) -> list[LabelledValue]:
    """All labelled values outside the body, then those at its very start (some families put the block into the container)."""
    outside: list[LabelledValue] = []
    within: list[LabelledValue] = []
    in_body = set(body.iter("*")) if body is not None else set()
    seen = 0
    for element in tree.elements:
        is_inside = element in in_body
        if len(outside) + len(within) >= _MOST:
            break
        if is_inside and seen > _INSIDE_LIMIT:
            continue
        text, tail = element.text, element.tail
        if text and not text.isspace():
            seen += len(text) if is_inside else 0
            if len(text) <= 600 and not _FIRST.isdisjoint(text):
                (within if is_inside else outside).extend(_read_text(element, text, is_tail=False))
        if tail and not tail.isspace():
            is_inside = is_inside and element is not body
            seen += len(tail) if is_inside else 0
            if len(tail) <= 600 and not _FIRST.isdisjoint(tail):
                (within if is_inside else outside).extend(_read_text(element, tail, is_tail=True))
    return [found for found in outside + within if found.value]


def labels_in(text: str) -> list[LabelledText]:
    """Each label with a colon in one line of text, and its value up to the next label; "" where it has none."""
    hits = _labels(text)
    ends = [hit.start() for hit in hits[1:]]
    return [
        LabelledText(_FIELD_OF["".join(hit.group(1).split())], _cut(text[hit.end() : end]), hit.start(1))
        for hit, end in zip_longest(hits, ends)
    ]


def _labels(text: str) -> list[re.Match[str]]:
    """Each label that a colon makes one."""
    return list(_WITH_COLON.finditer(text)) if "：" in text or ":" in text else []


def as_candidates(values: list[LabelledValue]) -> dict[str, list[Candidate]]:
    """Field to candidates `header:LABEL`, in page order."""
    fields: dict[str, list[Candidate]] = {}
    for found in values:
        fields.setdefault(found.field, []).append(Candidate(source=f"header:{found.label}", value=found.value))
    return fields


def info_blocks(values: list[LabelledValue], body: Element | None) -> list[Element]:
    """Tables and lists inside the body that are the metadata block (three labels or more): no part of the text."""
    if body is None:
        return []
    counts: dict[Element, int] = {}
    for found in values:
        if inside(found.element, body) and found.element is not body:
            for up in found.element.iterancestors("table", "dl", "ul", "div"):
                if up is body:
                    break
                counts[up] = counts.get(up, 0) + 1
    return [block for block, count in counts.items() if count >= 3 and len(text_of(block)) < _INSIDE_LIMIT]


def _read_text(element: Element, text: str, is_tail: bool) -> list[LabelledValue]:
    """Labels in one piece of text; `value` is "" where it is absent."""
    hits = _labels(text)
    out = []
    for number, hit in enumerate(hits):
        last = number + 1 == len(hits)
        rest = text[hit.end() : None if last else hits[number + 1].start()]
        value = _cut(rest) or (_following(element, is_tail) if last and not rest.strip() else "")
        out.append((hit.group(1), value))
    bare = _BARE.fullmatch(text) if not hits and not is_tail and element.tag in _CARRIERS else None
    if bare:
        value = _following(element, is_tail)
        # Without a colon only a cell of its own, or a colon that opens the value, makes a word a label.
        if (
            element.tag in _CELLS
            or _parent_is_cell(element)
            or (element.tail or "").lstrip().startswith((":", "："))
            or element.tag == "label"
        ):
            out.append((bare.group(1), value))
    labels = [("".join(printed.split()), present(value.lstrip(":： ")) or "") for printed, value in out]
    return [LabelledValue(_FIELD_OF[label], label, value[:300], element) for label, value in labels]


def _parent_is_cell(element: Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag in _CELLS and text_of(parent) == text_of(element)


def _following(element: Element, is_tail: bool) -> str:
    """What stands after a label that ends its text: the rest of its line, or the next cell."""
    followers = list(element.itersiblings() if is_tail else element)
    for follower in followers[:6]:
        if follower.tag == "br":
            return ""
        value = tidy(f"{text_of(follower)} {follower.tail or ''}")
        if value:
            return _cut(value)
    if followers or is_tail:
        return ""
    top: Element = element
    for _ in range(4):
        if top.tail and top.tail.strip(" :：\t\r\n\xa0\u3000"):
            return _cut(top.tail)
        neighbour = top.getnext()
        if neighbour is not None:
            return "" if neighbour.tag == "br" else _cut(text_of(neighbour))
        parent = top.getparent()
        if parent is None or parent.tag in _ROWS:
            return ""
        top = parent
    return ""


def _cut(text: str) -> str:
    """The value without the next label and without the page's tools (字体, 打印)."""
    text = tidy(text[:600]).lstrip(":： ")
    for pattern in (_NEXT_LABEL, _TOOLS):
        found = pattern.search(text)
        if found:
            text = text[: found.start()]
    return text.strip(" 　|丨【[（(")

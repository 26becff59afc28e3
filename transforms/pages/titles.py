"""The title of a notice: one rule over META, metadata block, family markup, headings and the <title> tag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gongkai.records.document import Finding
from transforms.pages.contract import Candidate
from transforms.pages.stamps import parse_stamp
from transforms.pages.tree import Element, NamePattern, Tree, inside, squash, text_of, tidy

_TRUST = {"meta": 3, "header": 3, "api": 4, "family": 3, "heading": 2, "tag": 2, "centred": 1}
_CUT = re.compile(r"(?:…|\.{2,}|。{2,})\s*$")
_SEPARATOR = re.compile(r"\s*[|｜_]\s*|\s+[-–—]{1,3}\s+|[-–—]{2,3}|\s*>{1,2}\s*")
_SITE = re.compile(r".{0,30}(?:门户网站?|政府网站?|人民政府|信息公开(?:网|平台|目录)?|官方网站|政务网|首页|网站|委员会|[厅局]|在线)\s*")
_HEADING = NamePattern(r"title|tit|bt|biaoti|headline|arc?title|article[-_]?title|xxgk_title")
_BELOW = re.compile(r"\W{0,3}(?:\d{4}[-./年]\d{1,2}[-./月]\d|(?:发布|发表|更新)?(?:时间|日期)\s?[:：]|来源\s?[:：]|作者\s?[:：])")
_NO_TITLE = re.compile(r"(?:首页|正文|详情|详细(?:内容|信息)?|内容页?|文章|信息公开|政府信息公开|无标题|标题|当前位置.{0,20})[:：]?")
_NUMBER_LINE = re.compile(r".{0,20}[〔\[【（(]\s?(?:19|20)\d\d\s?[〕\]】）)].{0,12}号?")


def heading_candidates(tree: Tree, body: Element | None) -> list[Candidate]:
    """Visible headings before the body, nearest first, then a centred opening line inside it."""
    end = tree.position[body] if body is not None else len(tree.position)
    near: list[tuple[int, str, str]] = []
    for tag in ("h1", "h2"):
        near += [(tree.position[h], tag, _words_of(h)) for h in tree.find(tag) if not inside(h, body)]
    for name, element in tree.named(_HEADING):
        if tree.position[element] < end and not inside(body, element):
            near.append((tree.position[element], f".{name}", text_of(element)))
    near.sort(key=lambda item: (item[0] > end, -item[0]))
    found = [Candidate(source=f"heading:{name}", value=text) for _, name, text in near[:12] if _is_title(text)]
    centred = _centred(body) if body is not None else None
    return found + ([Candidate(source="centred:body", value=centred)] if centred else [])


def _words_of(heading: Element) -> str:
    """The heading's words up to a line of it that names day, source or author (PHPCMS puts it into the h1)."""
    words = [heading.text or ""]
    for child in heading:
        text = text_of(child)
        if "".join(words).strip() and _BELOW.match(text):
            return tidy("".join(words))
        words += [text, child.tail or ""]
    return text_of(heading)


def tag_candidates(tree: Tree, names: Sequence[str]) -> list[Candidate]:
    """What the <title> tag says once the site's and the column's names are taken off."""
    found = [strip_site(text_of(tag), names) for tag in tree.find("title")[:1]]
    return [Candidate(source="tag:title", value=text) for text in found if _is_title(text)]


def strip_site(title: str, names: Sequence[str]) -> str:
    """Without the names of site and column that templates put before or behind a title (某市人民政府——…)."""
    parts = _SEPARATOR.split(title)
    if len(parts) < 2:
        return title
    known = {squash(name) for name in names}
    marks = _SEPARATOR.findall(title)
    while len(parts) > 1 and (squash(parts[-1]) in known or _SITE.fullmatch(parts[-1])):
        parts.pop()
        marks.pop()
    while len(parts) > 1 and (squash(parts[0]) in known or _SITE.fullmatch(parts[0])):
        parts.pop(0)
        marks.pop(0)
    return "".join(part + mark for part, mark in zip(parts, [*marks, ""], strict=True)).strip()


def choose_title(candidates: Iterable[Candidate], names: Sequence[str]) -> tuple[str | None, list[Finding]]:
    """The title most voices agree on, in its fullest form; H-TITLE where a trusted voice says something else.

    Names of the site or column are no titles; a title cut with … loses to a fuller one.
    """
    known = {squash(name) for name in names}
    voices = [Candidate(source=c.source, value=strip_site(c.value, names)) for c in candidates]
    voices = [c for c in voices if _is_title(c.value) and squash(c.value) not in known]
    groups: list[list[Candidate]] = []
    for voice in voices:
        home = next((g for g in groups if any(_same(voice.value, other.value) for other in g)), None)
        if home is None:
            groups.append([voice])
        else:
            home.append(voice)
    if not groups:
        return None, []
    groups.sort(key=_votes, reverse=True)
    title = _fullest(groups[0])
    findings = [
        Finding(
            rule="H-TITLE",
            severity="info",
            message=f"{voice.source} names another title",
            expected=title,
            actual=voice.value,
        )
        for voice in (g[0] for g in groups[1:])
        if _trust(voice) >= 3
    ]
    return title, findings


def is_cut(title: str) -> bool:
    """Ends with … or dots: a list or a template cut it."""
    return bool(_CUT.search(title))


def _votes(group: list[Candidate]) -> int:
    return sum({c.source.partition(":")[0]: _trust(c) for c in group}.values())


def _trust(candidate: Candidate) -> int:
    return _TRUST[candidate.source.partition(":")[0]]


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    a, b = (squash(_CUT.sub("", text)) for text in (one, other))
    short, long = sorted((a, b), key=len)
    return short in long and (len(short) >= 0.5 * len(long) or is_cut(one) or is_cut(other))


def _fullest(group: list[Candidate]) -> str:
    whole = [c for c in group if not is_cut(c.value)] or group
    best = whole[0].value
    for other in whole[1:]:
        longer = squash(other.value).startswith(squash(best)) and len(best) + 1 < len(other.value) <= 1.5 * len(best)
        if longer and _trust(other) >= 3:
            best = other.value
    return best


def _is_title(text: str) -> bool:
    return 4 <= len(text) <= 200 and not _NO_TITLE.fullmatch(text) and (parse_stamp(text) is None or len(text) > 24)


def _centred(body: Element) -> str | None:
    """The first centred line of the body that can be a title: no number line, no sentence."""
    for count, element in enumerate(body.iter("p", "div", "center", "h1", "h2", "h3", "td")):
        if count > 40:
            return None
        style = (element.get("style") or "").replace(" ", "").lower()
        if element.tag in ("center", "h1", "h2") or "text-align:center" in style or (element.get("align") or "").lower() == "center":
            text = text_of(element)
            if 5 <= len(text) <= 120 and _is_title(text) and not text.endswith(("。", "：", ":")) and not _NUMBER_LINE.fullmatch(text):
                return text
    return None

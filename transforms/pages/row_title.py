"""The words of a row's link: its full title, and the days that stand inside the link beside it.

Many templates put a whole row into its link (the day in a box, the title, the text's first words): such a link is read piece by piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from transforms.pages.titles import is_cut
from transforms.pages.tree import Element, squash, text_of, tidy

PINNED = re.compile(r"[\[【(（]?\s?置\s?顶\s?[\]】)）]?")
_BULLET = re.compile(r"^[\s·•▪■◆●○>»\-–]{1,6}|^\d{1,3}[.、]\s")
_TRAILING_DATE = re.compile(r"[\s\[(（]{0,4}(?:19|20)\d\d[-./年]\d{1,2}[-./月]\d{1,2}日?[\s\])）]{0,4}$")
_LEADING_DATE = re.compile(
    r"^(?:[\[(（【]\s?(?:19|20)\d\d[-./年]\d{1,2}[-./月]\d{1,2}日?\s?[\])）】]\s{0,4}|(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}\s{1,4})(?=\S{4})"
)
"""A day before the title, in brackets or set off; 2025年3月4日例市… is a title."""
_TAGS = re.compile(r"</?[a-zA-Z][^<>]{0,100}>")
_DAY = r"(?:\d{4}[-./年]\d{1,2}(?:[-./月](?:\d{1,2}日?)?)?|\d{1,2}[-./月]\d{1,2}日?|\d{1,2}日?|\d{4}年?)"
_DATED = re.compile(
    rf"[\[(（]?(?:{_DAY}(?:\d{{1,2}}:\d{{2}}(?::\d{{2}})?)?|.{{0,20}}(?:时间|日期)[:：]?{_DAY}.{{0,30}})[\])）]?",
)
"""A piece of a link, without blanks, that is nothing but a day (or a part of one), or says which day it names."""
_CLOCK = r"(?:\d{1,2}:\d{2}(?::\d{2})?)?"
_DAY_BEFORE = re.compile(rf"[\[(（]?(?:(?:19|20)\d\d[-./])?\d{{1,2}}[-./]\d{{1,2}}{_CLOCK}[\])）]?")
_DAY_BEHIND = re.compile(rf"[\[(（]?(?:(?:19|20)\d\d[-./年])?\d{{1,2}}[-./月]\d{{1,2}}日?{_CLOCK}[\])）]?")
_BLOCKS = frozenset(
    ("div", "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "table", "tbody", "tr", "td", "section")
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_TITLED = re.compile(r"(?<!sub)(?:title|tit|biaoti|bt)(?:$|[-_\d])", re.IGNORECASE)
_SAID_FIRST = re.compile(r"^(?:文章)?标\s?题\s?[:：]\s{0,3}")
_SAID_MORE = re.compile(r"\s+(?:作\s{0,2}者|来\s{0,2}源|点击\S{0,2}|阅读\S{0,2}|(?:发布|发表|更新|录入|创建)?(?:时间|日期))\s?[:：]")
_CUT_OFF = re.compile(r"(?:…|\.{2,}|。{2,}).*$")
_FEW = 8
_DEEPEST = 30
_LONGEST, _MOST_PIECES = 1000, 60
"""Characters of a title=, and pieces of a link, that are looked at."""


def title_of(link: Element) -> str:
    """The link's full title: its title= where that continues what is printed, else the printed words without bullets and days."""
    text, said = _bare(text_of(link)), _said(link)
    pieces, whole = _pieces(link), squash(said)
    for printed in (text, *(words for _, words in pieces)):
        start = squash(_CUT_OFF.sub("", printed))
        if said and whole.startswith(start[:20]) and (start or not text) and (is_cut(printed) or len(said) >= len(printed)):
            return said
    if said and squash(text).startswith(whole) and any(squash(text_of(part)) == whole for part in islice(link.iter("*"), 1, 40)):
        return said  # the title has a part of the link for itself; what follows is the name of another notice (解读)
    return _chosen(pieces) or text or said


def days_of(link: Element) -> str:
    """The days inside the link that are no part of its title."""
    text = text_of(link)
    trailing = _TRAILING_DATE.search(text) or _LEADING_DATE.match(_BULLET.sub("", text))
    dated = [words for _, words in _leaves(link) if _DATED.fullmatch(squash(words))]
    return " ".join([*dated, *([trailing.group()] if trailing and not dated else [])])


def is_day(text: str) -> bool:
    """Whether a text is nothing but a day, or a part of one."""
    return _DATED.fullmatch(squash(text)) is not None


def whole_title(title: str, row: Element) -> str:
    """The whole of a title that is cut, where another element of its row has it in an attribute."""
    if not is_cut(title):
        return title
    start = squash(_CUT_OFF.sub("", title))
    said = (tidy(element.get(name) or "") for element in islice(row.iter("*"), 60) for name in ("title", "alt", "data-title"))
    return next((text for text in said if len(start) >= 4 and squash(text).startswith(start) and not is_cut(text)), title)


def _said(link: Element) -> str:
    """The attribute title=; some systems put author, day and clicks behind the title. mc is Hanweb's own attribute."""
    said = _SAID_MORE.split(tidy(_TAGS.sub("", (link.get("title") or link.get("mc") or "")[:_LONGEST])), maxsplit=1)[0]
    return _SAID_FIRST.sub("", said)


def _bare(text: str) -> str:
    return PINNED.sub("", _TRAILING_DATE.sub("", _LEADING_DATE.sub("", _BULLET.sub("", text)))).strip() if text else ""


def _pieces(link: Element) -> list[tuple[Element, str]]:
    """The link's pieces that are no days; none for a link whose words are of one piece."""
    leaves = list(islice(_leaves(link), _MOST_PIECES)) if len(link) else []
    return (
        [(element, bare) for element, words in leaves if not _DATED.fullmatch(squash(words)) and (bare := _bare(words))]
        if len(leaves) > 1
        else []
    )


def _chosen(pieces: list[tuple[Element, str]]) -> str | None:
    """The piece that is marked as the title, else the first that is long enough for one."""
    marked = [words for element, words in pieces if element.tag in _HEADINGS or _TITLED.search(element.get("class") or "")]
    long = [words for _, words in pieces if len(words) >= _FEW]
    return next(iter([*marked, *long, *(words for _, words in pieces)]), None)


def _leaves(element: Element, depth: int = 0) -> Iterator[tuple[Element, str]]:
    """Texts of the innermost blocks."""
    if depth > _DEEPEST or not _is_apart(element):
        if words := text_of(element):
            yield element, words
        return
    if own := tidy(element.text or ""):
        yield element, own
    for child in element:
        yield from _leaves(child, depth + 1)
        if behind := tidy(child.tail or ""):
            yield element, behind


def _is_apart(element: Element) -> bool:
    """Whether an element's parts are words of their own: it holds blocks, nothing but days, or a whole day first or last.

    A day or a number amid words is a part of the title, marked by a search.
    """
    if not len(element):
        return False
    if any(child.tag in _BLOCKS for child in element.iterdescendants()):
        return True
    first, last = squash(element.text or ""), squash(element[-1].tail or "")
    inner = [squash(part or "") for child in element for part in (text_of(child), child.tail)]
    parts = [part for part in (first, *inner) if part]
    if len(parts) > 1 and all(map(_DATED.fullmatch, parts)):
        return True
    return bool(not first and _DAY_BEFORE.fullmatch(inner[0])) or bool(not last and _DAY_BEHIND.fullmatch(inner[-2]))

"""Where a page's text is: the container of the body, found by the family's names for it or by weight; related-links blocks cut off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from lxml import etree

from transforms.pages.tree import Element, NamePattern, Tree, text_of

_PUNCTUATION = re.compile("[，。；、：]")
_BLOCKS = frozenset(
    (
        "p",
        "div",
        "td",
        "th",
        "li",
        "ul",
        "ol",
        "dl",
        "dd",
        "dt",
        "table",
        "tbody",
        "tr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "center",
        "blockquote",
        "form",
        "main",
        "pre",
    )
)
_LEAVES = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "span", "a", "font", "b", "strong", "blockquote", "pre"))
_TABLE_PARTS = frozenset(("table", "tbody", "thead", "tr"))
_SILENT = frozenset(("a", "select", "option", "button", "textarea", "nav", "footer", "header", "title", "head"))
_ASIDE = NamePattern(r"foot(?:er)?|head(?:er)?|nav|menu|crumbs?|copyright|banquan|sidebar|share|recommend|weizhi|location")
_RELATED = re.compile(
    r"[\s【\[<>]{0,5}(?:上一[篇条页]|下一[篇条页]|相关(?:链接|解读|文章|阅读|稿件|文件|信息|新闻|报道|政策|推荐|内容)|关联(?:稿件|文件|信息|解读)|政策解读|图解(?:政策)?|延伸阅读|热点推荐)"
    r"[\s】\]>]{0,5}(?:[:：]|$)"
)
_TOOLS = re.compile(
    r"[\s【\[(（]{0,5}(?:打印(?:本页|文章|此页|内容)?|关闭(?:窗口|本页|页面)?|返回顶部|收藏(?:本页)?|分享(?:到|至)?|扫一扫在手机打开当前页|字体|字号)[\s:：】\])）]{0,5}"
)
_MOST = 50  # elements of one name that are weighed against each other
_ENOUGH = 30
"""Characters that make a named container a body; a shorter one counts only if it holds a link or an image."""


def is_aside(element: Element) -> bool:
    """Head, foot, navigation, form parts: never a body."""
    return element.tag in _SILENT or any(map(_ASIDE, f"{element.get('class') or ''} {element.get('id') or ''}".split()))


def is_related(element: Element) -> bool:
    """A block that opens with 相关链接, 上一篇 and the like."""
    first = next((text for part in element.itertext() if (text := str(part).strip())), "")
    return bool(_RELATED.match(first))


def find_body(tree: Tree, selectors: Sequence[str]) -> Element | None:
    """The body's container: the first of `selectors` that holds something, else the heaviest block of running text."""
    for selector in selectors:
        holders = tree.find(selector)[:_MOST]
        if holders:
            best = max(holders, key=lambda holder: len(text_of(holder)))
            if len(text_of(best)) >= _ENOUGH or best.find(".//a[@href]") is not None or best.find(".//img") is not None:
                return best
    return _heaviest(tree)


def _heaviest(tree: Tree) -> Element | None:
    """Walk down from the top into the child that holds most of the text, until no block child does.

    Link texts, page heads and feet weigh nothing; punctuation of running text weighs more.
    """
    weight: dict[Element, float] = {}
    for element in reversed(tree.elements):
        own = _weigh(element.text) + sum(weight[child] + _weigh(child.tail) for child in element)
        weight[element] = 0.0 if is_aside(element) else own
    here = tree.root
    if weight[here] < _ENOUGH:
        return None
    while True:
        blocks = [child for child in here if child.tag in _BLOCKS or child.tag in ("body", "html") or len(child)]
        if not blocks:
            break
        heavy = max(blocks, key=weight.__getitem__)
        if heavy.tag in _LEAVES or weight[heavy] <= 0.5 * weight[here]:
            break
        if heavy.tag == "div" and not any(child.tag in _BLOCKS for child in heavy) and weight[heavy] < weight[here]:
            break  # a paragraph that is a div, among others
        here = heavy
    while here.tag in _TABLE_PARTS and (up := here.getparent()) is not None:
        here = up
    return here


def _weigh(text: str | None) -> float:
    if not text or len(text) < 6:
        return 0.0
    return len(text.strip()) + 8.0 * len(_PUNCTUATION.findall(text))


def trim(body: Element, drop: Sequence[Element]) -> None:
    """Cut `drop` and the page's own additions out of the body: tools anywhere, related links and all that follows them."""
    for block in drop:
        _remove(block)
    whole = len(text_of(body))
    before = 0
    for element in list(body.iter("*")):
        if element is body:
            before += len(element.text or "")
            continue
        own = element.text or ""
        if element.tag not in ("td", "th") and 1 < len(own.strip()) <= 20:
            if _RELATED.match(own) and len(text_of(element)) < 400 and _stands_alone(element, body):
                if before > 0.3 * whole or whole - before < 400:
                    _cut_from(element, body)
                    return
                _remove(_block_of(element, body))
            elif _TOOLS.fullmatch(own) and element.getparent() is not None:
                _remove(element)
        before += len(own) + len(element.tail or "")


def _stands_alone(element: Element, body: Element) -> bool:
    """A marker opens its own line; the same word in the middle of a sentence is text."""
    block = _block_of(element, body)
    return text_of(block).startswith((element.text or "").strip()[:4].strip("【[<> ")) or text_of(block)[:1] in "【[<"


def _block_of(element: Element, body: Element) -> Element:
    while element.tag not in _BLOCKS and (up := element.getparent()) is not None and up is not body:
        element = up
    return element


def _cut_from(element: Element, body: Element) -> None:
    """Remove the marker's block and everything after it inside the body."""
    block = here = _block_of(element, body)
    while here is not body and (up := here.getparent()) is not None:
        for later in list(here.itersiblings()):
            up.remove(later)
        here.tail = None
        here = up
    _remove(block)


def _remove(element: Element) -> None:
    up = element.getparent()
    if up is None:
        return
    tail = element.tail
    if tail and tail.strip():
        previous = element.getprevious()
        if previous is not None:
            previous.tail = (previous.tail or "") + tail
        else:
            up.text = (up.text or "") + tail
    up.remove(element)


def inner_html(body: Element) -> str | None:
    """The markup inside the container; None where nothing is left."""
    children = list(body)
    shell = etree.SubElement(body, "div")  # around the children for a moment: to write them one by one takes three times as long
    shell.extend(children)
    written = etree.tostring(shell, encoding="unicode", method="html").removeprefix("<div>").removesuffix("</div>")
    body[:] = children
    return (escape(body.text or "", quote=False) + written).strip() or None

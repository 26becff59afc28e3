"""What changes on a page each time it is sent though nobody edited it: view counters, times of building, sessions in addresses.

All of it is left out of a version's digest, and of nothing else: what is kept of the page is what it said.
"""

from __future__ import annotations

import re
from itertools import islice

from lxml import etree

from crawlers.own_url import without_session
from gongkai.identity import canonical_url
from transforms.pages.tree import Element

_COUNTER = (
    r"(?:浏览|阅读|点击|访问|查看)(?:次数|人数|人次|总?量|数|率)?[:：]?\d{1,12}[次人]{0,2}"
    r"|(?:浏览|阅读|点击|访问)了\d{1,12}[次人]{1,2}|人气[:：]?\d{1,12}"
)
_MOMENT = r"(?:19|20)\d\d[-./年]\d{1,2}[-./月]\d{1,2}日?T?(?:\d{1,2}[:：时]\d{1,2}(?:[:：分]\d{1,2}秒?)?)?"
_BUILT = (
    rf"(?:(?:页面|网页|本页|静态)生成|打印|当前|系统|服务器|北京)(?:日期|时间)[:：]?{_MOMENT}"
    rf"|今天是{_MOMENT}(?:星期[一二三四五六日天])?"
)
_UNSTABLE = re.compile(f"{_COUNTER}|{_BUILT}")
_SIGNS = (*"览阅击访看气", *(f"{end}{word}" for end in "成印前统器京" for word in ("时间", "日期")), "今天是")
"""Without one of these there is neither; to look for each takes half the time of a regular expression for all."""
_LINES = frozenset(("p", "div", "span", "li", "td", "h3", "h4", "h5", "h6", "font", "center", "em", "i", "b", "strong", "small"))
_LONGEST = 120
"""Characters of a line in which a counter is one; a longer one, or a sentence, may report figures."""
_MOST_PARTS = 20
"""Elements within a line; what holds more is no line, and to read it at each depth would cost their product."""
_SENTENCE = re.compile("[，。；]")
_QUERY = re.compile(
    r"(?<=[?&])(?:token|access_token|_?csrf|csrf_?token|jsessionid|phpsessid|session_?id|rnd|random|nonce)=[^&]*(?:&|$)", re.IGNORECASE
)


def leave_out(body: Element, markup: str) -> None:
    """Cut counters and times of building out of the short lines of a body; `markup` is what it was parsed from."""
    if not any(sign in markup for sign in _SIGNS):
        return
    for element in list(body.iter(*_LINES)):
        if next(islice(element.iterdescendants(), _MOST_PARTS, None), None) is not None:
            continue
        text = "".join(str(etree.tostring(element, method="text", encoding="unicode", with_tail=False)).split())
        if text and len(text) <= _LONGEST and not _SENTENCE.search(text) and _UNSTABLE.search(text):
            for child in list(element):
                element.remove(child)
            element.text = _UNSTABLE.sub("", text)


def stable_url(url: str) -> str:
    """A link's address as a version counts it: canonical, without sessions and tokens."""
    return _QUERY.sub("", canonical_url(without_session(url))).rstrip("?&")

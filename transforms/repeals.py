"""Earlier documents that a document abolishes (废止, 失效) or amends (修改): findings H-ABOLISH and H-AMEND, one a cited document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gongkai.records.document import Citation, Finding
from transforms.body import Body

_CITED = "\ue000"
"""Stands for one citation in a sentence, so that verbs inside titles are not read and lists of titles stay short."""
_LIST = (
    rf"(?:[{_CITED}、和及与,;\s]|以及|等|原|下列|以下|\d{{1,3}}(?:件|部|份|个|项)|"
    r"(?:行政)?规范性文件|政府规章|文件|第[一二三四五六七八九十\d]{1,3}条){0,40}"
)
_VERB_BEFORE = re.compile(r"(?P<abolish>废止|宣布失效)|(?P<amend>修改|修订)")
_REST = re.compile(_LIST)
_VERB_BEHIND = re.compile(
    rf"{_LIST}(?:(?:同时|即行|自行|自然|一并|相应|均|予以|即|自.{{1,24}}?起|,){{0,4}})(?:(?P<abolish>废止|失效|停止执行|不再执行)|"
    r"(?P<amend>(?:作|作出|作如下|作以下|进行)(?:如下|以下)?修[改订]|修改为))"
    rf"|(?P<clause>{_LIST}[^。;{_CITED}]{{0,80}}(?:修改为|改为|删去|删除))"
)
# 对以下2件规章予以废止：, 决定废止的规范性文件目录: what is abolished stands in the lines below, one each.
_LIST_HEAD = re.compile(
    r"(?:(?:以下|下列|如下)[^。;]{0,60}(?P<verb>废止|失效|修改)|(?P<before>废止|失效|修改)[^。;]{0,30}(?:以下|下列|如下)[^。;]{0,30})[^。;]{0,16}:$"
    r"|(?:^|[^。;,]{0,30})(?P<named>废止|失效|修改)的?[^。;,]{0,30}(?:目录|清单)(?:\([^()]{1,20}\))?$"
)
_LIST_VERB = re.compile("废止|失效|修改")  # what every such head has: asked first, for it takes a thirtieth of the time
_ITEM = re.compile(r"\s{0,4}(?:[一二三四五六七八九十]{1,4}、|\(?[一二三四五六七八九十\d]{1,3}[).、\s]\s{0,4}|(?=《))")
_SENTENCE = re.compile(r"[^。\n\t]{4,2000}")
_ABOLISHED = "an earlier document is abolished by this one"
_AMENDED = "an earlier document is amended by this one"


def read_repeals(body: Body, citations: Sequence[Citation]) -> list[Finding]:
    """Findings in the order of the citations, which stay mentions."""
    others = [citation for citation in citations if citation.role not in ("self", "attachment")]
    found: list[Finding] = []
    at = 0
    for sentence in _SENTENCE.finditer(body.folded):
        while at < len(others) and others[at].start < sentence.start():
            at += 1
        inside = []
        while at < len(others) and others[at].end <= sentence.end():
            inside.append(others[at])
            at += 1
        if inside and re.search(r"废止|失效|执行|修[改订]|改为|删[去除]", sentence.group()):
            found.extend(_in_sentence(body, sentence.start(), sentence.end(), inside))
    known = {finding.start for finding in found}
    found.extend(finding for finding in _listed(body, others) if finding.start not in known)
    once: dict[tuple[str, str | None], Finding] = {}
    for finding in sorted(found, key=lambda one: one.start or 0):
        once.setdefault((finding.rule, finding.actual), finding)
    return list(once.values())


def _listed(body: Body, cited: Sequence[Citation]) -> Iterator[Finding]:
    """The first citation of each item of a list of abolished or amended documents."""
    lines = [(match.start(), match.group()) for match in re.finditer(r"[^\n]{1,2000}", body.folded)]
    at = 0
    verb: str | None = None
    for start, line in lines:
        end = start + len(line)
        head = _LIST_HEAD.search(line) if len(line) <= 200 and _LIST_VERB.search(line) else None
        if head and not _ITEM.match(line):
            verb = head["verb"] or head["before"] or head["named"]
            continue
        while at < len(cited) and cited[at].start < start:
            at += 1
        inside = at < len(cited) and cited[at].end <= end
        if not verb or not inside or not _ITEM.match(line):
            verb = verb if verb and not line.strip("\t 0123456789") else None
            continue
        yield _finding(cited[at], abolished=verb != "修改")


def _in_sentence(body: Body, begin: int, end: int, cited: Sequence[Citation]) -> Iterator[Finding]:
    parts, at = [], begin
    for citation in cited:
        parts.append(body.folded[at : citation.start])
        at = citation.end
    short = _CITED.join([*parts, body.folded[at:end]])
    place = -1
    for citation in cited:
        place = short.find(_CITED, place + 1)
        verb = _verb(short, place)
        if verb:
            yield _finding(citation, abolished=verb == "abolish")


def _finding(citation: Citation, *, abolished: bool) -> Finding:
    return Finding(
        rule="H-ABOLISH" if abolished else "H-AMEND",
        severity="info",
        message=_ABOLISHED if abolished else _AMENDED,
        actual=citation.title or citation.doc_number,
        start=citation.start,
        end=citation.end,
    )


def _verb(short: str, place: int) -> str | None:
    """abolish or amend: the verb that the citation at `place` is the object of."""
    before = max(_VERB_BEFORE.finditer(short, max(0, place - 200), place), key=lambda verb: verb.start(), default=None)
    if before and _REST.fullmatch(short, before.end(), place):
        return before.lastgroup
    behind = _VERB_BEHIND.match(short, place + 1)
    return behind.lastgroup if behind else None

"""Zero phrases: 未发生行政复议和诉讼, 行政诉讼均为零. One phrase may say zero of several metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from gongkai.metrics import Metric, load_metrics
from gongkai.records.document import MetricValue, ValueState
from transforms.body import Body
from transforms.reports.mentions import Sentence
from transforms.reports.scope import scope_of

_NEGATION = re.compile(
    r"(?:[未没]有?(?:曾)?(?:收到|接到|受理|发生|出现|产生|引发|引起|因|涉及|接受|接收|收取|存在|提起|遇到)|尚无|没有因?|未[对向][^,。;]{1,24}收取|没有[^,。;]{1,20}提[出交]|未有|零(?=申请|复议|诉讼|投诉|举报)|暂无|并无|不存在|从无|"
    r"(?<!有)无(?=[^,。;]{0,24}(?:复议|诉讼|申诉|投诉|举报|败诉|申请|收费|收取|咨询)))(?P<object>[^,。;]{1,60})"
)
_BEHIND = re.compile(
    r"(?P<object>[^,。;\d]{2,40}?)(?:均|都|全部|皆)?(?:为零|为0(?![.\d])|为0?[件起宗]?$|0[件起宗]$|均未发生|未发生|没有发生|:无|数?为无)"
)
_BEHIND_MARK = re.compile(r"零|为0|0[件起宗]|未发生|没有发生|:无|为无")  # cheap: most sentences have none
# 五、行政复议情况 / 无。: the heading says of what.
_NOTHING = re.compile(
    r"^(?:20\d\d年度?,?)?(?:本年度?|我.|本.|本机关|本单位|,){0,2}(?:暂|均|尚)?(?:无|没有|未发生|未出现|不存在)"
    r"(?:相关|此类|该类|此项|上述|任何|有关|发生){0,2}(?:情况|情形|事项|案件|现象)?(?:发生)?[。!]?$"
)
_APPLICATION = re.compile(r"(?:公开|信息|依申请)[^,。;]{0,8}申请|申请[^,。;]{0,6}公开|依申请公开")
_ONE_CHANNEL = re.compile(r"(?:网上|网络|电话|现场|当面)咨询")
_PERMIT = re.compile(r"许可|审批|登记|补贴|救助")
_MAX = 8


def zero_phrases(sentence: Sentence, body: Body, era: str, stated: set[str]) -> Iterator[MetricValue]:
    """Metrics that the sentence says are zero; `stated` are those it gives a number for."""
    taken = set(stated)
    if _NOTHING.match(sentence.text):
        yield from _zeros("无" + sentence.section, sentence, body, era, (0, len(sentence.text)), taken)
        return
    for pattern in (_NEGATION, _BEHIND) if _BEHIND_MARK.search(sentence.text) else (_NEGATION,):
        for found in list(pattern.finditer(sentence.text))[:_MAX]:
            yield from _zeros(found.group(), sentence, body, era, found.span(), taken)


def _zeros(words: str, sentence: Sentence, body: Body, era: str, span: tuple[int, int], taken: set[str]) -> Iterator[MetricValue]:
    for code in _negated(words, sentence, era):
        if code in taken:
            continue
        taken.add(code)
        metric = load_metrics()[code]
        start, end = sentence.span(*span)
        yield MetricValue(
            code=code, label=metric.zh, value=Decimal(0), unit=metric.unit, state=_state(words),
            scope=scope_of(sentence.text, span[1]), era=era, raw=body.text[start:end], start=start, end=end,
        )  # fmt: skip


@lru_cache(maxsize=1)
def _countable() -> tuple[Metric, ...]:
    return tuple(m for m in load_metrics().by_code.values() if m.zero)


def _negated(words: str, sentence: Sentence, era: str) -> Iterator[str]:
    dispute = "复议" in words or "诉讼" in words
    for metric in _countable():
        if not any(noun in words for noun in metric.zero):
            continue
        if metric.code == "app_received_total" and (dispute or "费" in words or not _of_information(words, sentence.heading)):
            continue  # 复议的申请 is no application for information, and 依申请公开收费 no application either
        if metric.type == "money" and (era not in metric.eras or "费" not in words or ("处理费" in words and era != "B")):
            continue  # since 2021 only the 信息处理费 can be charged
        if metric.code == "consultations_total" and _ONE_CHANNEL.search(words):
            continue
        if metric.code in ("complaints_total", "consultations_total") and not re.search("公开|咨询情况", sentence.text + sentence.heading):
            continue
        yield metric.code


def _of_information(words: str, heading: str) -> bool:
    """True where the 申请 in `words` are applications for information, by the words or the heading above them."""
    return bool(_APPLICATION.search(words)) or words.startswith("零") or ("依申请" in heading and not _PERMIT.search(words))


def _state(phrase: str) -> ValueState:
    return "zero_printed" if re.search(r"(?<![\d年月])0[件起宗]?$", phrase) else "zero_phrase"

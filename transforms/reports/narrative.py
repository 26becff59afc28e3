"""Numbers in prose bound to their metrics (annual-reports.md section 4): by the words before and behind them, 其中 and 均.

Rules are data (`prose`, `zero`, `all` in gongkai/data/metrics.yaml). A number that no rule claims is no metric.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from gongkai.metrics import Metric, ProseRule, load_metrics
from gongkai.records.document import MetricValue
from transforms.body import Body
from transforms.reports.mentions import Mention, Sentence, mentions, sentences
from transforms.reports.quality import expected_era
from transforms.reports.scope import scope_of
from transforms.reports.zeros import zero_phrases

# Words that may stand between the words of a metric and its number.
_FILLER_WORDS = (
    "总?数量?|总量|件数|次数|人数|共计|总计|累计|合计|共有|一共|总共|共|计|分别|均|为|有|是|达到?了?|近|约|大约|逾|超过?|多达|了|:|的|"
    r"(?:增加|增长|提高|上升|减少|下降|增)[到至]|现在|目前|更新量?|[”\"’」』]|\([^()\d]{1,30}\)|,(?=共|合计|总计|累计|达|为)"
)
_FILLER = f"(?:{_FILLER_WORDS}){{0,6}}$"
# What patterns of the dictionary share: verbs of publishing, and what is published without a subject of its own.
_SHARED = {
    "<公开>": r"(?:主动|全面|及时|集中|共|累计|全年|总计){0,4}(?:公开|发布|公布|更新|新增|推送|刊登|登载|刊发|转发|推出|发文)了?",
    "<信息>": r"(?:[^。;:\d]{2,60}等(?:方面的?)?|(?:[^,。;:、\d]{1,8}、){1,6}[^,。;:、\d]{0,8}|"
    r"(?:各类|各|的|有关|相关|政府|政务|动态|工作|主动公开的?){0,4})"
    r"(?:政府|政务)?(?:信息|消息|内容|动态|文章|稿件|推文)?(?:公开|发布|更新)?量?",
}
_THAN_BEFORE = r"(?:同比|环比|比上一?年度?|比去年|较上一?年度?|较去年|与上年|与去年|比20\d\d年|较20\d\d年)"
_COMPARISON = re.compile(rf"{_THAN_BEFORE}[^。;]{{0,20}}$|(?:增长|增加|减少|下降|上升|提高|提升|增幅)(?:了|约|近)?$")
# 由原来的2人增加到5人: the figure is 5.
_GREW_FROM = re.compile(r"[由从](?:原来|原有|去年|上年)?的?[^,。;]{1,12}?(?=(?:增加|增长|提高|上升|减少|下降|增)[到至])")
_GROWTH = re.compile(rf"{_THAN_BEFORE}[^。;,\d]{{0,10}}(?P<way>增长|增加|上升|提高|减少|下降|降低)(?:了|约|近)?$")
_SHARE = re.compile(r"占[^,。;\d]{0,24}$")
_YEAR = re.compile(r"(20\d\d)年")
# A year in a title, an aside, a starting point or a comparison does not say whose figure follows.
_OTHER_DATES = re.compile(
    r"《[^《》]{0,60}》|\([^()]{0,60}\)|[自从]20\d\d年[^,。;]{0,12}[起来始]|[与和同比较]20\d\d年|20\d\d年度?(?=结转|转结)"
)
_LAST_YEAR = re.compile(r"(?:去年|上一?年度?|上年)(?!度?结转)[^。;,]{0,12}$")
_CHILDREN = re.compile(r"其中|包括|包含|分别(?:是|为)")
_CLAUSE_END = re.compile(r"[,。;]")
_RESPECTIVELY = re.compile(r"(?P<names>[^,。;:\d]{2,50}?)(?:数量?|案件)?分别(?:为|是|有|达)?:?$")
_LIST_GAPS = frozenset(("、", ",", "和", "与", "及"))
_COUNTED = re.compile(r"[县区]")
_AHEAD = re.compile(r"(?:\(?[一二三四五六七八九十]{1,3}[、)])?(?:下一?步|今后|明年|接下来)")
# Work of an office that is no application for information: what is received, answered or settled there counts elsewhere.
_OTHER_WORK = re.compile(
    r"(?<!公开方面的)(?:留言|来信|来访|信件|信访|诉求|提案|议案|人大|政协|热线|工单|审批|许可|服务事项|办件)(?:(?!申请)[^。;]){0,60}$"
)
_OF_TWO_YEARS = frozenset(("app_carried_in", "app_carried_out"))
_ASIDE = re.compile(r"\([^()]{2,60}\)")
_MIN_LABEL = 4
_MAX_LEFT = 90
_MAX_RIGHT = 60


@dataclass(frozen=True, slots=True)
class _Rule:
    metric: Metric
    rule: ProseRule
    units: frozenset[str]
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    context: re.Pattern[str] | None
    unless: re.Pattern[str] | None


@dataclass(slots=True)
class _Claim:
    """A rule that fits a number, and how strongly."""

    rule: _Rule
    strength: tuple[int, int, int]
    dimensions: dict[str, str] = field(default_factory=dict)


@lru_cache(maxsize=1)
def _rules() -> tuple[_Rule, ...]:
    dictionary = load_metrics()
    out = []
    for metric in dictionary.by_code.values():
        for rule in (*metric.prose, *_printed(metric)):
            units = frozenset(rule.units or dictionary.unit_variants[metric.unit])
            before = re.compile(f"(?:{_shared(rule.before)}){_FILLER}") if rule.before else None
            out.append(_Rule(metric, rule, units, before, _compiled(rule.after), _compiled(rule.context), _compiled(rule.unless)))
    return tuple(out)


def _printed(metric: Metric) -> Iterator[ProseRule]:
    """The labels of the forms as prose says them: a last resort behind the metric's own rules."""
    labels = (metric.stat.labels if metric.stat and not metric.stat.under else ()) + (metric.table3.labels if metric.table3 else ())
    for label in labels:
        words = _ASIDE.sub("", label).removesuffix("数")
        if len(words) >= _MIN_LABEL:
            context = "申请" if metric.code.startswith("app_") else None
            yield ProseRule(before="(?<!应)" + re.escape(words), eras=metric.eras, context=context, priority=-1)


@lru_cache(maxsize=64)
def _rules_for(unit: str) -> tuple[_Rule, ...]:
    return tuple(rule for rule in _rules() if unit in rule.units)


@lru_cache(maxsize=1)
def _repeating() -> tuple[tuple[Metric, re.Pattern[str]], ...]:
    """Metrics that 均 … may state, with the phrase that does."""
    return tuple((m, re.compile(f"(?:均|全部|皆|都){m.all}")) for m in load_metrics().by_code.values() if m.all is not None)


def _shared(pattern: str) -> str:
    for name, words in _SHARED.items():
        pattern = pattern.replace(name, words)
    return pattern


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    return re.compile(pattern) if pattern else None


@lru_cache(maxsize=1)
def _parents() -> frozenset[str]:
    """Codes that open a 其中 for others."""
    metrics = load_metrics().by_code.values()
    return frozenset(code for m in metrics for code in (*m.all_of, *(c for rule in m.prose for c in rule.parent)))


def read_narrative(body: Body, era: str, report_year: int | None) -> list[MetricValue]:
    """Metrics of the prose, in reading order, the same statement once.

    `era` N also means that no table was found (an attachment, an image): the words then follow the form of the year.
    """
    if era == "N" and report_year is not None:
        era = expected_era(report_year)
    reader = _Reader(era, report_year)
    found: list[MetricValue] = []
    for sentence in sentences(body):
        if sentence.outlook or _AHEAD.match(sentence.text):
            continue
        bound = list(reader.sentence(sentence, body))
        found += bound
        found += zero_phrases(sentence, body, era, {m.code for m in bound})
    return _once(found)


def _once(found: list[MetricValue]) -> list[MetricValue]:
    """Encyclopaedia copies and summaries say a thing twice; a zero phrase beside a printed number of the same metric goes."""
    numbered = {m.code for m in found if m.state != "zero_phrase"}
    seen: set[tuple[str, Decimal | None, tuple[tuple[str, str], ...], str | None]] = set()
    out = []
    for metric in sorted(found, key=lambda m: (m.start, m.end)):
        key = (metric.code, metric.value, tuple(sorted(metric.dimensions.items())), metric.unit)
        if key in seen or (metric.state == "zero_phrase" and metric.code in numbered):
            continue
        seen.add(key)
        out.append(metric)
    return out


@dataclass(slots=True)
class _Reader:
    """Keeps the open totals of the paragraph, for 其中 and 均."""

    era: str
    year: int | None
    open: dict[str, MetricValue] = field(default_factory=dict)
    said: dict[str, MetricValue] = field(default_factory=dict)
    """Every total of the paragraph, for 均."""
    last: MetricValue | None = None
    part: bool = False
    """The last metric was read as a part of an open total."""

    def sentence(self, sentence: Sentence, body: Body) -> Iterator[MetricValue]:
        """Metrics that one sentence states."""
        if sentence.opens_paragraph:
            self.open.clear()
            self.said.clear()
            self.last = None
        text = sentence.text
        grew = [(m.start(), m.end()) for m in _GREW_FROM.finditer(text)]
        found = [m for m in mentions(text) if not any(start <= m.start < stop for start, stop in grew)]
        named = _respectively(text, found)
        end = 0
        for mention in found:
            left = named.get(mention.start) or _ASIDE.sub("", _GREW_FROM.sub("", text[max(end, mention.start - _MAX_LEFT) : mention.start]))
            right = _right(text, mention.end)
            end = mention.end
            metric = self._metric(sentence, mention, left, right, body)
            if metric is not None:
                yield metric
                self.last = metric if metric.unit != "%" else self.last
                self._open(metric, text[: mention.start], left)
        yield from self._all(sentence, body)

    def _open(self, metric: MetricValue, before: str, left: str) -> None:
        """A total is open for its parts until another total comes; after 其中 a part with parts of its own leaves it open."""
        if metric.code not in _parents():
            return
        listed = _CHILDREN.search(left) or "其中" in _ASIDE.sub("", before)
        part = (listed or self.part) and any(_family(code) == _family(metric.code) for code in self.open)
        self.open = (self.open if part else {}) | {metric.code: metric}
        self.said[metric.code] = metric

    def _metric(self, sentence: Sentence, mention: Mention, left: str, right: str, body: Body) -> MetricValue | None:
        text = sentence.text
        if mention.unit == "%":
            growth = _GROWTH.search(left)
            if growth:
                return self._growth(sentence, mention, growth["way"], body)
        if _SHARE.search(left) or _COMPARISON.search(left):
            return None
        claims = [c for rule in _rules_for(mention.unit) if (c := self._claim(rule, sentence, mention, left, right)) is not None]
        if not claims:
            return None
        best = max(claims, key=lambda c: c.strength)
        if best.rule.metric.code not in _OF_TWO_YEARS and self._other_year(text, mention, left):
            return None
        self.part = bool(best.rule.rule.parent)
        start, end = sentence.span(mention.start, mention.end)
        return MetricValue(
            code=best.rule.metric.code, label=best.rule.metric.zh, value=mention.value,
            unit=best.rule.metric.unit if _COUNTED.match(mention.unit) else mention.unit,
            state="number" if mention.value else "zero_printed", qualifier=mention.qualifier or best.rule.rule.qualifier,
            dimensions=best.dimensions, scope=scope_of(text, mention.start), era=self.era, raw=body.text[start:end], start=start, end=end,
        )  # fmt: skip

    def _claim(self, rule: _Rule, sentence: Sentence, mention: Mention, left: str, right: str) -> _Claim | None:
        if rule.rule.eras and self.era not in rule.rule.eras:
            return None
        if rule.rule.parent and not any(code in self.open for code in rule.rule.parent):
            return None
        before = rule.before.search(left) if rule.before else None
        after = rule.after.match(right) if rule.after else None
        if (rule.before and before is None) or (rule.after and after is None):
            return None
        if rule.unless and rule.unless.search(left):
            return None
        if rule.context and not rule.context.search(sentence.text[: mention.end] + right + " " + sentence.heading):
            return None
        if rule.metric.code.startswith(("app_", "reply_", "on_time_")) and _OTHER_WORK.search(sentence.text[: mention.start]):
            return None
        if mention.bare and (before is None or not (rule.rule.parent or rule.metric.code.startswith("app_"))):
            return None
        words = (before.end() - before.start() if before else 0) + (after.end() // 2 if after else 0)
        dimensions = {name: word for name, word in before.groupdict().items() if word} if before else {}
        priority = rule.rule.priority + (1 if rule.rule.parent else 0)
        nearest = max((self.open[code].start for code in rule.rule.parent if code in self.open), default=0)
        return _Claim(rule, (priority, words, nearest), dimensions)

    def _growth(self, sentence: Sentence, mention: Mention, way: str, body: Body) -> MetricValue | None:
        parent = self.last
        if parent is None:
            return None
        sign = -1 if way in ("减少", "下降", "降低") else 1
        start, end = sentence.span(mention.start, mention.end)
        return MetricValue(
            code="growth_rate", label=load_metrics()["growth_rate"].zh, value=sign * mention.value, unit="%", state="number",
            qualifier=mention.qualifier, dimensions={"metric": parent.code}, scope=parent.scope, era=self.era, raw=body.text[start:end],
            start=start, end=end,
        )  # fmt: skip

    def _other_year(self, text: str, mention: Mention, left: str) -> bool:
        """True where the nearest year before the number is not the report's."""
        if _LAST_YEAR.search(left):
            return True
        years = _YEAR.findall(_OTHER_DATES.sub("", text[: mention.start]))
        return bool(years) and self.year is not None and int(years[-1]) != self.year and "以来" not in left and "累计" not in left

    def _all(self, sentence: Sentence, body: Body) -> Iterator[MetricValue]:
        """均已答复, 全部免收: the number that stands before it once more."""
        for metric, phrase in _repeating():
            source = next((self.said[code] for code in metric.all_of if code in self.said), None)
            if source is None or metric.code in self.said:
                continue
            found = phrase.search(sentence.text)
            if found is None or not _owns(sentence, found.start(), source):
                continue
            start, end = sentence.span(found.start(), found.end())
            yield MetricValue(
                code=metric.code, label=metric.zh, value=source.value, unit=source.unit, state=source.state, qualifier="all",
                scope=source.scope, era=self.era, raw=body.text[start:end], start=start, end=end,
            )  # fmt: skip


def _respectively(text: str, found: list[Mention]) -> dict[int, str]:
    """What each number of "甲、乙分别为2件、3件" counts, by the number's position."""
    out: dict[int, str] = {}
    for index, mention in enumerate(found):
        names = _RESPECTIVELY.search(text[max(0, mention.start - _MAX_LEFT) : mention.start])
        listed = re.split(r"、|和|与|及", names["names"]) if names else []
        run = found[index : index + len(listed)]
        gaps = [text[a.end : b.start] for a, b in itertools.pairwise(run)]
        if len(listed) > 1 and len(run) == len(listed) and all(gap in _LIST_GAPS for gap in gaps):
            out.update({number.start: name for number, name in zip(run, listed, strict=True)})
    return out


def _owns(sentence: Sentence, position: int, source: MetricValue) -> bool:
    """True if no other number stands between the source's number and the phrase, or the sentence begins with the phrase."""
    offset = sentence.at[position]
    if source.start > offset or "咨询" in sentence.text[:position]:
        return False
    between = [m.start for m in mentions(sentence.text) if source.end <= sentence.at[m.start] < offset]
    return not between or "其中" in sentence.text[: between[0]]


def _family(code: str) -> str:
    """Metrics that can be parts of one another: applications, disclosed information, review, litigation …"""
    return code.split("_", 1)[0].replace("info", "disclosed")


def _right(text: str, start: int) -> str:
    window = text[start : start + _MAX_RIGHT]
    stop = _CLAUSE_END.search(window)
    return window[: stop.start()] if stop else window

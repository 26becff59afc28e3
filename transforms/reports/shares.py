"""Percentages, announced counts and trainings in the prose: N-RATE, N-SHARES, N-ENUM, N-TRAIN (annual-reports.md section 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gongkai.records.document import Finding, MetricValue
from transforms.body import Body
from transforms.numerals import parse_number
from transforms.reports.arithmetic import Severity, Values, amount, exact, printed
from transforms.reports.mentions import Mention, Sentence, mentions, sentences

_OF = re.compile(r"占(?:比|总数|总量|全部|申请总数|总)?(?:的|为|约|达)?$")
_OTHERS = re.compile(r"(?:其他|其它)[^,。;\d]{0,16}\d{1,9}[^,。;\d]{1,3},?占")
_COUNTS = frozenset(("件", "条", "次", "人次", "份", "项", "个", "件次"))
_BASES = (
    "app_received_total", "app_new_received", "app_outcome_total", "app_replied_total", "app_completed_total", "disclosed_items",
    "info_made_total", "consultations_total", "review_total", "lit_total",
)  # fmt: skip
_ENUM = re.compile(
    r"(?:分为|共分|分|包括|包含|共有|共)(?P<n>[一二三四五六七八九十]{1,3}|\d{1,2})(?:个|大)?(?:部分|类|项|种|方面)[::](?P<list>[^。:]{4,600})。"
)
_ENUM_BEFORE = re.compile(
    r"(?:由|包括|包含|分为)(?P<list>[^。:]{4,400}?)(?:等)?(?P<n>[一二三四五六七八九十]{1,3}|\d{1,2})(?:个|大)?(?:部分|类|项|种|方面)(?:内容)?(?:组成|构成|,|。)"
)
_PER_TRAINING = (5, 500)


@dataclass(frozen=True, slots=True)
class _Share:
    """`part` is said to be `percent` of something."""

    part: Mention
    percent: Mention
    sentence: Sentence


def share_checks(body: Body, metrics: Sequence[MetricValue]) -> list[Finding]:
    """Every check of this module."""
    totals = _totals(metrics)
    findings: list[Finding] = []
    numbers: list[Decimal] = []  # of the paragraph so far
    for sentence in sentences(body):
        found = mentions(sentence.text)
        if sentence.opens_paragraph:
            numbers = []
        numbers += [m.value for m in found if m.unit in _COUNTS]
        shares = list(_shares(sentence, found))
        findings += rates(shares, totals, numbers)
        findings += partition(shares)
        findings += announced(sentence)
    return [*findings, *trainings(Values(metrics))]


def _totals(metrics: Iterable[MetricValue]) -> list[Decimal]:
    kept = [m for m in metrics if m.code in _BASES and exact(m) and m.dimensions.get("applicant", "total") == "total"]
    values = [amount(m) for m in kept]
    frame = {m.code: amount(m) for m in kept}
    if "app_new_received" in frame:
        carried = [
            amount(m) for m in metrics if m.code == "app_carried_in" and exact(m) and m.dimensions.get("applicant", "total") == "total"
        ]
        values += [frame["app_new_received"] + c for c in carried[:1]]
    return values


def _shares(sentence: Sentence, found: Sequence[Mention]) -> Iterator[_Share]:
    part: Mention | None = None
    for mention in found:
        if mention.unit == "%":
            words = sentence.text[part.end : mention.start] if part else ""
            if part is not None and len(words) <= 8 and _OF.search(words) and part.qualifier is None and mention.qualifier is None:
                yield _Share(part, mention, sentence)
            part = None
        elif mention.unit in _COUNTS:
            part = mention


def rates(shares: Sequence[_Share], totals: Sequence[Decimal], numbers: Sequence[Decimal]) -> list[Finding]:
    """N-RATE: a share fits at least one base: a total of the report or a larger number of the same paragraph."""
    findings = []
    for share in shares:
        bases = {base for base in (*totals, *numbers) if base > share.part.value}
        if share.percent.value == 100 or not bases or any(_fits(share, base) for base in bases):
            continue
        tried = "、".join(printed(base) for base in sorted(bases)[:6])
        message = f"N-RATE: {printed(share.part.value)} is {printed(share.percent.value)}% of none of {tried}"
        findings.append(_finding("N-RATE", "error", message, share.sentence, share.part.start, share.percent.end))
    return findings


def _fits(share: _Share, base: Decimal) -> bool:
    exponent = share.percent.value.as_tuple().exponent
    last = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    return abs(share.part.value * 100 / base - share.percent.value) <= last / 2


def partition(shares: Sequence[_Share]) -> list[Finding]:
    """N-SHARES: the shares of one sentence add to 100 ± 0.05 each, if the list closes with 其他; in any case not to more."""
    if len(shares) < 2:
        return []
    total = sum((share.percent.value for share in shares), Decimal(0))
    slack = Decimal("0.05") * len(shares)
    closed = bool(_OTHERS.search(shares[0].sentence.text))
    if total <= 100 + slack and not (closed and total < 100 - slack):
        return []
    message = f"N-SHARES: {len(shares)} shares add to {printed(total)}%"
    return [
        _finding("N-SHARES", "warning", message, shares[0].sentence, shares[0].part.start, shares[-1].percent.end, "100", printed(total))
    ]


def announced(sentence: Sentence) -> list[Finding]:
    """N-ENUM: "N类: …" lists N things. Commas inside an item make the count uncertain, so only impossible counts are told."""
    findings = []
    for found in (*_ENUM.finditer(sentence.text), *_ENUM_BEFORE.finditer(sentence.text)):
        wanted = parse_number(found["n"])
        listed = found["list"]
        by_mark = [len(re.split(mark, listed)) for mark in (";", "[;、]", "[;、,]", "[;、,和及与]") if re.search(mark, listed)]
        if wanted is None or not by_mark or by_mark[0] <= wanted <= by_mark[-1]:
            continue
        message = f"N-ENUM: {printed(wanted)} announced, {by_mark[0]} to {by_mark[-1]} listed"
        expected = printed(wanted)
        findings.append(_finding("N-ENUM", "warning", message, sentence, found.start(), found.end(), expected, str(by_mark[-1])))
    return findings


def trainings(values: Values) -> list[Finding]:
    """N-TRAIN: 5 to 500 people a training."""
    people, held = values.metric("trainees", ""), values.metric("trainings_held", "")
    if people is None or held is None or not amount(held):
        return []
    low, high = _PER_TRAINING
    if low <= amount(people) / amount(held) <= high:
        return []
    message = f"N-TRAIN: {printed(amount(people))} people in {printed(amount(held))} trainings"
    return [
        Finding(
            rule="N-TRAIN", severity="warning", message=message, expected=f"{low} to {high} a training", actual=printed(amount(people)),
            start=people.start, end=people.end,
        )
    ]  # fmt: skip


def _finding(
    rule: str,
    severity: Severity,
    message: str,
    sentence: Sentence,
    start: int,
    end: int,
    expected: str | None = None,
    actual: str | None = None,
) -> Finding:
    at = sentence.span(start, end)
    return Finding(rule=rule, severity=severity, message=message, expected=expected, actual=actual, start=at[0], end=at[1])

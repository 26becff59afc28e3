"""Duties with a time limit (时限义务): within 20 working days of publication, by 31 January, on the day, 5 days before the meeting.

Only limits on an act of disclosure, reporting, answering, meeting or running a platform count; lengths and names (为期2天,
办事工作日) do not.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from gongkai.records.document import Obligation
from transforms.body import Body
from transforms.dates import find_dates
from transforms.numerals import parse_int

Direction = Literal["after", "before", "on", "by"]
Unit = Literal["working_day", "day", "week", "month", "hour", "year"]

_AMOUNT = r"(?P<amount>\d{1,4}|[一二三四五六七八九十两]{1,4})"
_UNITS: dict[str, Unit] = {
    "工作日": "working_day",
    "小时": "hour",
    "日": "day",
    "天": "day",
    "周": "week",
    "星期": "week",
    "月": "month",
    "年": "year",
}
_UNIT = rf"个?(?P<unit>{'|'.join(_UNITS)})"
_ACT = re.compile(
    r"公开|公布|发布|公示|公告|报送|上报|报告|报|备案|答复|回复|回应|告知|通报|移送|送达|办结|反馈|举行|举办|召开|解读|更新|开通|上线|运行|"
    r"建成|完成|印发|制定|编制|编印|提交|提供|登记|处理|转办|整改|发出"
)
# The limit is found first and its trigger looked for backwards from it: a trigger pattern tried at every place would cost 40 times more.
_LIMIT = re.compile(rf"(?P<nth>第)?{_AMOUNT}\s?{_UNIT}(?P<close>之内|以内|内|前|后)?")
_WORDS = r"[^,。;:!?\n\t()《》]"
_EVENT = re.compile(rf"(?:(?P<trigger>{_WORDS}{{0,40}}(?:之日起|之后|以后|后|起))的?,?)?(?:最迟|不超过|最多|至少|至迟)?[在于]?\s?$")
_AHEAD = re.compile(rf"(?:(?P<trigger>{_WORDS}{{1,30}})(?<![年月\d])之?前(?:至少|提前)?|提前)$")
_SAME_DAY = re.compile(r"当[日天]内?")
_SAME_EVENT = re.compile(rf"{_WORDS}{{0,24}}$")
_REACH = 56
_YEARLY = re.compile(
    r"每年(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日|底)?(?:之?前|底前|以前)|每(?:季度|月|半年)(?:初|末|底)?(?:第?\d{1,2}(?:个工作)?日)?(?:之?前|底前)"
)
_BY = re.compile(r"(?:底|末)?(?:之?前|以前|为止)")
_SUBJECT = re.compile(r"^(?P<who>[\u4e00-\u9fff、()]{2,60}?)(?:要|应当|应|须|必须|负责|得)(?=[^\w]|[\u4e00-\u9fff])")
# Subject and modal verb (各部门要在…), joining words: what stands before the limit itself.
_LEAD = re.compile(r"(?:.{0,40}?(?:应当|必须|[应要须])(?=[在于自从]))?(?:并|应当|应|须|必须|则|且|一般|原则上|[ ,、]){0,6}")
_LIST = re.compile(r"、(?![^()]{0,20}\))")
_MAX_ACTION = 80


def read_obligations(body: Body) -> list[Obligation]:
    """Obligations in order, not overlapping."""
    found: list[Obligation] = []
    at = 0
    for match in re.finditer(r"[^。;!?\n\t]{4,1500}", body.folded):
        found.extend(_in_clause(body, match.start(), match.end()))
    out: list[Obligation] = []
    for one in sorted(found, key=lambda o: (o.start, -o.end)):
        if one.start >= at:
            out.append(one)
            at = one.end
    return out


def _in_clause(body: Body, begin: int, end: int) -> list[Obligation]:
    clause = body.folded[begin:end]
    if not _ACT.search(clause):
        return []
    found = [_counted(body, clause, begin, match) for match in _LIMIT.finditer(clause)]
    for match in _SAME_DAY.finditer(clause):
        trigger = _SAME_EVENT.search(clause, max(0, match.start() - _REACH), match.start())
        start = trigger.start() if trigger else match.start()
        found.append(_make(body, clause, begin, start, match.end(), _bare(clause[start : match.start()]), "on", "0", "日"))
    if "前" in clause or "止" in clause:
        found.extend(_by_date(body, clause, begin))
    return [one for one in found if one]


def _counted(body: Body, clause: str, begin: int, limit: re.Match[str]) -> Obligation | None:
    """A limit of N units; None for a length or a name (为期2天, 2个工作日)."""
    window = max(0, limit.start() - _REACH)
    ahead = _AHEAD.search(clause, window, limit.start())
    amount, unit, close = limit["amount"], limit["unit"], limit["close"]
    if ahead and close is None:
        return _make(body, clause, begin, ahead.start(), limit.end(), _bare(ahead["trigger"]), "before", amount, unit)
    if close in ("前", "后"):
        return None
    event = _EVENT.search(clause, window, limit.start())
    trigger = event["trigger"] if event else None
    if close is None and not (limit["nth"] and trigger) and not (trigger and trigger.endswith("起")):
        return None
    start = event.start() if event else limit.start()
    return _make(body, clause, begin, start, limit.end(), _bare(trigger), "on" if limit["nth"] and close is None else "after", amount, unit)


def _by_date(body: Body, clause: str, begin: int) -> list[Obligation | None]:
    out: list[Obligation | None] = []
    for found in find_dates(clause):
        close = _BY.match(clause, found.end)
        if close and found.precision != "year":
            out.append(_make(body, clause, begin, found.start, close.end(), None, "by", None, None, found.last))
    out.extend(_make(body, clause, begin, match.start(), match.end(), None, "by", None, None) for match in _YEARLY.finditer(clause))
    return out


def _bare(trigger: str | None) -> str | None:
    """The event that starts the count, without 自…之日起 and leading function words."""
    if not trigger:
        return None
    text = re.sub(r"(?:之日起|之后|以后|后|起|之日)$", "", trigger)
    lead = _LEAD.match(text)
    return re.sub(r"^[在于自从]", "", text[lead.end() if lead else 0 :]).strip() or None


def _make(
    body: Body,
    clause: str,
    begin: int,
    start: int,
    end: int,
    trigger: str | None,
    direction: Direction,
    amount: str | None,
    unit: str | None,
    due: date | None = None,
) -> Obligation | None:
    """An obligation, or None where no act follows or precedes closely."""
    after = clause[end : end + _MAX_ACTION]
    if not _ACT.search(after) and not _ACT.search(clause[max(0, start - 20) : start]):
        return None
    number = parse_int(amount) if amount else None
    if amount is not None and number is None:
        return None
    lead = _LEAD.match(clause, start, end)
    start = lead.end() if lead else start
    action = body.text[begin + end : begin + end + len(after)].strip(" ，,、") or None
    who = _SUBJECT.match(clause)
    subjects = _LIST.split(who["who"]) if who and len(who["who"]) < 40 else []
    return Obligation(
        raw=body.text[begin + start : begin + end],
        trigger=trigger,
        direction=direction,
        amount=number,
        unit=_UNITS[unit] if unit else None,
        due_date=due,
        subject_units=[subject for subject in subjects if len(subject) >= 2],
        action=action,
        start=begin + start,
        end=begin + end,
    )

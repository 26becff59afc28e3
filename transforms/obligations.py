"""Duties with a time limit (时限义务): within 20 working days of publication, by 31 January, on the day, 5 days before the meeting.

Only limits on an act of disclosure, reporting, answering, meeting or running a platform count; lengths and names (为期2天,
办事工作日) do not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gongkai.records.document import Obligation
from transforms.body import Body
from transforms.dates import find_dates, month_end
from transforms.numerals import parse_int
from transforms.own_day import OwnDay, Unit, own_day, reckoned

Direction = Literal["after", "before", "on", "by"]

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
    r"建成|完成|印发|制定|编制|编印|提交|提供|登记|处理|转办|整改|发出|提出|作出|出具|批复|补正|通知|送交|抄送|交办|审批|办理|上传|受理|召集"
)
# The limit is found first and its trigger looked for backwards from it: a trigger pattern tried at every place would cost 40 times more.
_LIMIT = re.compile(rf"(?P<nth>第)?{_AMOUNT}\s?{_UNIT}(?P<close>之内|以内|内|前|后)?")
_WORDS = r"[^,。;:!?\n\t()《》]"
_EVENT = re.compile(
    rf"(?:(?P<trigger>{_WORDS}{{0,40}}(?:之日起|之后|以后|后|起))的?,?)?(?:应当|[应要须])?(?:最迟|不超过|最多|至少|至迟)?[在于]?\s?$"
)
_AHEAD = re.compile(rf"(?:(?P<trigger>{_WORDS}{{1,30}})(?<![年月\d提])之?前(?:至少|提前)?|提前)$")
# 听证会举行10日前: an event right before the number; 于5日前 and 6月5日前 are days of a month.
_BEFORE_EVENT = re.compile(
    rf"{_WORDS}{{0,40}}(?:举行|召开|会议?|实施|施行|开始|开工|到期|届满|期满|结束|发布|公布|考试|报名|开庭|听证|审议|活动)之?日?(?=$)"
)
_SAME_DAY = re.compile(r"当[日天]内?")
_SAME_EVENT = re.compile(rf"{_WORDS}{{0,24}}$")
_DEADLINE_LABEL = re.compile(r"(?:时限|时间|期限|限期|进度)(?:要求|安排)?:\s?$")  # a task's deadline, read with the task
_MODAL_END = re.compile(r"[应当要须得]$")
_REACH = 56
_YEARLY = re.compile(
    r"每年(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日|底)?(?:之?前|底前|以前)|每(?:季度|月|半年)(?:初|末|底)?(?:(?:第?\d{1,2}|最后[一1])(?:个工作)?日)?(?:之?前|底前)"
)
# A month or day without its year: 6月底前, 今年10月20日前, 年底前; not 每年3月, 2014年6月, 次年1月.
_YEARLESS = re.compile(
    r"(?<![\d年\-./至—~个每前后近])(?:今年|本年|当年)?(?:(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?"
    r"(?:(?P<day>[12]\d|3[01]|0?[1-9])[日号])?(?=底|末|之?前|以前|中旬|上旬|下旬)|年(?=[底末]前))"
)
_BY = re.compile(
    r"(?P<part>底|末|中旬|上旬|下旬)?(?:\s?\((?:星期|周)[一二三四五六日天]\))?(?:\s?(?:[上下]午)?\d{1,2}(?::\d{2}|[时点](?:\d{1,2}分)?)|\s?下班)?(?:之?前|以前|为止)"
)
_LAST_OF_PART = {"上旬": 10, "中旬": 20}
_LABEL = re.compile(
    r"\s{0,2}(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十\d]{1,3}\)|\d{1,2}[.、]|"
    r"第[一二三四五六七八九十百零\d]{1,5}[条款项][ ,]?|[①-⑳])\s{0,2}"
)
_UNIT_END = r"(?:部门|单位|机关|政府|[局委办厅院校处科会室]|学校|企业|机构|街道|乡镇|各地|公司|中心|小组|人员|负责人|银行|村|社区)"
_UNIT_LAST = re.compile(rf"{_UNIT_END}(?:\([^()]{{1,20}}\))?$")
_SUBJECT = re.compile(
    r"(?:请|望|同时|并|由|原则上){0,2}(?P<who>[\u4e00-\u9fff、()]{2,40}?)(?:务必|原则上|一般|最迟|必须|应当|负责|[要应须得])"
    rf"(?=[^\w]|[\u4e00-\u9fff]|$)|(?:请|望|由){{0,2}}(?P<unit>[\u4e00-\u9fff、()]{{0,40}}?{_UNIT_END})(?=[自在于从]|每[年季月]|\d|$)"
)
_NO_SUBJECT = re.compile(r"(?:^|.)(?:[自在于从对将把按经]|予以|进行|公开|公布|发布|收到|完成|报送|制定)")
_EARLIER_EVENT = re.compile(rf"(?P<trigger>{_WORDS}{{2,30}}(?:之日起|之后|以后|后))$")
# The document's own appearance: the count begins on a day of its own.
_OWN_EVENT = re.compile(
    r"(?:本|该)?(?:要点|方案|通知|意见|办法|计划|安排|清单|文件|规定|通报|公告|决定|细则){0,1}(?:印发|发布|下发|发文|公布)(?:之日)?"
)
# Subject and modal verb (各部门要在…), joining words: what stands before the limit itself.
_LEAD = re.compile(
    r"(?:.{0,40}?(?:应当|必须|务必|[应要须])(?:至少|最迟|一般|至迟)?(?=[在于自从提]))?"
    r"(?:并|请|望|应当|应|须|必须|务必|则|且|一般|原则上|至少|最迟|至迟|[ ,、]){0,6}"
)
_BEFORE_PREPOSITION = re.compile(rf"(?:请|望|由){{0,2}}[\u4e00-\u9fff、()]{{0,40}}?{_UNIT_END}(?=[在于自从])")
_DOER_OF_EVENT = re.compile(rf"^[\u4e00-\u9fff、()]{{2,40}}{_UNIT_END}(?=接到|收到|受理|接报|获取|作出|做出)")
_LIST = re.compile(r"、(?![^()]{0,20}\))")
_MAX_ACTION = 80


@dataclass(frozen=True, slots=True)
class _Clause:
    """One sentence or part of one between semicolons, without its outline label, at `begin` of the body."""

    text: str
    begin: int
    year: int | None
    own: Mapping[OwnDay, date | None]


def read_obligations(
    body: Body, *, year: int | None = None, written: date | None = None, published: date | None = None
) -> list[Obligation]:
    """Obligations in order, not overlapping.

    `year` completes dates without one; `written` (成文日期) and `published` (发布日期) are the document's own days.
    """
    own: Mapping[OwnDay, date | None] = {"written": written, "published": published}
    found: list[Obligation] = []
    for match in re.finditer(r"[^。;!?\n\t]{4,1500}", body.folded):
        label = _LABEL.match(match.group())
        begin = match.start() + (label.end() if label else 0)
        found.extend(_in_clause(body, _Clause(body.folded[begin : match.end()], begin, year, own)))
    out: list[Obligation] = []
    at = 0
    for one in sorted(found, key=lambda o: (o.start, -o.end)):
        if one.start >= at:
            out.append(one)
            at = one.end
    return out


def _in_clause(body: Body, clause: _Clause) -> list[Obligation]:
    text = clause.text
    if not _ACT.search(text):
        return []
    found = [_counted(body, clause, match) for match in _LIMIT.finditer(text)]
    for match in _SAME_DAY.finditer(text):
        modal = _MODAL_END.search(text, max(0, match.start() - 4), match.start())  # 受理机关须当日登记 names no event
        before = None if modal else _SAME_EVENT.search(text, max(0, match.start() - _REACH), match.start())
        start = before.start() if before else match.start()
        found.append(_make(body, clause, start, match.end(), _bare(text[start : match.start()]), "on", "0", "日"))
    if "前" in text or "止" in text:
        found.extend(_by_date(body, clause))
    return [one for one in found if one]


def _counted(body: Body, clause: _Clause, limit: re.Match[str]) -> Obligation | None:
    """A limit of N units; None for a length or a name (为期2天, 2个工作日)."""
    text = clause.text
    window = max(0, limit.start() - _REACH)
    ahead = _AHEAD.search(text, window, limit.start())
    amount, unit, close = limit["amount"], limit["unit"], limit["close"]
    if ahead and close is None:
        return _make(body, clause, ahead.start(), limit.end(), _bare(ahead["trigger"]), "before", amount, unit)
    if close == "前":
        event = _BEFORE_EVENT.search(text, window, limit.start())
        return _make(body, clause, event.start(), limit.end(), _bare(event.group()), "before", amount, unit) if event else None
    if close == "后":
        return None
    event = _EVENT.search(text, window, limit.start())
    trigger = event["trigger"] if event else None
    if close is None and not (limit["nth"] and trigger) and not (trigger and trigger.endswith("起")):
        return None
    start = event.start() if event else limit.start()
    named = _bare(trigger) or _earlier_event(text, start)
    return _make(body, clause, start, limit.end(), named, "on" if limit["nth"] and close is None else "after", amount, unit)


def _earlier_event(text: str, start: int) -> str | None:
    """突发事件发生后,有关单位要在5小时内…,在24小时内…: the event stands in an earlier part of the sentence."""
    for part in reversed(text[max(0, start - 4 * _REACH) : start].split(",")[:-1]):
        event = _EARLIER_EVENT.match(part)
        if event:
            return _bare(event["trigger"])
    return None


def _by_date(body: Body, clause: _Clause) -> list[Obligation | None]:
    out: list[Obligation | None] = []
    for found in find_dates(clause.text):
        close = _BY.match(clause.text, found.end)
        if close and (found.precision != "year" or close["part"]):
            due = found.date.replace(day=_LAST_OF_PART[close["part"]]) if close["part"] in _LAST_OF_PART else found.last
            out.append(_make(body, clause, found.start, close.end(), None, "by", None, None, due))
    for match in _YEARLY.finditer(clause.text):
        out.append(_make(body, clause, match.start(), match.end(), None, "by", None, None))
    for match in _YEARLESS.finditer(clause.text):
        close = _BY.match(clause.text, match.end())
        if close:
            out.append(_make(body, clause, match.start(), close.end(), None, "by", None, None, _due_in_year(match, close, clause.year)))
    return out


def _due_in_year(printed: re.Match[str], close: re.Match[str], year: int | None) -> date | None:
    if year is None:
        return None
    if printed["month"] is None:
        return date(year, 12, 31)
    month = parse_int(printed["month"]) or 0
    last = month_end(year, month)
    day = int(printed["day"]) if printed["day"] else _LAST_OF_PART.get(close["part"] or "", last.day)
    return date(year, month, day) if day <= last.day else None


def _bare(trigger: str | None) -> str | None:
    """The event that starts the count, without 自…之日起, the doer before it and leading function words."""
    if not trigger:
        return None
    text = re.sub(r"(?:之?[次之]日起?|之后|以后|后|起)$", "", trigger)
    lead = _lead(text, 0, len(text))
    bare = _DOER_OF_EVENT.sub("", re.sub(r"^[在于自从]", "", text[lead:]).strip())
    return bare or None


def _lead(text: str, start: int, end: int) -> int:
    """Where the limit itself begins: behind the doer, the modal verb and joining words."""
    doer = _BEFORE_PREPOSITION.match(text, start, end)
    if doer and not _NO_SUBJECT.match(doer.group()):
        start = doer.end()
    lead = _LEAD.match(text, start, end)
    return lead.end() if lead else start


def _subjects(text: str, start: int) -> list[str]:
    """Who must act: the nearest part of the sentence before `start` that begins with a doer."""
    for part in reversed(text[:start].split(",")):
        who = _SUBJECT.match(part)
        if who is None:
            continue
        names = _from_bracket(who["who"] or who["unit"])
        if not _NO_SUBJECT.search(names) and _UNIT_LAST.search(names):
            return [name for name in _LIST.split(names) if len(name) >= 2]
    return []


def _from_bracket(words: str) -> str:
    """Behind the last bracket that opens and does not close: 公开预算(市财政局."""
    depth = 0
    for at in range(len(words) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(words[at], 0)
        if depth < 0:
            return words[at + 1 :]
    return words


def _to_bracket(words: str) -> int:
    """How many characters before the first bracket that closes and did not open: 完成)."""
    depth = 0
    for at, char in enumerate(words):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth < 0:
            return at
    return len(words)


def _make(
    body: Body,
    clause: _Clause,
    start: int,
    end: int,
    trigger: str | None,
    direction: Direction,
    amount: str | None,
    unit: str | None,
    due: date | None = None,
) -> Obligation | None:
    """An obligation, or None where no act follows or precedes closely."""
    text, begin = clause.text, clause.begin
    after = text[end : end + _MAX_ACTION]
    if not _ACT.search(after) and not _ACT.search(text[max(0, start - 20) : start]):
        return None
    number = parse_int(amount) if amount else None
    if (amount is not None and number is None) or _DEADLINE_LABEL.search(text, max(0, start - 12), start):
        return None
    if trigger is not None and not re.search(r"[\u4e00-\u9fff]{2}", trigger):
        trigger = None
    start = _lead(text, start, end)
    kind = _UNITS[unit] if unit else None
    own = own_day(trigger) if trigger and direction == "after" and _OWN_EVENT.fullmatch(trigger) else None
    why = None
    if own and number is not None and kind:
        due, why = reckoned(own, clause.own[own], number, kind)
    return Obligation(
        raw=body.text[begin + start : begin + end],
        trigger=_printed(body, clause, trigger, end) if trigger else None,
        direction=direction,
        amount=number,
        unit=kind,
        due_date=due,
        counts_from=own,
        due_unknown=why,
        subject_units=[_printed(body, clause, name, start) for name in _subjects(text, start)],
        action=body.text[begin + end : begin + end + _to_bracket(after)].strip(" ，,、") or None,
        start=begin + start,
        end=begin + end,
    )


def _printed(body: Body, clause: _Clause, words: str, end: int) -> str:
    """Words of the folded clause before `end`, in the printed script and width."""
    at = clause.text.rfind(words, 0, end)
    return body.text[clause.begin + at : clause.begin + at + len(words)] if at >= 0 else words

"""Time limits of plan tasks: typed, resolved against the plan's year (design.md section 4.3).

A month means its last day; 中旬 the 20th; 年内 and 年底 31 December; "before month M" the last day of M. Nothing is resolved
without a year: the date stays None rather than guessed. All patterns are bounded and run on folded text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from gongkai.records.document import DeadlineType, Recurrence
from transforms.dates import DAY, MONTH, YEAR, FoundDate, find_dates, month_end, read_year
from transforms.numerals import parse_int

_N = r"(?:\d{1,3}|[一二三四五六七八九十两]{1,3})"
_Y = rf"(?:(?P<year>{YEAR})\s{{0,2}}年?度?|(?P<rel>当年|今年|本年度?|明年|次年|翌年))"
_BEFORE = r"(?:之前|以前|前|内|以内)"
_RECURRING_AHEAD = re.compile(r"每(?:个|一)?(?:年度?|月|季度?|半年)[的度]?(?:第[一二三四1234]季度)?$")
_BOOK = re.compile(r"《[^《》]{0,200}》")

_ABSOLUTE: list[tuple[str, re.Pattern[str]]] = [
    (
        "range",
        re.compile(rf"(?:{_Y})?\s?(?P<from>{MONTH})\s?月?份?\s?[-—–~至到]{{1,2}}\s?(?P<month>{MONTH})\s?月份?(?:底|末)?{_BEFORE}?"),
    ),
    ("years", re.compile(rf"(?P<from>{YEAR})\s?年?\s?[-—–~至到]{{1,2}}\s?(?P<year>{YEAR})\s?年(?!起)")),
    ("open", re.compile(rf"(?:自|从)?(?:{_Y})\s?(?:(?P<month>{MONTH})\s?月\s?(?:份|(?P<day>\d{{1,2}})\s?日)?)?(?:开始)?起")),
    ("day", re.compile(rf"(?:(?:{_Y})\s?)?(?<!\d)(?P<month>{MONTH})\s?月\s?(?P<day>{DAY})\s?[日号]{_BEFORE}?")),
    ("third", re.compile(rf"(?:(?:{_Y})\s?)?(?<!\d)(?P<month>{MONTH})\s?月份?(?P<third>上|中|下)旬{_BEFORE}?")),
    ("month_end", re.compile(rf"(?:(?:{_Y}|(?P<slip>{YEAR})月)\s?)?(?<!\d)(?P<month>{MONTH})\s?月份?\s?(?:底|末){_BEFORE}?")),
    ("month", re.compile(rf"(?:(?:{_Y}|(?P<slip>{YEAR})月)\s?)?(?<!\d)(?P<month>{MONTH})\s?月份?{_BEFORE}?")),
    ("half", re.compile(rf"(?:(?:{_Y})\s?)?(?P<half>上|下)半年{_BEFORE}?")),
    ("quarter", re.compile(rf"(?:(?:{_Y})\s?)?第?(?P<quarter>[一二三四1234])\s?季度?(?:底|末)?{_BEFORE}?")),
    ("year_end", re.compile(rf"(?:{_Y}|全年|年)\s?(?:底|末|终(?=前))(?:之前|以前|前)?")),
    ("year_in", re.compile(rf"(?:{_Y}|年)(?:之内|以内|内)")),
    ("year_before", re.compile(rf"(?:{_Y})(?:之前|以前|前)")),
    ("year", re.compile(rf"(?:{_Y})")),
]
# In running text a bare month or year is mostly a mention; these make it a limit.
_LIMIT = re.compile(r"(?:前|内|底|末|终|旬|起)$")
_ACT = re.compile(
    r"[,]?(?:全面|全部|基本|正式|如期)?(?:完成|建成|实现|上线|投入|启用|开通|出台|印发|公布|报送|公开|发布|启动|到位|办结|落实到位|举办|开展|组织|更新|制定|编制)(?!的)"
)
_UNTIL = re.compile(r"(?:到|至|截至|截止|于|力争|争取)\s?$")
_NOT_LIMIT = re.compile(r"^(?:以来|以后|之后|后|度?(?:报告|预算|决算|计划|工作要点|要点))")
# After a bare date these tell what happened then; after 前 or 内 they are what must be done by then (9月底前修订).
_PAST = re.compile(r"^(?:召开|通过|修订|出生|(?:绩效|综合|目标)?(?:考核|考评|总结|述职|评议))")

_WITHIN = re.compile(
    rf"(?:最迟|最晚|不超过|至迟)?(?:在|于)?(?P<n>{_N})\s?个?(?P<unit>工作日|自然日|小时|日|天|周|星期|月|年)(?:之内|以内|内)"
    rf"|第\s?{_N}\s?个(?:工作日|自然日)"
    rf"|[^,。;:!?()年月日]{{2,16}}前\s?{_N}\s?个?(?:工作日|小时|日|天|周|星期|个月)"
    r"|[^,。;:!?()]{0,16}当日(?=公开|公布|发布|反馈|办结|内)"
)
_TRIGGER = re.compile(r"(?:自|在)?[^,。;:!?()自在]{0,30}(?:之日起|之日|当日起|起|后|前)的?,?$")
_TRIGGER_REACH = 36
# Characters of which a text must hold one from each group before a pattern is worth running.
_NEEDS = {
    "range": ("月", "-—–~至到"),
    "years": ("年", "-—–~至到"),
    "open": ("起",),
    "day": ("月", "日号"),
    "third": ("旬",),
    "month_end": ("月", "底末"),
    "month": ("月",),
    "half": ("半",),
    "quarter": ("季",),
    "year_end": ("年", "底末终"),
    "year_in": ("年", "内"),
    "year_before": ("前",),
    "year": ("年",),
}
_PERIOD: list[tuple[Recurrence, re.Pattern[str]]] = [
    ("realtime", re.compile(r"实时(?:更新|发布|公开|公布|推送|监测|动态)?|即时更新")),
    ("weekly", re.compile(r"每(?:一)?(?:周|星期|旬)|按周|逐周")),
    ("monthly", re.compile(r"每(?:个|一)?月|按月|逐月|月月")),
    ("quarterly", re.compile(r"每(?:个|一)?季度?|按季度?|逐季度?")),
    ("annual", re.compile(r"每(?:一)?(?:年度?|半年)|按年度?|逐年(?:度)?(?=公开|公布|发布|报告)")),
]
_ROLLING_CELL = re.compile(
    r"(?:(?:并|且|和|贯穿|在)?(?:第一时间|及时|实时|适时|定期|不定期|随时|即时|立即|尽快|动态|长期|持续|常年|全年|经常|日常|常态化?|长效|按时|按期)"
    r"(?:性|化)?(?:更新|公开|发布|推进|坚持|实施|开展|落实|进行|执行|调整|维护|完成|保持|工作|整改|整治)?[,、;。/ ]?){1,4}"
)
_ROLLING_WORD = re.compile(r"贯穿|第一时间|持续|长期|全年|全程|常态|长效|及时|实时|动态|日常|常年|经常|定期|随时|适时")
_MAX_ROLLING = 16
# What may stand beside a time limit in a line that is nothing but one.
_BESIDE = re.compile(
    r"完成|公布|公开|发布|启动|报送|实施|到位|取得(?:阶段性|明显)?(?:成效|进展)|力争|基本|全面|全部|正式|其中|更新|推进|坚持|落实|左右|持续|长期"
    r"|第[一二三四]批|[前底末并且至到在于]|[^\u4e00-\u9fff\d]"
)
_WHOLE_YEAR = re.compile(rf"{YEAR}\s?年?度?")
_CONDITIONAL = re.compile(r"待[^,。;:!?]{2,40}?后|[^,。;:!?]{2,40}(?:出台|印发|下发|完成|确定|批准|部署|发布)后")
_CONDITIONAL_TEXT = re.compile(r"(?:^|[,。;:])待[^,。;:!?]{2,40}?后")


@dataclass(frozen=True, slots=True)
class Deadline:
    """One time limit; `folded[start:end]` prints it."""

    start: int
    end: int
    type: DeadlineType
    due: date | None = None
    start_date: date | None = None
    recurrence: Recurrence | None = None
    parts: tuple[Deadline, ...] = ()
    """The single limits of a cell that prints several; empty for one."""


def read_deadline_cell(folded: str, start: int, end: int, year: int | None) -> Deadline | None:
    """The deadline that a table cell or a 完成时限 note prints; None for a blank one.

    Bare months and years count here, and 及时更新 or 长期 is rolling.
    """
    cell = folded[start:end]
    text = cell.strip()
    if not text.strip("-—/\\无"):
        return None
    offset = start + len(cell) - len(cell.lstrip())
    found = [_shift(one, offset) for one in _numeric(text) or _absolute(text, year, bare=True)]
    whole = (offset, offset + len(text))
    period = recurrence(text)
    if period and all(_WHOLE_YEAR.fullmatch(folded, one.start, one.end) for one in found):
        found = []  # 2025年每季度: the year only says which quarters
    if found:
        best = found[0] if len(found) == 1 else max(found, key=lambda one: one.due or date.min)
        return Deadline(*whole, best.type, best.due, best.start_date, period)
    if _WITHIN.search(text):
        return Deadline(*whole, "relative", recurrence=period)
    if period and period != "realtime":
        return Deadline(*whole, "recurring", recurrence=period)
    if _ROLLING_CELL.fullmatch(text) or period or (len(text) <= _MAX_ROLLING and _ROLLING_WORD.search(text)):
        return Deadline(*whole, "rolling", recurrence=period)
    if _CONDITIONAL.search(text):
        return Deadline(*whole, "conditional")
    return None


def read_deadline_line(folded: str, start: int, end: int, year: int | None) -> Deadline | None:
    """The deadline of a line that is nothing but one; None for a sentence that also names a time (公开2018年部门预算)."""
    text = folded[start:end].strip()
    if _ROLLING_CELL.fullmatch(text) or _CONDITIONAL.fullmatch(text):
        return read_deadline_cell(folded, start, end, year)
    spans = [
        (one.start, one.end) for one in (*_numeric(text), *_absolute(text, year, bare=True), *find_deadlines(text, 0, len(text), year))
    ]
    spans += [match.span() for _, pattern in _PERIOD for match in pattern.finditer(text)]
    covered = {at for span in spans for at in range(*span)}
    rest = "".join(char for at, char in enumerate(text) if at not in covered)
    return read_deadline_cell(folded, start, end, year) if spans and not _BESIDE.sub("", rest) else None


def find_deadlines(folded: str, start: int, end: int, year: int | None) -> list[Deadline]:
    """Every time limit inside running text, in order."""
    text = _mask(folded[start:end])
    found = _absolute(text, year, bare=False)
    for match in _WITHIN.finditer(text) if any(cue in text for cue in ("内", "前", "工作日", "自然日", "当日")) else ():
        begin = match.start()
        if match["n"] and match["unit"] in ("年", "月", "天") and text[max(0, begin - 2) : begin].endswith(("近", "过去", "为期", "期限")):
            continue
        if any(one.start < match.end() and begin < one.end for one in found):
            continue
        trigger = _TRIGGER.search(text, max(0, begin - _TRIGGER_REACH), begin) if match["n"] else None
        found.append(Deadline(trigger.start() if trigger else begin, match.end(), "relative"))
    for name, pattern in _PERIOD:
        for match in pattern.finditer(text):
            if not any(one.start <= match.start() < one.end for one in found):
                found.append(Deadline(match.start(), match.end(), "rolling" if name == "realtime" else "recurring", recurrence=name))
    for match in _CONDITIONAL_TEXT.finditer(text):
        found.append(Deadline(match.start() + (text[match.start()] != "待"), match.end(), "conditional"))
    return [_shift(one, start) for one in sorted(found, key=lambda one: one.start)]


def choose(found: list[Deadline]) -> Deadline | None:
    """The one that stands for the task: first absolute date, else relative, else recurring or rolling, else conditional."""
    order = {"relative": 1, "recurring": 2, "rolling": 2, "conditional": 3}
    return min(found, key=lambda one: (order.get(one.type, 0), one.start), default=None)


def recurrence(folded_text: str) -> Recurrence | None:
    """The first period the text states (每季度, 按月, 实时); a period inside a name (月报) is none."""
    text = _mask(folded_text)
    hits = [(match.start(), name) for name, pattern in _PERIOD if (match := pattern.search(text))]
    return min(hits)[1] if hits else None


def _mask(text: str) -> str:
    """The text with titles in 《》 blanked: their years are names, not limits. Same length."""
    return _BOOK.sub(lambda match: "《" + "\u2003" * (len(match.group()) - 2) + "》", text)


def _shift(one: Deadline, by: int) -> Deadline:
    return Deadline(one.start + by, one.end + by, one.type, one.due, one.start_date, one.recurrence)


def _numeric(text: str) -> list[Deadline]:
    """A cell that prints its date with points or strokes: 2023-12-31, 2023.12, 2023/6."""
    short = re.fullmatch(r"((?:19|20)\d{2})[./-](0?[1-9]|1[0-2])(?:前|底|底前)?", text)
    if short:
        return [Deadline(0, len(text), "month", month_end(int(short[1]), int(short[2])))]
    days: list[FoundDate] = [one for one in find_dates(text) if one.precision == "day" and "年" not in text[one.start : one.end]]
    if len(days) >= 2 and re.fullmatch(r"\s?[-—–~至到]{1,2}\s?", text[days[0].end : days[1].start]):
        return [Deadline(days[0].start, days[1].end, "date", days[1].date, days[0].date)]
    return [Deadline(one.start, one.end, "date", one.date) for one in days[:1]]


def _absolute(text: str, year: int | None, *, bare: bool) -> list[Deadline]:
    found: list[Deadline] = []
    near = year
    for match, kind in _matches(text):
        if _RECURRING_AHEAD.search(text, max(0, match.start() - 8), match.start()):
            continue
        if not bare and not _limits(text, match, kind):
            continue
        at_year = _year_of(match, near, year)
        if at_year and match.groupdict().get("year"):
            near = at_year
        found.append(_resolve(match, kind, at_year))
    return found


def _matches(text: str) -> list[tuple[re.Match[str], str]]:
    """Non-overlapping matches, the longest at each place first, in order."""
    present = set(text)
    kinds = [(kind, pattern) for kind, pattern in _ABSOLUTE if all(not present.isdisjoint(group) for group in _NEEDS[kind])]
    hits = [(match, kind) for kind, pattern in kinds for match in pattern.finditer(text)]
    hits.sort(key=lambda hit: (hit[0].start(), -hit[0].end()))
    out: list[tuple[re.Match[str], str]] = []
    for match, kind in hits:
        if not out or match.start() >= out[-1][0].end():
            out.append((match, kind))
    return out


def _limits(text: str, match: re.Match[str], kind: str) -> bool:
    after = text[match.end() : match.end() + 12]
    by_then = match.group()[-1] in "前内"
    if (
        _NOT_LIMIT.match(after)
        or (not by_then and _PAST.match(after))
        or (kind == "year_in" and match.start() and text[match.start() - 1] in "近当一二三两几多全半数0123456789")
    ):
        return False
    if kind == "year_end" and match.group()[0] == "年" and match.start() and text[match.start() - 1] in "每去上0123456789":
        return False
    if kind in ("range", "years"):
        return bool(_ACT.match(after))
    if _LIMIT.search(match.group()):
        return True
    until = bool(_UNTIL.search(text, max(0, match.start() - 3), match.start())) and after[:1] in tuple(",。;")
    if kind == "year":
        return until
    return until or bool(_ACT.match(after)) or (kind in ("half", "quarter") and after.startswith(","))


def _year_of(match: re.Match[str], near: int | None, plan_year: int | None) -> int | None:
    groups = match.groupdict()
    printed = groups.get("year") or groups.get("slip")
    if printed:
        return read_year(printed)
    relative = groups.get("rel") or ""
    if relative:
        return plan_year + (relative in ("明年", "次年", "翌年")) if plan_year else None
    return near


def _resolve(match: re.Match[str], kind: str, year: int | None) -> Deadline:
    groups = match.groupdict()
    span = match.start(), match.end()
    month = parse_int(groups.get("month") or "")
    if kind == "open":
        return Deadline(*span, "open_start", None, _first(year, month or 1, parse_int(groups["day"] or "") or 1))
    if kind == "range":
        begin = parse_int(groups["from"] or "")
        return Deadline(*span, "month", _end(year, month), _first(year, begin or 1, 1))
    if kind == "years":
        begin = read_year(groups["from"])
        return Deadline(*span, "date", _end(year, 12), _first(begin, 1, 1))
    if kind == "day":
        return Deadline(*span, "date", _first(year, month or 0, parse_int(groups["day"]) or 0))
    if kind == "third":
        if groups["third"] == "下":
            return Deadline(*span, "month_end", _end(year, month))
        return Deadline(*span, "month_mid", _first(year, month or 0, 20 if groups["third"] == "中" else 10))
    if kind in ("month", "month_end"):
        return Deadline(*span, "month_end" if kind == "month_end" else "month", _end(year, month))
    if kind == "half":
        return Deadline(*span, "date", _end(year, 6 if groups["half"] == "上" else 12))
    if kind == "quarter":
        return Deadline(*span, "date", _end(year, 3 * (parse_int(groups["quarter"]) or 0)))
    if kind == "year_before":
        return Deadline(*span, "date", _end(year - 1, 12) if year else None)
    return Deadline(*span, "date", _end(year, 12))


def _end(year: int | None, month: int | None) -> date | None:
    return month_end(year, month) if year and month else None


def _first(year: int | None, month: int, day: int) -> date | None:
    if not year or not 1 <= month <= 12 or not 1 <= day <= month_end(year, month).day:
        return None
    return date(year, month, day)

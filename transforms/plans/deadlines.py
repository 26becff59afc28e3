"""Time limits of plan tasks: typed, resolved against the plan's year (design.md section 4.3).

A month means its last day; 中旬 the 20th; 年内 and 年底 31 December; "before month M" the last day of M. Nothing is resolved
without a year: the date stays None rather than guessed. All patterns are bounded and run on folded text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from gongkai.records.document import DeadlineType, Recurrence
from transforms.dates import DAY, MONTH, YEAR, month_end, read_year
from transforms.numerals import parse_int

_N = r"(?:\d{1,3}|[一二三四五六七八九十两]{1,3})"
_Y = rf"(?:(?P<year>{YEAR})\s{{0,2}}年?度?|(?P<rel>当年|今年|本年度?|[明次翌来]年度?|下一?年度?))"
_INSIDE = r"(?:之内|以内|内(?![容部外设涵]))"
_BEFORE = rf"(?:之前|以前|前|{_INSIDE})"
_CLOCK = r"(?:\s?\d{1,2}(?:[时点](?:\d{2}分?)?|:\d{2}))?(?:\(含\))?"
_RECURRING_AHEAD = re.compile(r"每(?:个|一)?(?:年度?|月|季度?|半年)[的度]?(?:第[一二三四1234]季度)?$")
_BOOK = re.compile(r"《[^《》]{0,200}》")

_ABSOLUTE: list[tuple[str, re.Pattern[str]]] = [
    (
        "range",
        re.compile(
            rf"(?:{_Y})?\s?(?P<from>{MONTH})\s?月?份?\s?[-—–~至到]{{1,2}}\s?(?P<month>{MONTH})\s?月份?(?:底|末)?{_BEFORE}?(?!\s?[上中下]旬|\s?\d)"
        ),
    ),
    ("years", re.compile(rf"(?P<from>{YEAR})\s?年?\s?[-—–~至到]{{1,2}}\s?(?P<year>{YEAR})\s?年(?!起)")),
    (
        "open",
        re.compile(
            rf"(?P<since>自|从)?(?:{_Y})\s?(?:(?P<month>{MONTH})\s?月\s?(?:份|(?P<day>\d{{1,2}})\s?日)?)?"
            r"(?:(?:开始)?起|(?(since)开始|(?!)))"
        ),
    ),
    ("open", re.compile(rf"(?:自|从)\s?(?P<month>{MONTH})\s?月\s?(?:份|(?P<day>\d{{1,2}})\s?日)?(?:开始)?起")),
    ("day", re.compile(rf"(?:(?:{_Y})\s?)?(?<!\d)(?P<month>{MONTH})\s?月\s?(?P<day>{DAY})\s?[日号]{_CLOCK}{_BEFORE}?")),
    ("third", re.compile(rf"(?:(?:{_Y})\s?)?(?<!\d)(?P<month>{MONTH})\s?月份?(?P<third>上|中|下)旬{_BEFORE}?")),
    ("month_end", re.compile(rf"(?:(?:{_Y}|(?P<slip>{YEAR})月)\s?)?(?<!\d)(?P<month>{MONTH})\s?月份?\s?(?:底|末){_BEFORE}?")),
    ("month", re.compile(rf"(?:(?:{_Y}|(?P<slip>{YEAR})月)\s?)?(?<!\d)(?P<month>{MONTH})\s?月份?{_BEFORE}?")),
    ("half", re.compile(rf"(?:(?:{_Y})\s?)?(?P<half>上|下)半年{_BEFORE}?")),
    ("quarter", re.compile(rf"(?:(?:{_Y})\s?)?第?(?P<quarter>[一二三四1234])\s?季度?(?:底|末)?{_BEFORE}?")),
    ("year_end", re.compile(rf"(?:{_Y}\s?年?|全年|年)\s?(?:底|末|终(?=前|$))(?:之前|以前|前)?")),
    ("year_in", re.compile(rf"(?:{_Y}|年){_INSIDE}")),
    ("year_before", re.compile(rf"(?:{_Y})(?:之前|以前|前)")),
    ("year", re.compile(rf"(?:{_Y})")),
]
# In running text a bare month or year is mostly a mention; these make it a limit.
_LIMIT = re.compile(r"(?:前|内|底|末|终|旬|起)$")
_ACT = re.compile(
    r"[,]?(?:是|为)[^,。;]{0,12}阶段|[,]?(?:全面|全部|基本|正式|如期|各|分别)?(?:完成|建成|实现|上线|投入|启用|开通|出台|印发|公布|报送|公开|发布|启动|到位|办结|落实到位|举办|开展|组织|更新|制定|编制|推广|验收)(?!的)"
)
_PHASE = re.compile(r"(?:阶段|步骤|环节|时间|期限)\s?[(:]\s?$")
"""自查阶段(3月至5月): the bracket behind a phase says when it is."""
_UNTIL = re.compile(r"(?:到|至|截至|截止|于|力争|争取)\s?$")
_NOT_LIMIT = re.compile(r"^(?:以来|以后|之后|后|度?(?:报告|预算|决算|计划|工作要点|要点))")
# 比2020年底下降, 与2021年底相比: what something is measured against; 占比2025年底 is a share.
_MEASURED = re.compile(r"(?:(?<!占)比|相较于?|(?<!比)较)$")
_COMPARED = re.compile(r"^(?:相比|相较|比较|对比)")
# After a bare date these tell what happened then; after 前 or 内 they are what must be done by then (9月底前修订).
_PAST = re.compile(r"^(?:召开|通过|修订|出生|(?:绩效|综合|目标)?(?:考核|考评|总结|述职|评议))")

_WITHIN = re.compile(
    rf"(?:最迟|最晚|不超过|至迟)?(?:在|于)?(?P<n>{_N})\s?个?(?P<unit>工作日|自然日|小时|日|天|周|星期|月|年)(?:之内|以内|内)"
    rf"|第\s?{_N}\s?个(?:工作日|自然日)"
    rf"|[^,。;:!?()年月日]{{2,16}}前\s?{_N}\s?个?(?:工作日|小时|日|天|周|星期|个月)"
    r"|次月\s?\d{1,2}\s?日(?:之前|以前|前)"
    r"|(?<![上下])半(?:年|个?月)(?:之内|以内|内)"
    r"|[^,。;:!?()]{0,16}当日(?=公开|公布|发布|反馈|办结|内)"
)
# 压缩至2个工作日以内 says how fast a service must become, not when the task is due.
_SPEED = re.compile(r"(?:压缩|缩短|缩减|压减|减少|精简|控制|降低?|提速|下降|限定)(?:至|到|为)?(?:平均|全部|均|约)?$")
_TRIGGER = re.compile(r"(?:自|在)?[^,。;:!?()自在]{0,30}(?:之日起|之日|当日起|起|后|前)的?,?(?:应当?|须)?$")
_TRIGGER_REACH = 36
_SPEED_REACH = 8
# Characters of which a text must hold one from each group before a pattern is worth running.
_NEEDS = {
    "range": ("月", "-—–~至到"),
    "years": ("年", "-—–~至到"),
    "open": ("年度月", "起始"),
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
_PERIOD: list[tuple[Recurrence | None, re.Pattern[str]]] = [
    ("realtime", re.compile(r"实时(?:更新|发布|公开|公布|推送|监测|动态)?|即时更新")),
    ("daily", re.compile(r"每(?:个|一)?(?:工作日|日|天)|逐日|按日(?=公|发|报|更|通|$)")),
    ("weekly", re.compile(r"每(?:一)?(?:周|星期|旬)|按周|逐周")),
    ("monthly", re.compile(r"每(?:个|一)?月|按月|逐月|(?<![当本上次])月月(?![底末初])")),
    ("quarterly", re.compile(r"每(?:个|一)?季度?|按季度?|逐季度?")),
    ("per_term", re.compile(r"每(?:个|一)?学期")),
    ("semiannual", re.compile(r"每半年|(?<![一二三四五六七八九十\d个])半年一次|[每一]年(?:至少|不少于)?[两二2]次")),
    ("annual", re.compile(r"每(?:一)?(?:学?年度?)(?!(?:至少|不少于)?[两二2]次)|按年度?|逐年(?:度)?(?=公开|公布|发布|报告)")),
    (None, re.compile(r"每(?:半个?|[两二三四2346]个?|双)月|每双周|每(?:[两二三四五2345]|隔一)[年周]")),
]
"""None: a period that the contract has no word for (每两年, 每半月)."""
_PERIOD_CUES = ("每", "按", "逐", "实时", "即时", "月月", "一次", "两次", "二次", "2次")
_LISTING = re.compile(r"[、和及与或](?:分别)?[在于]?")
_LISTED = {
    "month": re.compile(rf"(?P<year>{YEAR}\s?年)?(?P<list>(?:(?:1[0-2]|0?[1-9])[、,和及/]){{1,11}})$"),
    "quarter": re.compile(rf"(?P<year>{YEAR}\s?年)?第?(?P<list>(?:[一二三四1-4][、,和及/]){{1,3}})$"),
}
_LISTED["month_end"] = _LISTED["month"]
"""What stands before the last of 3、6、9月, of 二、三季度."""
_LIST_REACH = 40
_SHORT_LIST = 2
_RANGE = re.compile(r"\s?[-—–~至到]{1,2}\s?")
_LISTABLE = {"day", "third", "month_end", "month", "half", "quarter"}
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


def find_deadlines(folded: str, start: int, end: int, year: int | None) -> list[Deadline]:
    """Every time limit inside running text, in order."""
    return [shifted(one, start) for one in limits(_mask(folded[start:end]), year, bare=False)]


def limits(text: str, year: int | None, *, bare: bool) -> list[Deadline]:
    """Every time limit of a folded text, in order. `bare`: a date alone is a limit too, as in a table cell."""
    found = _absolute(text, year, bare=bare)
    found += _within(text, found)
    found += [one for one in periods(text) if not any(other.start <= one.start < other.end for other in found)]
    for match in _CONDITIONAL_TEXT.finditer(text):
        begin = match.start() + (text[match.start()] != "待")
        if not any(begin < other.end and other.start < match.end() for other in found):
            found.append(Deadline(begin, match.end(), "conditional"))
    return sorted(found, key=lambda one: one.start)


def _within(text: str, found: list[Deadline]) -> list[Deadline]:
    """Limits that count from something: 印发后20个工作日内, 招生报名前2周, 5小时内."""
    out: list[Deadline] = []
    for match in _WITHIN.finditer(text) if any(cue in text for cue in ("内", "前", "工作日", "自然日", "当日")) else ():
        begin = match.start()
        if match["n"] and match["unit"] in ("年", "月", "天") and text[max(0, begin - 2) : begin].endswith(("近", "过去", "为期", "期限")):
            continue
        if _SPEED.search(text, max(0, begin - _SPEED_REACH), begin):
            continue
        if any(one.start < match.end() and begin < one.end for one in found):
            continue
        reach = max([max(0, begin - _TRIGGER_REACH), *(one.end for one in (*found, *out) if one.end <= begin)])
        trigger = _TRIGGER.search(text, reach, begin) if match["n"] else None
        begin = trigger.start() if trigger else begin
        out.append(Deadline(begin, match.end(), "relative", recurrence=recurrence(text[begin : match.end()])))
    return out


def choose(found: list[Deadline]) -> Deadline | None:
    """The one that stands for the task: first absolute date, else relative, else recurring or rolling, else conditional."""
    order = {"relative": 1, "recurring": 2, "rolling": 2, "conditional": 3}
    return min(found, key=lambda one: (order.get(one.type, 0), one.start), default=None)


def recurrence(folded_text: str) -> Recurrence | None:
    """The first period the text states (每季度, 按月, 实时); a period inside a name (月报) is none."""
    hits = periods(_mask(folded_text))
    return hits[0].recurrence if hits else None


def periods(text: str) -> list[Deadline]:
    """Every period the text states, in order; 实时 is rolling, the others recur."""
    if not any(cue in text for cue in _PERIOD_CUES):
        return []
    hits = [(match, name) for name, pattern in _PERIOD for match in pattern.finditer(text)]
    out: list[Deadline] = []
    for match, name in sorted(hits, key=lambda hit: (hit[0].start(), -hit[0].end())):
        if not out or match.start() >= out[-1].end:
            out.append(Deadline(*match.span(), "rolling" if name == "realtime" else "recurring", recurrence=name))
    return out


def _mask(text: str) -> str:
    """The text with titles in 《》 blanked: their years are names, not limits. Same length."""
    return _BOOK.sub(lambda match: "《" + "\u2003" * (len(match.group()) - 2) + "》", text)


def shifted(one: Deadline, by: int) -> Deadline:
    """The same limit in a text that begins `by` characters earlier."""
    return replace(one, start=one.start + by, end=one.end + by)


@dataclass(frozen=True, slots=True)
class _Hit:
    """One printed date; `ahead` is what its list prints before it (the 3、6、 of 3、6、9月)."""

    match: re.Match[str]
    kind: str
    ahead: re.Match[str] | None

    @property
    def start(self) -> int:
        return self.ahead.start() if self.ahead else self.match.start()


def _absolute(text: str, year: int | None, *, bare: bool) -> list[Deadline]:
    found: list[Deadline] = []
    near = year
    hits = [_Hit(match, kind, _listed(text, match, kind) if bare else None) for match, kind in _matches(text)]
    before: tuple[_Hit, int | None] | None = None
    for hit, kept in zip(hits, _kept(text, hits, bare=bare), strict=True):
        if hit.ahead and found and found[-1].start >= hit.start:
            found.pop()  # the 2018年 of 2018年3、6、9月
        since = before if before and _RANGE.fullmatch(text, before[0].match.end(), hit.match.start()) else None
        at_year = _year_of(hit.match, since[1] if since else near, year)
        if kept:
            if at_year and hit.match.groupdict().get("year"):
                near = at_year
            one = _resolve(hit.match, hit.kind, at_year)
            if since:  # 2019年3月至2020年6月
                if found and found[-1].start == since[0].start:
                    found.pop()
                one = replace(one, start=since[0].start, start_date=_begins(*since))
            found += [*_ahead(hit, at_year), one]
        before = hit, at_year
    return found


def _listed(text: str, match: re.Match[str], kind: str) -> re.Match[str] | None:
    """The numbers of a list ahead of its last month or quarter. 1、6月底前 alone may be a numbered item, and is left."""
    groups = match.groupdict()
    if kind not in _LISTED or groups.get("year") or groups.get("slip") or groups.get("rel"):
        return None
    ahead = _LISTED[kind].search(text, max(0, match.start() - _LIST_REACH), match.start())
    if ahead is None or (kind != "quarter" and not ahead["year"] and len(_numbers(ahead)) < _SHORT_LIST):
        return None
    order = [number for number, _ in _numbers(ahead)]
    return ahead if sorted(set(order)) == order else None


def _numbers(ahead: re.Match[str]) -> list[tuple[int, int]]:
    """(number, offset) of what a list prints before its last."""
    begin = ahead.start("list")
    return [(parse_int(one.group()) or 0, begin + one.start()) for one in re.finditer(r"\d+|[一二三四]", ahead["list"])]


def _ahead(hit: _Hit, year: int | None) -> list[Deadline]:
    if not hit.ahead:
        return []
    months = 3 if hit.kind == "quarter" else 1
    kind: DeadlineType = "date" if hit.kind == "quarter" else "month_end" if hit.kind == "month_end" else "month"
    return [Deadline(at, at + len(str(number)), kind, _end(year, months * number)) for number, at in _numbers(hit.ahead)]


def _kept(text: str, hits: list[_Hit], *, bare: bool) -> list[bool]:
    """Which dates are limits: not those of a period (每年3月、9月), nor mentions."""
    keep: list[bool] = []
    recurring: list[bool] = []
    for number, hit in enumerate(hits):
        joined = number > 0 and _LISTING.fullmatch(text, hits[number - 1].match.end(), hit.start) is not None
        ahead = _RECURRING_AHEAD.search(text, max(0, hit.start - 8), hit.start)
        recurring.append(ahead is not None or (joined and recurring[-1]))
        follows = number > 0 and _RANGE.fullmatch(text, hits[number - 1].match.end(), hit.start) is not None
        begin = hits[number - 1].start if follows else hit.start
        keep.append(not recurring[-1] and not _counts(text, hit) and (bare or _is_limit(text, hit.match, hit.kind, begin)))
    for number in range(len(hits) - 2, -1, -1):  # 3月和9月底前: what closes the list limits all of it
        hit, after = hits[number], hits[number + 1]
        if keep[number + 1] and not recurring[number] and hit.kind in _LISTABLE and after.kind in _LISTABLE:
            keep[number] |= _LISTING.fullmatch(text, hit.match.end(), after.start) is not None
    return keep


def _counts(text: str, hit: _Hit) -> bool:
    """三年内, 每年底: 年 belongs to the word before it."""
    if hit.match.group()[0] != "年" or not hit.start:
        return False
    return text[hit.start - 1] in ("近当一二三两几多全半数每0123456789" if hit.kind == "year_in" else "每去上半0123456789")


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


def _is_limit(text: str, match: re.Match[str], kind: str, begin: int) -> bool:
    """`begin`: where the range begins that the date closes, else the date."""
    after = text[match.end() : match.end() + 12]
    by_then = match.group()[-1] in "前内"
    if _NOT_LIMIT.match(after) or (not by_then and _PAST.match(after)):
        return False
    if not by_then and (_COMPARED.match(after) or _MEASURED.search(text, max(0, begin - 3), begin)):
        return False
    if _PHASE.search(text, max(0, begin - 6), begin):
        return True
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
        return plan_year + (relative[0] in "明次翌来下") if plan_year else None
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


def _begins(hit: _Hit, year: int | None) -> date | None:
    """The first day of a printed date."""
    groups = hit.match.groupdict()
    month = parse_int(groups.get("month") or "") or 1
    if hit.kind == "month_end":
        return _end(year, month)
    if hit.kind == "quarter":
        month = 3 * (parse_int(groups["quarter"]) or 1) - 2
    elif hit.kind == "half":
        month = 1 if groups["half"] == "上" else 7
    third = {"中": 11, "下": 21}.get(groups.get("third") or "", 1)
    return _first(year, month, parse_int(groups.get("day") or "") or third)


def _end(year: int | None, month: int | None) -> date | None:
    return month_end(year, month) if year and month else None


def _first(year: int | None, month: int, day: int) -> date | None:
    if not year or not 1 <= month <= 12 or not 1 <= day <= month_end(year, month).day:
        return None
    return date(year, month, day)

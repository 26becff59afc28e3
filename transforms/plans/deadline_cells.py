"""Time limits of table cells, of 完成时限 notes and of flattened lines: here a bare month counts, and 及时更新 is a limit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from gongkai.records.document import Recurrence
from transforms.dates import YEAR, find_dates, month_end, parse_date
from transforms.plans.deadlines import Deadline, find_deadlines, limits, periods, recurrence, shifted
from transforms.plans.relative import starts_at_issue

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
_YEAR_MONTH = re.compile(r"(?<![\d./])(?P<year>(?:19|20)\d{2})[./-](?P<month>1[0-2]|0?[1-9])(?!\d|[./]\d|-\d{1,2}(?!\d))")
_SHORT_DAY = re.compile(r"(?P<month>1[0-2]|0?[1-9])\.(?P<day>[12]\d|3[01]|0?[1-9])\s?(?:之前|以前|前)?")
_RANGE = re.compile(r"\s?[-—–~至到]{1,2}\s?")
_WHOLE_YEAR = re.compile(rf"{YEAR}\s?年?度?")
_ROLLING_PART = re.compile(r"(?:长期|持续|常态化?|动态|及时|常年|经常性?|不断)[\u4e00-\u9fff]{0,4}")
_AMOUNT = re.compile(r"(?:\d{1,3}|[一二三四五六七八九十两半]{1,3})\s?个?(?:工作日|自然日|小时|日|天|周|星期|月|年)(?:之内|以内|内)?")
_EVENT = re.compile(
    r"[^,。;:!?\d]{2,20}(?:前|后|同时|期间)|(?:与|和)?[^,。;:!?\d]{0,16}同步(?:公开|发布|推进|进行|实施|解读)?"
    r"|[按根依][照据]?[^,。;:!?]{2,24}(?:要求|部署|规定|安排|进度|节点|时限|时间|计划|通知|方案)(?:推进|完成|执行|落实|公开|实施|开展|进行)?"
)
_ABSOLUTE = {"date", "month", "month_end", "month_mid", "open_start"}
_CONDITIONAL = re.compile(r"待[^,。;:!?]{2,40}?后|[^,。;:!?]{2,40}(?:出台|印发|下发|完成|确定|批准|部署|发布)后")


def read_deadline_cell(folded: str, start: int, end: int, year: int | None) -> Deadline | None:
    """The deadline that a table cell or a 完成时限 note prints; None for a blank one.

    Bare months and years count here, and 及时更新 or 长期 is rolling. Of several dates the last day stands for the cell, and each is in
    `parts`.
    """
    cell = folded[start:end]
    text = cell.strip()
    if not text.strip("-—/\\无"):
        return None
    offset = start + len(cell) - len(cell.lstrip())
    dated = _numeric(text, year)
    singles = dated or limits(text, year, bare=True)
    period = recurrence(text)
    absolute = [one for one in singles if one.type in _ABSOLUTE]
    years = [one for one in absolute if _WHOLE_YEAR.fullmatch(text, one.start, one.end)]
    if len(years) < len(absolute) or period:
        absolute = [one for one in absolute if one not in years]  # 2025年每季度: the year only says which quarters
        singles = [one for one in singles if one not in years or one.start_date]
    whole = _whole(text, absolute, singles, period)
    if whole is None:
        return None
    if absolute:
        singles += [
            Deadline(*match.span(), "rolling")
            for match in _ROLLING_PART.finditer(text)
            if not any(one.start < match.end() and match.start() < one.end for one in singles)
        ]
    parts = tuple(sorted((shifted(one, offset) for one in singles), key=lambda one: one.start)) if len(singles) > 1 else ()
    return replace(whole, start=offset, end=offset + len(text), parts=parts)


def _whole(text: str, absolute: list[Deadline], singles: list[Deadline], period: Recurrence | None) -> Deadline | None:
    """What stands for a cell: its last date, else a count, else a period, else 及时更新, else what it waits for."""
    span = 0, len(text)
    if absolute:
        best = absolute[0] if len(absolute) == 1 else max(absolute, key=lambda one: one.due or date.min)
        return Deadline(*span, best.type, best.due, best.start_date, period)
    if any(one.type == "relative" for one in singles) or _AMOUNT.fullmatch(text):
        return Deadline(*span, "relative", recurrence=period)
    if starts_at_issue(text):
        return Deadline(*span, "open_start")
    if any(one.type == "recurring" for one in singles):
        return Deadline(*span, "recurring", recurrence=period)
    if _ROLLING_CELL.fullmatch(text) or period or (len(text) <= _MAX_ROLLING and _ROLLING_WORD.search(text)):
        return Deadline(*span, "rolling", recurrence=period)
    if _CONDITIONAL.search(text) or _EVENT.fullmatch(text):
        return Deadline(*span, "conditional")
    return None


def read_deadline_cells(folded: str, spans: Sequence[tuple[int, int]], year: int | None) -> Deadline | None:
    """The deadline of a note that states limits at several places: the last day, else the first limit; each is in `parts`."""
    found = [one for start, end in spans if (one := read_deadline_cell(folded, start, end, year))]
    best = max(found, key=lambda one: (one.due or date.min, -one.start), default=None)
    if best is None or len(found) == 1:
        return best
    return replace(best, parts=tuple(part for one in found for part in one.parts or (one,)))


def read_deadline_line(folded: str, start: int, end: int, year: int | None) -> Deadline | None:
    """The deadline of a line that is nothing but one; None for a sentence that also names a time (公开2018年部门预算)."""
    text = folded[start:end].strip()
    if _ROLLING_CELL.fullmatch(text) or _CONDITIONAL.fullmatch(text):
        return read_deadline_cell(folded, start, end, year)
    spans = [
        (one.start, one.end) for one in (*_numeric(text, year), *limits(text, year, bare=True), *find_deadlines(text, 0, len(text), year))
    ]
    spans += [(one.start, one.end) for one in periods(text)]
    covered = {at for span in spans for at in range(*span)}
    rest = "".join(char for at, char in enumerate(text) if at not in covered)
    return read_deadline_cell(folded, start, end, year) if spans and not _BESIDE.sub("", rest) else None


def _numeric(text: str, year: int | None) -> list[Deadline]:
    """A cell that prints its dates with points or strokes: 2023-12-31, 2023.12, 2023/6, 9.30前."""
    if "月" in text or "季" in text:
        return []
    months = [Deadline(*match.span(), "month", month_end(int(match["year"]), int(match["month"]))) for match in _YEAR_MONTH.finditer(text)]
    days = [Deadline(one.start, one.end, "date", one.date) for one in find_dates(text) if one.precision == "day"]
    short = _SHORT_DAY.fullmatch(text)
    if short and year and (day := parse_date(f"{year}-{short['month']}-{short['day']}")):
        return [Deadline(*short.span(), "date", day)]
    found = sorted([*months, *days], key=lambda one: one.start)
    if len(found) >= 2 and _RANGE.fullmatch(text, found[0].end, found[1].start):
        first = found[0].due
        begin = first.replace(day=1) if first and found[0].type == "month" else first
        return [replace(found[1], start=found[0].start, start_date=begin)]
    return found

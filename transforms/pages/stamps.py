"""Times as portals print and send them: dates with or without a clock time, epoch seconds, and the short dates of list rows.

Everything is China time (UTC+8); a printed midnight says that no time was kept, so it becomes a bare date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
_FULL = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)\s{0,3}(?:[-./]|年)\s{0,3}(?P<m>\d{1,2})\s{0,3}(?:[-./]|月)\s{0,3}(?P<d>\d{1,2})(?!\d)\s{0,3}日?"
    r"(?:[T\s]{0,4}(?P<H>\d{1,2})\s?[:：时]\s?(?P<M>\d{1,2})(?:\s?[:：分]\s?(?P<S>\d{1,2}))?(?:\.\d{1,6})?\s?(?P<z>Z|[+-]\d{2}:?\d{2})?)?"
)
_COMPACT = re.compile(r"\s{0,9}((?:19|20)\d\d)([01]\d)([0-3]\d)\s{0,9}")
_TWO_DIGITS = re.compile(r"(?<![\d\-./])([0-3]\d)[-./]([01]?\d)[-./]([0-3]?\d)(?![\d\-./])")
"""19-12-24: a year without its century."""
# A day shown apart from its month: 04 | 2025-03 and 2025-03 | 04, as boxes beside a title.
_DAY_FIRST = re.compile(r"(?<![\d-])(\d{1,2})\s{1,20}((?:19|20)\d\d)\s{0,3}[-./年]\s{0,3}(\d{1,2})(?!\s{0,3}[-./\d])月?")
_DAY_LAST = re.compile(r"(?<!\d)((?:19|20)\d\d)\s{0,3}[-./年]\s{0,3}(\d{1,2})月?\s{1,20}(\d{1,2})(?![\d:：])")
# The year apart from its day: 2025 | 03-04 and 03-04 | 2025.
_YEAR_FIRST = re.compile(r"(?<![\d\-./])((?:19|20)\d\d)年?\s{1,20}(\d{1,2})[-./月](\d{1,2})日?(?![\d\-./:：])")
_YEAR_LAST = re.compile(r"(?<![\d\-./])(\d{1,2})[-./月](\d{1,2})日?\s{1,20}((?:19|20)\d\d)(?![\d\-./])")
_SHORT = re.compile(r"(?<![\d\-./])(\d{1,2})[-./月](\d{1,2})(?![\d\-./:：])")
_PUBLISHED = re.compile(r"(?:发布|公开|公布|发表|上网)\s?(?:日期|时间)?\s?(?P<colon>[:：])?\s{0,5}$")
_NOT_PUBLISHED = re.compile(
    r"(?:(?:成文|生成|印发|制定|签发|施行|实施|生效|有效期?|截止|失效|废止|到期)\S{0,4}\s?[:：]?|[至到~—-])\s{0,5}$"
)
_URL_DAY = re.compile(
    r"/t((?:19|20)\d\d)([01]\d)([0-3]\d)_\d|/((?:19|20)\d\d)[-/]([01]?\d)[-/]([0-3]?\d)/|/((?:19|20)\d\d)-([01]\d)/([0-3]\d)/"
    r"|/((?:19|20)\d\d)_([01]\d)/([0-3]\d)_\d\d/content-\d"  # P8: month, then day and hour
    r"|/((?:19|20)\d\d)([01]\d)([0-3]\d)/(?!index\.|list\.)[\w-]{1,60}\.s?html?"  # DedeCMS and others
    r"|/((?:19|20)\d\d)/(?:[a-z]\w{0,40}_)?([01]\d)([0-3]\d)/(?!index\.|list\.)"  # PHPCMS and others: 2025/tzgg_0304/12.html
)
_URL_YEAR = re.compile(r"/((?:19|20)\d\d)/[^/]{1,120}$")
_URL_MONTH = re.compile(r"/((?:19|20)\d\d)[-/]?([01]\d)/")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A day and, where one was given, the time of day in China."""

    day: date
    clock: time | None = None

    def iso(self) -> str:
        """2025-03-04 or 2025-03-04T09:05:00+08:00."""
        return datetime.combine(self.day, self.clock, CHINA).isoformat() if self.clock else self.day.isoformat()


def parse_stamp(text: str) -> Stamp | None:
    """The first full date of `text`, with its time; None where there is none or it is no date of the calendar."""
    for found in _FULL.finditer(text[:200]):
        day = _day(found["y"], found["m"], found["d"])
        if day:
            return _with_clock(day, found)
    compact = _COMPACT.fullmatch(text)
    day = _day(*compact.groups()) if compact else None
    return Stamp(day) if day else None


def epoch_stamp(seconds: object) -> Stamp | None:
    """Epoch seconds (or milliseconds) of an API in China time: read in UTC, a day's midnight is the day before."""
    if isinstance(seconds, str) and seconds.isdigit():
        seconds = int(seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 1e14:
        return None
    moment = datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, CHINA)
    return Stamp(moment.date(), moment.time().replace(microsecond=0) if moment.time() != time() else None)


def url_day(url: str | None) -> date | None:
    """The day that many families write into a detail page's address (cms-families.md section 2.4)."""
    found = _URL_DAY.search(url or "")
    return _day(*[part for part in found.groups() if part]) if found else None


def row_day(text: str, url: str) -> date | None:
    """The date of a list row.

    One printed date is it. Of several the one behind a label of publication (发布日期：) is, else the one in the address, else one behind
    its word alone, else the last one that is not named as something else (成文日期, 有效期). A day without a year takes the year from the
    address.
    """
    days, labelled, best = _full_days(text)
    if len(set(days)) == 1:
        return days[0]
    if days:
        return labelled or url_day(url) or best
    for pattern, order in ((_DAY_FIRST, (2, 3, 1)), (_DAY_LAST, (1, 2, 3)), (_YEAR_FIRST, (1, 2, 3)), (_YEAR_LAST, (3, 1, 2))):
        found = pattern.search(text)
        if found:
            return _day(*(found[i] for i in order))
    if found := _TWO_DIGITS.search(text):
        return _day("20" + found[1], found[2], found[3]) or url_day(url)
    return _short_day(text, url) or url_day(url)


def _full_days(text: str) -> tuple[list[date], date | None, date | None]:
    """The full dates of a text; the last one behind a label of publication with its colon; the last of the best kind by looser words."""
    labelled: date | None = None
    published: list[date] = []
    plain: list[date] = []
    other: list[date] = []
    end = 0
    for found in _FULL.finditer(text):
        label, end = text[end : found.start()][-12:], found.end()
        if day := _day(found["y"], found["m"], found["d"]):
            words = _PUBLISHED.search(label)
            labelled = day if words and words["colon"] else labelled
            (published if words else other if _NOT_PUBLISHED.search(label) else plain).append(day)
    return [*published, *plain, *other], labelled, next((kind[-1] for kind in (published, plain, other) if kind), None)


def _short_day(text: str, url: str) -> date | None:
    printed = list(_SHORT.finditer(text))
    if not printed:
        return None
    found = printed[-1]
    known = url_day(url)
    dated = _URL_MONTH.search(url) or _URL_YEAR.search(url)
    year = known.year if known else int(dated[1]) if dated else None
    return _day(str(year), found[1], found[2]) if year else None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _with_clock(day: date, found: re.Match[str]) -> Stamp:
    if not found["H"]:
        return Stamp(day)
    try:
        clock = time(int(found["H"]), int(found["M"]), int(found["S"] or 0))
    except ValueError:
        return Stamp(day)
    zone = found["z"]
    if zone and zone != "+0800" and zone != "+08:00":
        moment = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if zone == 'Z' else zone}").astimezone(CHINA)
        day, clock = moment.date(), moment.time()
    return Stamp(day, clock if clock != time() else None)

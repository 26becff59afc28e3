"""Prose plans: one task per numbered clause; doers and dates stand inside the sentences."""

from __future__ import annotations

import itertools
import re

from gongkai.records.document import PlanTask
from transforms.dates import parse_date
from transforms.plans.context import PlanContext
from transforms.plans.outline import Line
from transforms.plans.units import Responsibility, is_certain_unit, is_unit, unit_names

_NO_TASK_TITLE = re.compile(
    r"^(?:总体(?:要求|思路|目标)|指导思想|基本原则|工作原则|(?:工作|主要|发展|总体)?目标(?:任务)?|重要意义|(?:重大|充分认识.{0,12})意义|编制依据|适用范围|总则|附则"
    r"|背景|起草.{0,6}|(?:发展|工作)?(?:基础|现状|环境|形势)|面临(?:的)?形势|工作思路|组成人员|(?:主要)?职责|工作机构|工作规则)$"
)
_PREAMBLE = re.compile(r"(?:指导思想|总体要求|总体思路|总体目标|基本原则|工作目标)(?=[以坚深全认按围紧通为贯根依到决力通:,])")
"""A title that runs into its text: 指导思想以…为指导."""
_NO_TASK_ANNEX = re.compile(r"名单|领导小组|职责|联系|统计表|样表|模板|格式")
_ANNEX = re.compile(r"^附件?\s?(?:\d{1,2}|[一二三四五六七八九十])?\s?[:]?$|^附件?\s?\d{0,2}\s?[:]?[^。;]{2,40}$")
_PLAN_TITLE = re.compile(r"(?:要点|方案|计划|意见|分工|安排|措施|办法|清单|任务)(?:\([^()]{1,20}\))?$")
_SUBJECT = re.compile(r"(?:要|应当?|须|必须|负责(?!人)|将|需|于(?=\d)|牵头(?!单位|部门)|切实|制定|结合|根据|按照|按)")
_OWNED = re.compile(
    r"(?P<who>[^。;:!?]{2,60}?(?:牵头|负责|承担|主办|落实)?)(?:的)?(?:重点|主要|具体)?(?:工作|任务|事项|项目)?\s?\(共?\s?\d{1,3}\s?[项条个件]\)"
    r"|(?P<by>[^。;:!?]{2,60}?(?:牵头|负责|承担|主办))(?:落实|办理|实施)?的?(?:重点|主要|具体)?(?:工作|任务|事项|项目)?"
)
_MAX_OWNER = 60
_PAGE = re.compile(r"[\s.…·-]{0,200}\d{0,3}$")
_STATED = re.compile(r"(?:[^由]{0,12}(?P<by>由))?(?P<who>[^由]{2,80}?(?:负责|牵头|配合|协助|参与|参加|承办|主办)(?:组织)?(?:实施|落实)?)")
_CHUNK = re.compile(r"[^,。;:!?]+")


def read_prose(context: PlanContext, lines: list[Line]) -> list[PlanTask]:
    """The tasks of a plan without responsibility notes: its innermost numbered clauses."""
    tasks = []
    kept = _without_contents(context, _plan_lines(context, lines))
    owners = _owners(context, kept)
    for index, line in enumerate(kept):
        if line.label is None or _has_children(kept, index) or any(_NO_TASK_TITLE.match(title) for title in line.titles):
            continue
        if _PREAMBLE.match(context.body.folded, line.text_start, line.end):
            continue
        last = _last_line(context, kept, index)
        if (
            last is line
            and line.heading
            and not context.body.folded[: line.end].endswith(("。", ";"))
            and line.label.kind in ("cn", "section", "chapter", "part")
        ):
            continue  # a section title with nothing under it
        start = kept[index + 1].start if line.heading and last is not line else line.text_start
        who = _doers(context, start, last.end)
        who = owners.get(index, who) if who.empty else who
        titles = line.titles[:-1] if line.heading and last is line else line.titles
        when = context.when(start, last.end) or context.when(line.text_start, line.end)  # 第三阶段:督查考核(11月)
        tasks.append(context.task(line.path, titles, start, last.end, who, when))
    return tasks


def _without_contents(context: PlanContext, lines: list[Line]) -> list[Line]:
    """The lines without a table of contents: entries with nothing under them that stand again below."""
    said = [_PAGE.sub("", context.body.folded[line.start : line.end]) if line.label else "" for line in lines]
    last = {text: index for index, text in enumerate(said)}
    empty = [below.label is not None for below in lines[1:]] + [False]
    return [line for index, line in enumerate(lines) if not (said[index] and empty[index] and last[said[index]] > index)]


def _owners(context: PlanContext, lines: list[Line]) -> dict[int, Responsibility]:
    """Per line, the doers that its section's title names: 一、县教育局牵头任务(8项), or 市教育局 over a list that begins again."""
    folded = context.body.folded
    alone: dict[int, Responsibility] = {}
    for index, (line, below) in enumerate(itertools.pairwise(lines)):
        if line.label is None and line.end - line.start <= _MAX_OWNER and below.label and below.label.number == 1:
            who = context.who(line.start, line.end)
            if who.lead and all(is_certain_unit(unit.folded) for unit in who.lead):
                alone[index] = who
    if len(alone) < 2:  # a lone one is who signs the notice
        alone.clear()
    out: dict[int, Responsibility] = {}
    above: list[tuple[tuple[str, ...], Responsibility]] = []
    for index, line in enumerate(lines):
        if line.label:
            above = [(path, who) for path, who in above if path == line.path[: len(path)] and path != line.path]
            titled = _OWNED.fullmatch(folded, line.text_start, line.end) if line.heading else None
            if titled:
                who = context.who(*titled.span("who" if titled["who"] else "by"))
                if who.lead and all(is_certain_unit(unit.folded) for unit in who.lead):
                    above.append((line.path, who))
                    continue
        elif index in alone:
            above = [((), alone[index])]
        if above:
            out[index] = above[-1][1]
    return out


def _has_children(lines: list[Line], index: int) -> bool:
    depth = len(lines[index].path)
    for following in lines[index + 1 :]:
        if following.label is not None:
            return len(following.path) > depth
    return False


def _last_line(context: PlanContext, lines: list[Line], index: int) -> Line:
    """The last unlabelled line that still belongs to the clause; signatures, dates and titles end it."""
    last = lines[index]
    folded = context.body.folded
    for following in lines[index + 1 :]:
        text = folded[following.start : following.end]
        if following.label is not None or following.heading or not re.search(r"[。;:!?”)]$", text) or parse_date(text):
            break
        if text.startswith("(") and len(text) < 20:
            break
        if following.kinds and following.kinds[-1] == "cn" and last.label is None:
            break
        last = following
    return last


def _plan_lines(context: PlanContext, lines: list[Line]) -> list[Line]:
    """The lines of the plan itself: an annex that holds a plan replaces the notice, an annex that holds a roster is left out."""
    folded = context.body.folded
    starts = [0]
    for index, line in enumerate(lines):
        text = folded[line.start : line.end].strip()
        if line.label is None and index and _ANNEX.match(text) and len(text) <= 60:
            starts.append(index)
    parts = [lines[begin:end] for begin, end in zip(starts, [*starts[1:], len(lines)], strict=True)]
    keep = []
    for number, part in enumerate(parts):
        head = " ".join(folded[line.start : line.end] for line in part[:3])
        if number and (
            _NO_TASK_ANNEX.search(head) or not _PLAN_TITLE.search(folded[part[0].start : part[min(1, len(part) - 1)].end].strip())
        ):
            continue
        keep.append(part)
    best = max(keep, key=lambda part: sum(line.label is not None for line in part), default=[])
    if len(keep) > 1 and best is not keep[0]:
        return best
    return keep[0] if keep else []


def _doers(context: PlanContext, start: int, end: int) -> Responsibility:
    """Units that stand as the subject of a duty (市财政局、住建局等部门要…); without responsibility wording the mode stays unspecified."""
    folded, text = context.body.folded, context.body.text
    out = Responsibility()
    for chunk in _CHUNK.finditer(folded, start, end):
        said = _STATED.fullmatch(folded, *chunk.span())
        if said:  # 由公安部门负责,有关部门配合
            who = context.who(*said.span("who"))
            names = [*who.lead, *who.support]
            if (
                names
                and all(is_unit(unit.folded) for unit in names)
                and (said["by"] or all(is_certain_unit(unit.folded) for unit in names))
            ):
                out.lead.extend(unit for unit in who.lead if unit not in out.lead)
                out.support.extend(unit for unit in who.support if unit not in (*out.lead, *out.support))
                out.open_ended |= who.open_ended
                continue
        verb = _SUBJECT.search(folded, chunk.start(), min(chunk.end(), chunk.start() + 160))
        stop = verb.start() if verb else chunk.end() if folded.startswith(":", chunk.end()) else chunk.start()  # 市教育局:做好…
        if stop - chunk.start() < 2:
            continue
        names, is_open = unit_names(text, folded, chunk.start(), stop, context.region)
        certain = [is_certain_unit(unit.folded) for unit in names]
        if names and certain[0] and sum(certain) * 2 > len(certain) and all(is_unit(unit.folded) for unit in names):
            out.lead.extend(name for name in names if name not in out.lead)
            out.open_ended |= is_open
    return out

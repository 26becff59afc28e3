"""What every form of plan reader needs to know of the document, and how a task record is made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from gongkai.agencies import agencies
from gongkai.records.document import Finding, PlanTask, TaskDeadline, TaskUnit
from transforms.body import Body
from transforms.own_day import OwnDay, own_day
from transforms.plans.deadlines import Deadline, choose, find_deadlines, recurrence
from transforms.plans.outline import Label, parse_label
from transforms.plans.relative import counts_from_issue, due_from_issue, starts_at_issue
from transforms.plans.units import Responsibility, read_parts, read_responsibility

_FIRST_LEADS = re.compile(
    r"(?:排|列)(?:在|名)?(?:第一|首位|前)(?:位|名)?(?:的)?[^。;)]{0,8}(?:为|是)牵头|第一(?:个|责任)?单位[^。;)]{0,4}(?:为|是)牵头"
)
_FOOTER = re.compile(
    r"^[\[【(>\s]{0,4}(?:(?:相关|延伸|推荐)(?:文章|链接|文件|阅读|附件|新闻|信息|解读|报道)|您访问的链接|扫一扫|分享到?|打印|关闭|上一[篇条]|下一[篇条]|版权所有"
    r"|网站地图|网站声明|联系我们|技术支持|Produced By|主办(?:单位)?:[^,;]{2,40}(?:承办|主管|技术|备案|$))"
    r"|ICP备|公网安备|网站标识码"
)


@dataclass(slots=True)
class PlanContext:
    """One document being read."""

    body: Body
    year: int | None
    """The year against which bare months are resolved."""
    region: str | None = None
    first_leads: bool = False
    own: Mapping[OwnDay, date | None] = field(default_factory=dict)
    """The days from which 印发后 and 公布后 count."""
    findings: list[Finding] = field(default_factory=list)
    _limits: dict[tuple[int, int], list[Deadline]] = field(default_factory=dict)

    @classmethod
    def of(cls, body: Body, plan_year: int | None, written: date | None, published: date | None, region: str | None) -> PlanContext:
        """Context of `body`: the plan's own year, else the year it was written, else published."""
        year = plan_year or (written.year if written else None) or (published.year if published else None)
        return cls(body, year, region, _FIRST_LEADS.search(body.folded) is not None, {"written": written, "published": published})

    def who(self, start: int, end: int) -> Responsibility:
        """The doers that a note or cell names."""
        return read_responsibility(self.body.text, self.body.folded, start, end, self.region, first_leads=self.first_leads)

    def who_in(self, parts: Sequence[tuple[int, int]]) -> Responsibility:
        """The doers that a note in several parts names."""
        return read_parts(self.body.text, self.body.folded, parts, self.region, first_leads=self.first_leads)

    def when(self, start: int, end: int) -> Deadline | None:
        """The time limit that running text states."""
        return choose(self._in_text(start, end))

    def _in_text(self, start: int, end: int) -> list[Deadline]:
        if (start, end) not in self._limits:
            self._limits[start, end] = find_deadlines(self.body.folded, start, end, self.year)
        return self._limits[start, end]

    def _all_limits(self, when: Deadline | None, start: int, end: int) -> list[TaskDeadline]:
        """Each limit by itself: those of the cell or note that `when` was read from, and those inside the task's text."""
        apart = list(when.parts or (when,)) if when else []
        apart += [one for one in self._in_text(start, end) if not (when and one.start < when.end and when.start < one.end)]
        return [
            TaskDeadline(
                raw=self.body.text[one.start : one.end],
                type=one.type,
                due_date=self._due(one),
                start_date=self._start(one),
                recurrence=one.recurrence,
                start=one.start,
                end=one.end,
            )
            for one in sorted(apart, key=lambda one: one.start)
        ]

    def sub_items(self, start: int, end: int) -> list[tuple[int, int, Label | None]]:
        """The numbered items of a cell, or the whole cell: numbering must begin with 1 and run on."""
        folded = self.body.folded
        first = parse_label(folded, start, end)
        if first is None:
            return [(start, end, None)]
        labels = [first]
        starts = [start]
        for cut in re.finditer(r"(?<=[。;\s])(?=\s{0,4}[\d(①-⑳一二三四五六七八九十])", folded[start:end]):
            at = start + cut.end()
            label = parse_label(folded, at, end)
            if label and label.kind == first.kind and label.number == labels[-1].number + 1:
                labels.append(label)
                starts.append(at)
        if len(labels) == 1 or first.number != 1:
            return [(first.end, end, first)]
        return [(label.end, stop, label) for label, stop in zip(labels, [*starts[1:], end], strict=True)]

    def _start(self, when: Deadline) -> date | None:
        """The day from which an open limit runs; 印发之日起 from the plan's own."""
        own = starts_at_issue(self.body.folded[when.start : when.end]) if when.type == "open_start" else None
        return self.own.get(own) if own else when.start_date

    def _due(self, when: Deadline) -> date | None:
        """The limit's last day; working days outside the known calendar give none, and a finding."""
        counted = counts_from_issue(self.body.folded[when.start : when.end]) if when.type == "relative" else None
        own = own_day(counted.group()) if counted else None
        day = self.own.get(own) if own else None
        if counted is None or day is None:
            return when.due
        due = due_from_issue(counted, day)
        span = when.start + counted.start(), when.start + counted.end()
        if due is None and not any(finding.rule == "P-CALENDAR" and finding.start == span[0] for finding in self.findings):
            message = "working days outside the years whose holidays are known: the due date stays open"
            self.findings.append(Finding(rule="P-CALENDAR", severity="info", message=message, start=span[0], end=span[1]))
        return due

    def _units(self, who: Responsibility) -> list[TaskUnit]:
        out = []
        for role, units in (("lead", who.lead), ("support", who.support)):
            for unit in units:
                known = agencies().resolve(unit.folded)
                out.append(
                    TaskUnit(
                        name=unit.name,
                        printed=self.body.text[unit.start : unit.end],
                        role="lead" if role == "lead" else "support",
                        agency=known.id if known else None,
                        open_ended=unit.open_ended,
                        start=unit.start,
                        end=unit.end,
                    )
                )
        return out

    def task(
        self,
        path: tuple[str, ...],
        titles: tuple[str, ...],
        start: int,
        end: int,
        who: Responsibility,
        when: Deadline | None,
        *,
        uncertain: bool = False,
    ) -> PlanTask:
        """A task whose text is the span; numbered later, by `reader`."""
        folded = self.body.folded
        limits = self._all_limits(when, start, end)
        while start < end and (folded[start].isspace() or folded[start] in "。;,、"):
            start += 1
        while end > start and folded[end - 1].isspace():
            end -= 1
        return PlanTask(
            seq=0,
            path=list(path),
            section_titles=list(titles),
            text=self.body.text[start:end],
            lead_units=[unit.name for unit in who.lead],
            support_units=[unit.name for unit in who.support],
            responsibility_mode=who.mode,
            open_ended=who.open_ended,
            deadline_raw=self.body.text[when.start : when.end] if when else None,
            deadline_type=when.type if when else "none",
            due_date=self._due(when) if when else None,
            start_date=self._start(when) if when else None,
            recurrence=(when.recurrence if when else None) or recurrence(folded[start:end]),
            units=self._units(who),
            deadlines=limits,
            uncertain=uncertain,
            start=start,
            end=end,
        )


def is_footer(folded_line: str) -> bool:
    """Whether a line belongs to the page's frame below the text."""
    return len(folded_line) <= 80 and _FOOTER.search(folded_line) is not None


SECTION_RANKS = {"part": 0, "chapter": 1, "cn": 2, "cn_paren": 3}
"""Labels of rows that are the title of those below, outer before inner."""


def section_title(context: PlanContext, start: int, end: int) -> tuple[int, str]:
    """(rank, title without its label) of a row across a table; a title without a label stands under nothing."""
    label = parse_label(context.body.folded, start, end)
    return SECTION_RANKS.get(label.kind, 4) if label else 0, context.body.text[label.end if label else start : end].strip().rstrip("。")

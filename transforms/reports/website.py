"""Reads the yearly table of a government website (政府网站工作年度报表, 国办函〔2018〕12号).

By labels, wherever they stand in the grid: the value is the cell right of its label. A label that the form prints in several places
(总数) counts under the heading cell last met before it. Tick boxes (是否…) and names have no code and are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from gongkai.metrics import Metric, load_metrics
from gongkai.records.document import Finding, MetricValue
from transforms.body import Body, Cell
from transforms.reports import quality
from transforms.reports.labels import best_match, form_label, plain_label
from transforms.reports.parts import UnknownRow, table_parts
from transforms.reports.reader import ReportReading
from transforms.reports.values import CellValue, read_cell

ERA = "W"
"""Stands as the form on its values."""
_HEADINGS = frozenset(
    (
        *("信息发布", "专栏专题", "解读回应", "解读信息发布", "办事服务", "办件量", "互动交流", "留言办理", "征集调查", "在线访谈"),
        *("安全防护", "移动新媒体", "微博", "微信", "其他", "创新发展"),
    )
)
_OPEN = frozenset(("其他", "创新发展"))
"""Headings whose lines the form does not fix."""
_CODE, _HOME = frozenset(("政府网站标识码", "网站标识码", "标识码")), frozenset(("首页网址", "网站首页网址", "网址"))
_UNITS = "万?(?:个|次|条|项|篇|天|期|件|人次|人|名|份|工作日|个工作日)"
_IN_LABEL = re.compile(rf"\((?:单位:?)?({_UNITS})\)")
_BARE_UNIT = re.compile(_UNITS)
_SITE_CODE = re.compile(r"(?:bm)?\d{8,10}")
_HOST = re.compile(r"(?:https?://)?(?:www\.)?([a-z0-9.-]{3,80}(?::\d{1,5})?)(?:/[!-~]{0,200})?", re.I)
_LONG, _LONGEST, _MOST = 5, 30, 500
"""Characters of a label that may have lost or gained some and still be known, and how many such labels are looked up in one document."""


@lru_cache(maxsize=1)
def _labels() -> dict[str, dict[str, Metric]]:
    """Metrics by plain label, then by the heading they need ("": none). 信息发布总数 says in one cell what two say elsewhere."""
    out: dict[str, dict[str, Metric]] = {}
    for metric in load_metrics().by_code.values():
        line = metric.website
        for label in map(form_label, line.labels if line else ()):
            under = line.under or "" if line else ""
            out.setdefault(label, {})[under] = metric
            if under:
                out.setdefault(under + label, {})[""] = metric
    return out


@lru_cache(maxsize=1)
def _long_labels() -> tuple[str, ...]:
    return tuple(label for label, metrics in _labels().items() if len(label) >= _LONG and "" in metrics)


def read_website_table(body: Body) -> ReportReading:
    """Read the figures of a website's table and whose site they are of."""
    walk = _Walk(body)
    for part in table_parts(body):
        for row in part.rows:
            walk.row([(cell, text) for _, cell, text in row.distinct()])
    metrics = [replace(metric, dimensions=dict(walk.site)) for metric in walk.metrics]
    if metrics:
        return ReportReading(metrics, quality.blank_cells(ERA, metrics) + [quality.unknown_row(row) for row in walk.unknown], ERA)
    if body.attachments or "监管年度报表" in "".join(body.folded.split()):
        return ReportReading([], [], None)
    message = f"Q-FULL: no table of form {ERA} found; it may stand in an attachment or an image"
    return ReportReading([], [Finding(rule="Q-FULL", severity="warning", message=message, expected=ERA)], None)


@dataclass(slots=True)
class _Walk:
    """Rows in reading order, and the heading that was met last."""

    body: Body
    metrics: list[MetricValue] = field(default_factory=list)
    unknown: list[UnknownRow] = field(default_factory=list)
    site: dict[str, str] = field(default_factory=dict)
    _heading: str = ""
    _unit: str | None = None
    _above: frozenset[int] = frozenset()
    """Heading cells left of the last one: reaching down into the rows below, they open nothing new."""
    _read: set[int] = field(default_factory=set)
    _looked_up: int = 0

    def row(self, cells: Sequence[tuple[Cell, str]]) -> None:
        outer: list[int] = []
        at = 0
        while at < len(cells):
            cell, text = cells[at]
            label, at = plain_label(_IN_LABEL.sub("", text)), at + 1
            value, unit, after = _value(cells, at)
            metric = self._metric(label)
            if metric and value is not None:
                self._take(metric, value, unit or _unit_of(text))
                at = after
            elif label in _HEADINGS:
                if id(cell) not in self._above:
                    self._heading, self._unit, self._above = label, _unit_of(text), frozenset(outer)
                outer.append(id(cell))
            elif value is not None and metric is None and self._other(label, cell, value):
                at = after

    def _metric(self, label: str) -> Metric | None:
        known = _labels().get(label)
        if known is None and _LONG <= len(label) <= _LONGEST and label not in _HEADINGS and self._looked_up < _MOST:
            self._looked_up += 1
            known = _labels().get(best_match(label, _long_labels()) or "")
        return (known.get(self._heading) or known.get("")) if known else None

    def _take(self, metric: Metric, cell: Cell, unit: str | None) -> None:
        if id(cell) in self._read:  # a merged cell reaches into several rows
            return
        self._read.add(id(cell))
        reading = self._reading(cell)
        self.metrics.append(
            MetricValue(
                code=metric.code, label=metric.zh, value=reading.value, unit=reading.unit or unit or self._unit or metric.unit,
                state=reading.state, qualifier=reading.qualifier, scope="site", era=ERA, raw=self.body.text[cell.start : cell.end],
                start=cell.start, end=cell.end,
            )
        )  # fmt: skip

    def _other(self, label: str, name: Cell, cell: Cell) -> bool:
        """A pair without a code: which site it is, or a figure that the dictionary does not know."""
        text = "".join(self.body.folded[cell.start : cell.end].split()).lower()
        if label in _CODE and (code := _SITE_CODE.fullmatch(text)):
            self.site.setdefault("site_code", code[0])
        elif label in _HOME and (host := _HOST.fullmatch(text)):
            self.site.setdefault("site", host[1])
        elif self._is_figure(label, cell):
            if id(cell) not in self._read:
                self._read.add(id(cell))
                self.unknown.append(UnknownRow(name.text, name, text))
        else:
            return False
        return True

    def _is_figure(self, label: str, cell: Cell) -> bool:
        fixed = self._heading and self._heading not in _OPEN
        return bool(fixed and label) and read_cell(label).value is None and self._reading(cell).value is not None

    def _reading(self, cell: Cell) -> CellValue:
        return read_cell(self.body.folded[cell.start : cell.end])


def _value(cells: Sequence[tuple[Cell, str]], at: int) -> tuple[Cell | None, str | None, int]:
    """The cell right of a label, the unit that stands between, and where to go on; None where a label or heading follows, or nothing."""
    unit = None
    if at + 1 < len(cells) and _BARE_UNIT.fullmatch(cells[at][1]):
        unit, at = cells[at][1], at + 1
    if at >= len(cells):
        return None, None, at
    label = plain_label(_IN_LABEL.sub("", cells[at][1]))
    return (None, None, at) if label in _HEADINGS or label in _labels() else (cells[at][0], unit, at + 1)


def _unit_of(text: str) -> str | None:
    found = _IN_LABEL.search(text)
    return found[1] if found else None

"""Tables that a text copy ran together in one line, labels and digits without separators (annual-reports.md section 4).

Labels are found in the order of the form, the digits between two labels belong to the first. Where a row holds several numbers they
are split by the row's own sum and the sums of the form (T3-ROW, T3-BAL, T3-SUM, T4-*); what these leave open is `unreadable`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gongkai.metrics import Metric, load_metrics
from transforms.body import Body, Cell
from transforms.reports.forms import APPLICANTS, FormCell, FormTable
from transforms.reports.labels import form_label, plain_label
from transforms.reports.splitting import Span, Split, agreed, plain_splits, summed_splits, values
from transforms.reports.statistics import StatCell, StatTable, stat_metric
from transforms.reports.values import BLANK, CellValue, read_cell

_BETWEEN = re.compile(r"[\s\W_]")
_RUN = re.compile(r"[\d\s.,]{0,90}(?:万元|亿元|元)?")
_MARKER = re.compile(r"\d[.、]\s*$")
_STAT_LINE = re.compile(
    r"(?P<label>[^\d\s][^\d。;]{1,50}?)\s?(?P<unit>万元|元|条|件|人次|次|篇|个|人)\s?(?P<run>\d[\d .]{0,40})(?=\D|$)(?P<mark>[.、](?!\d))?"
)
_STAT_HEAD = re.compile(r"(?:指标名称|统计指标)\s?(?:计量单位|单位)\s?(?:20\d\d年度?|统计数|本年度)?\s?(?P<all>历年累计)?")
_UNREADABLE = CellValue(None, "unreadable")
_MAX_REGION = 6000


@dataclass(frozen=True, slots=True)
class _Plain:
    """Folded text without blanks and punctuation, and where each character stands in the folded text."""

    text: str
    at: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    metrics: tuple[Metric, ...]
    run: str
    start: int


def glued_tables(body: Body) -> tuple[list[FormTable], list[StatTable]]:
    """Tables 2, 3, 4 and the statistics table, as far as the text holds them in this shape."""
    plain = _plain(body.folded)
    forms = [table for reader in (_table2, _table3, _table4) if (table := reader(body, plain)) is not None]
    stat = _statistics(body)
    return forms, [stat] if stat else []


def _plain(folded: str) -> _Plain:
    kept = [(i, char) for i, char in enumerate(folded) if not _BETWEEN.match(char)]
    return _Plain("".join(char for _, char in kept), tuple(i for i, _ in kept))


@lru_cache(maxsize=1)
def _rows3() -> tuple[tuple[tuple[str, ...], Metric], ...]:
    """Rows of table 3 in the order of the dictionary, which is that of the form, with their plain labels."""
    found = [m for m in load_metrics().by_code.values() if m.table3 and not m.derived]
    return tuple((tuple(form_label(label) for label in m.table3.labels), m) for m in found if m.table3)


def _table3(body: Body, plain: _Plain) -> FormTable | None:
    first = plain.text.find("本年新收政府信息公开申请数量")
    last = plain.text.find("结转下年度继续办理", first)
    if first < 0 or not first < last < first + _MAX_REGION:
        return None
    end = last + len("结转下年度继续办理")
    form_b = "逾期不补正" in plain.text[first:last]
    places: list[tuple[int, int, Metric]] = []
    cursor = first
    for labels, metric in _rows3():
        if (metric.code == "app_other_total") == form_b and metric.code.startswith("app_other_"):
            continue
        at, longest = min(((p, -len(label)) for label in labels if (p := plain.text.find(label, cursor, end)) >= 0), default=(-1, 0))
        if at >= 0:
            cursor = at - longest
            places.append((at, cursor, metric))
    rows = list(_runs(body.folded, plain, places))
    if not any(character.isdigit() for row in rows for character in row.run):
        return None
    table = FormTable(3, "B" if form_b else "A")
    candidates = [summed_splits(row.run, 1, len(APPLICANTS)) for row in rows]
    shared = agreed(candidates, lambda together: _balanced(rows, together))
    for row, spans in zip(rows, shared, strict=True):
        for applicant, span in zip(APPLICANTS.values(), spans or [None] * len(APPLICANTS), strict=True):
            table.cells.append(_form_cell(body, row, row.metrics[0], span, applicant))
    return table


def _runs(folded: str, plain: _Plain, places: Sequence[tuple[int, int, Metric]]) -> Iterator[_Row]:
    """The digits behind each label; the number of the next line ("2.") is not among them."""
    for index, (_, end, metric) in enumerate(places):
        start = plain.at[end - 1] + 1
        stop = plain.at[places[index + 1][0]] if index + 1 < len(places) else start + 90
        # Behind a label may stand its closing bracket or quotation mark.
        while start < stop and not folded[start].isdigit() and _BETWEEN.match(folded[start]):
            start += 1
        found = _RUN.match(folded, start, stop)
        run = found[0] if found else ""
        yield _Row((metric,), _without_marker(run, folded[start + len(run) :]), start)


def _without_marker(run: str, following: str) -> str:
    """`502.` before a label is 50 and the number of the next line."""
    return _MARKER.sub("", run) if run.rstrip().endswith((".", "、")) else run[:-1] if following[:1] == "、" else run


def _balanced(rows: Sequence[_Row], together: Sequence[Split]) -> bool:
    """True if the chosen splits keep T3-BAL and T3-SUM in every column."""
    read = {row.metrics[0].code: values(row.run, split) for row, split in zip(rows, together, strict=True) if split}
    try:
        ends = zip(read["app_new_received"], read["app_carried_in"], read["app_outcome_total"], read["app_carried_out"], strict=True)
    except KeyError:
        return False
    frame = ("app_new_received", "app_carried_in", "app_outcome_total", "app_carried_out")
    parts = [numbers for code, numbers in read.items() if code not in frame]
    summed = [sum(column) for column in zip(*parts, strict=True)]
    return all(new + old == done + left for new, old, done, left in ends) and summed == read["app_outcome_total"]


def _table4(body: Body, plain: _Plain) -> FormTable | None:
    found = re.search(r"复议后起诉(?:结果维持结果纠正其他结果尚未审结总计){2,3}", plain.text)
    if found is None:
        return None
    start = plain.at[found.end() - 1] + 1
    run = re.compile(r"[\d\s]{0,90}").match(body.folded, start)
    digits = run[0].rstrip() if run else ""
    metrics = [m for m in load_metrics().by_code.values() if m.table4]
    splits = summed_splits(digits, 3, 5, 2)
    if not digits.strip():
        return None
    spans: Sequence[Span | None] = splits[0] if len(splits) == 1 else [None] * len(metrics)
    row = _Row(tuple(metrics), digits, start)
    return FormTable(4, None, [_form_cell(body, row, metric, span, None) for metric, span in zip(metrics, spans, strict=True)])


def _table2(body: Body, plain: _Plain) -> FormTable | None:
    first = plain.text.find("信息内容本年")
    first = first if first >= 0 else plain.text.find("信息内容上一年")
    if first < 0:
        return None
    end = plain.text.find("收到和处理政府信息公开申请", first)
    region = plain.text[first : end if 0 < end < first + _MAX_REGION else first + 900]
    by_place = {
        (form_label(r), form_label(c)): m
        for m in load_metrics().by_code.values()
        if m.table2
        for r in m.table2.row
        for c in m.table2.column
    }
    row_names = sorted({row for row, _ in by_place}, key=len, reverse=True)
    column_names = sorted({column for _, column in by_place}, key=len, reverse=True)
    tokens = re.finditer("|".join(f"(?P<c{i}>{c})" for i, c in enumerate(column_names)) + "|" + "|".join(row_names), region)
    table = FormTable(2, "B" if "本年制发件数" in region else "A")
    columns: list[str] = []
    fresh = True
    for token in tokens:
        if token.lastgroup:
            columns = [*([] if fresh else columns), token[0]]
            fresh = False
            continue
        fresh = True
        metrics = tuple(m for column in columns if (m := by_place.get((token[0], column))) is not None)
        start = plain.at[first + token.end() - 1] + 1
        run = _RUN.match(body.folded, start)
        if metrics and run and run[0].strip():
            table.cells += _cells2(body, _Row(metrics, run[0].rstrip(), start))
    return table if table.cells else None


def _cells2(body: Body, row: _Row) -> list[FormCell]:
    if len(row.metrics) == 1:
        cell = _cell(body, row.start, row.start + len(row.run))
        return [FormCell(row.metrics[0], read_cell(row.run), cell)]
    splits = plain_splits(row.run, len(row.metrics))
    spans: Sequence[Span | None] = splits[0] if len(splits) == 1 else [None] * len(row.metrics)
    return [_form_cell(body, row, metric, span, None) for metric, span in zip(row.metrics, spans, strict=True)]


def _form_cell(body: Body, row: _Row, metric: Metric, span: Span | None, applicant: str | None) -> FormCell:
    reading, cell = _recovered(body, row.run, row.start, span)
    return FormCell(metric, reading, cell, applicant)


def _recovered(body: Body, run: str, start: int, span: Span | None) -> tuple[CellValue, Cell]:
    if span is None:
        return _UNREADABLE if run.strip() else BLANK, _cell(body, start, start + len(run))
    read = read_cell(run[span[0] : span[1]])
    return CellValue(read.value, read.state, None, "recovered"), _cell(body, start + span[0], start + span[1])


def _cell(body: Body, start: int, end: int) -> Cell:
    return Cell(body.text[start:end], start, end, 0, 0)


def _statistics(body: Body) -> StatTable | None:
    head = _STAT_HEAD.search(body.folded)
    if head is None:
        return None
    table = StatTable("P" if "指标名称" in head[0] else "S")
    parent = ""
    seen: set[tuple[str, str]] = set()
    for line in _STAT_LINE.finditer(body.folded, head.end(), head.end() + _MAX_REGION):
        run = line["run"].rstrip()
        run = run[:-1].rstrip() if line["mark"] else _MARKER.sub("", run).rstrip(".")
        metric, parent = stat_metric(plain_label("".join(line["label"].split())), parent, seen)
        if metric is None or not run:
            continue
        start = line.start("run")
        targets = [metric]
        if head["all"]:
            splits = plain_splits(run, 2)
            cumulative = load_metrics()["disclosed_cumulative"] if metric.code == "disclosed_items" else None
            spans: Sequence[Span | None] = splits[0] if len(splits) == 1 else (None, None)
            targets = [metric, *([cumulative] if cumulative else [])]
            read = [_recovered(body, run, start, span) for span in spans]
        else:
            read = [(read_cell(run), _cell(body, start, start + len(run)))]
        table.cells += [StatCell(m, reading, cell, line["unit"]) for m, (reading, cell) in zip(targets, read, strict=False)]
    return table if table.cells else None

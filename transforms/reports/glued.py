"""Tables that a text copy ran together in one line, labels and digits without separators (annual-reports.md section 4).

Labels are found in the order of the form, the digits between two labels belong to the first. Where a row holds several numbers they
are split by the row's own sum and the sums of the form (T3-ROW, T3-BAL, T3-SUM, T4-*); what these leave open is `unreadable`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gongkai.metrics import Metric, load_metrics
from transforms.body import Body, Cell
from transforms.reports.forms import APPLICANTS, FormCell, FormTable
from transforms.reports.labels import form_label, plain_label
from transforms.reports.splitting import Span, Split, agreed, plain_splits, summed_splits, values
from transforms.reports.statistics import StatCell, StatTable, stat_metric
from transforms.reports.values import BLANK, CellValue, read_cell

_WORD_CHARACTER = re.compile(r"[^\W_\d]")
_RUN = re.compile(r"[\d\s.,+减增-]{0,90}(?:万元|亿元|元)?")
# The number of a line before its label, and a page's number.
_MARKER = re.compile(r"[-—–]\s?\d{1,3}\s?[-—–]|(?<!\d)\d{1,2}[.、](?!\d)|\d[.、](?!\d)")
_LINE_NUMBER = re.compile(r"\d\.$")
_STAT_LINE = re.compile(
    r"(?P<label>[^\d\s][^\d。;]{1,50}?)\s?(?P<unit>万元|元|条|件|人次|次|篇|个|人)\s?(?P<run>\d[\d .]{0,40})(?=\D|$)(?P<mark>[.、](?!\d))?"
)
_STAT_HEAD = re.compile(r"(?:指标名称|统计指标)\s?(?:计量单位|单位)\s?(?:20\d\d年度?|统计数|本年度)?\s?(?P<all>历年累计)?")
_UNREADABLE = CellValue(None, "unreadable")
_MAX_REGION = 6000
_WORD = re.compile(r"[+减增-]?少?\d[\d.,]{0,30}(?:万元|亿元|元)?")
_COLUMN_ORDER = (
    "本年新制作数量", "本年新公开数量", "对外公开总数量", "上一年项目数量", "本年增/减", "处理决定数量", "本年处理决定数量", "采购项目数量",
    "采购总金额", "本年制发件数", "本年废止件数", "现行有效件数", "本年收费金额",
)  # fmt: skip
_FIRST, _LAST = "本年新收政府信息公开申请数量", "结转下年度继续办理"
_OWN_WORDS = 6
"""Least length of a label that is looked for outside a whole table."""
_ENOUGH = 10
"""Characters of a long label that tell it; the rest may stand behind its values."""


@dataclass(frozen=True, slots=True)
class _Plain:
    """Folded text of what stands outside of grids, without blanks, punctuation and digits, and where each character stands."""

    folded: str
    text: str
    at: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """The digits (and blanks) that belong to a label; `at` is the place of each of them in the body."""

    metrics: tuple[Metric, ...]
    run: str
    at: tuple[int, ...]


def glued_tables(body: Body, known: Iterable[int], missing: frozenset[str]) -> tuple[list[FormTable], list[StatTable]]:
    """Tables 2, 3, 4 (those that are not `known` from grids) and the statistics table, as far as the text holds them in this shape.

    `missing` are rows of table 3 that its grids lack: a page end may leave a row outside of any grid.
    """
    if {2, 3, 4} <= set(known) and not missing:
        return [], []
    plain = _plain(body)
    forms = []
    if 2 not in known and (two := _table2(body, plain)):
        forms.append(two)
    if 3 not in known:
        forms += _table3(body, plain)
    elif missing:
        forms += _rows_outside(body, plain, missing)
    if 4 not in known and (four := _table4(body, plain)):
        forms.append(four)
    stat = None if forms or set(known) else _statistics(body, plain)
    return forms, [stat] if stat else []


def _plain(body: Body) -> _Plain:
    folded = body.folded
    for block in body.blocks:
        if block.grid is not None:
            folded = folded[: block.start] + " " * (block.end - block.start) + folded[block.end :]
    at = tuple(found.start() for found in _WORD_CHARACTER.finditer(folded))
    return _Plain(folded, "".join(folded[i] for i in at), at)


@lru_cache(maxsize=1)
def _rows3() -> tuple[tuple[tuple[str, ...], Metric], ...]:
    """Rows of table 3 in the order of the dictionary, which is that of the form, with their plain labels."""
    found = [m for m in load_metrics().by_code.values() if m.table3 and not m.derived]
    return tuple((tuple(form_label(label) for label in m.table3.labels), m) for m in found if m.table3)


def _table3(body: Body, plain: _Plain) -> list[FormTable]:
    first = plain.text.find(_FIRST)
    last = plain.text.find(_LAST, first)
    if first < 0 or not first < last < first + _MAX_REGION:
        return []
    form_b = "逾期不补正" in plain.text[first:last]
    wanted = [(labels, m) for labels, m in _rows3() if not m.code.startswith("app_other_") or (m.code == "app_other_total") != form_b]
    rows = list(_runs(plain, _places(plain, wanted, first, last + len(_LAST))))
    if not any(character.isdigit() for row in rows for character in row.run):
        return []
    candidates = [summed_splits(row.run, 1, len(APPLICANTS)) for row in rows]
    return [_as_table(body, "B" if form_b else "A", rows, agreed(candidates, lambda together: _balanced(rows, together)))]


def _rows_outside(body: Body, plain: _Plain, missing: frozenset[str]) -> list[FormTable]:
    """Rows beside the grids of table 3: label and seven numbers on a line, the last of which is the sum, in one way only."""
    wanted = [([x for x in labels if len(x) >= _OWN_WORDS], m) for labels, m in _rows3() if m.code in missing]
    rows, spans = [], []
    for labels, metric in wanted:
        for row in _runs(plain, _places(plain, [(labels, metric)], 0, len(plain.text))):
            splits = summed_splits(row.run, 1, len(APPLICANTS), 2)
            if len(splits) == 1:
                rows.append(row)
                spans.append(list(splits[0]))
    return [_as_table(body, None, rows, spans)] if rows else []


def _as_table(body: Body, era: str | None, rows: Sequence[_Row], spans: Sequence[Sequence[Span | None]]) -> FormTable:
    table = FormTable(3, era)
    for row, own in zip(rows, spans, strict=True):
        for applicant, span in zip(APPLICANTS.values(), own or [None] * len(APPLICANTS), strict=True):
            table.cells.append(_form_cell(body, row, row.metrics[0], span, applicant))
    return table


def _places(plain: _Plain, wanted: Iterable[tuple[Sequence[str], Metric]], first: int, end: int) -> list[tuple[int, int, Metric]]:
    """Start and end of each label in the plain text, in the order of the form; labels that are not there are left out."""
    places = []
    cursor = first
    for labels, metric in wanted:
        found = [(at, -len(x)) for x in labels if (at := plain.text.find(x, cursor, end)) >= 0]
        if not found:  # the second half may stand behind the values, with another cell's words between
            found = [(at, -_ENOUGH) for x in labels if len(x) > _ENOUGH and (at := plain.text.find(x[:_ENOUGH], cursor, end)) >= 0]
        if found:
            at, length = min(found)
            cursor = at - length
            places.append((at, cursor, metric))
    return places


def _runs(plain: _Plain, places: Sequence[tuple[int, int, Metric]]) -> Iterator[_Row]:
    """The digits between a label's first character and the next label; the numbers of lines ("2.") are not among them.

    Digits may stand within the label: a tall cell's values come out between its lines.
    """
    for index, (at, end, metric) in enumerate(places):
        start, behind = plain.at[at], plain.at[end - 1] + 1
        if index + 1 < len(places):
            stop = plain.at[places[index + 1][0]]
        else:
            tail = re.compile(r"[\W_]{0,3}[\d\s]{0,90}").match(plain.folded, behind)
            stop = tail.end() if tail else behind
            following = plain.folded[stop : stop + 1]
            stop -= following in (".", "、")
        text = _MARKER.sub(lambda m: "\n" * len(m[0]), plain.folded[start:stop] + (" " if index + 1 == len(places) else ""))
        kept = [(start + i, char if char.isdigit() else " ") for i, char in enumerate(text) if char.isdigit() or char.isspace()]
        yield _Row((metric,), "".join(char for _, char in kept), tuple(i for i, _ in kept))


def _balanced(rows: Sequence[_Row], together: Sequence[Split]) -> bool:
    """True if the chosen splits keep T3-BAL and T3-SUM in every column."""
    read = {row.metrics[0].code: values(row.run, split) for row, split in zip(rows, together, strict=True) if split}
    frame = ("app_new_received", "app_carried_in", "app_outcome_total", "app_carried_out")
    if not set(frame) <= set(read):
        return False
    parts = [numbers for code, numbers in read.items() if code not in frame]
    summed = [sum(column) for column in zip(*parts, strict=True)]
    ends = zip(*(read[code] for code in frame), strict=True)
    return all(new + old == done + left for new, old, done, left in ends) and summed == read["app_outcome_total"]


def _table4(body: Body, plain: _Plain) -> FormTable | None:
    """Fifteen numbers in three sums behind the last heading; the heading's own words may be jumbled over the columns."""
    found = plain.text.find("复议后起诉")
    if found < 0:
        return None
    start = plain.at[found]
    end = re.compile(r"五、|六、|存在的?主?要?问题").search(plain.folded, start, start + 600)
    stop = end.start() if end else start + 600
    digits = [i for i in range(start, min(stop, len(plain.folded))) if plain.folded[i].isdigit() or plain.folded[i].isspace()]
    run = "".join(plain.folded[i] if plain.folded[i].isdigit() else " " for i in digits)
    if not run.strip():
        return None
    metrics = [m for m in load_metrics().by_code.values() if m.table4]
    splits = summed_splits(run, 3, 5, 2) if len(run.split()) <= 15 or " " not in run.strip() else []
    spans: Sequence[Span | None] = splits[0] if len(splits) == 1 else [None] * len(metrics)
    row = _Row(tuple(metrics), run, tuple(digits))
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
        run = _RUN.match(plain.folded, start)
        if metrics and run and run[0].strip():
            text = run[0].rstrip()
            table.cells += _cells2(body, _Row(metrics, text, tuple(range(start, start + len(text)))))
    return table if table.cells else None


def _cells2(body: Body, row: _Row) -> list[FormCell]:
    if len(row.metrics) == 1:
        cell = _cell(body, row.at[0], row.at[-1] + 1)
        return [FormCell(row.metrics[0], read_cell(row.run), cell)]
    words = [found.span() for found in _WORD.finditer(row.run)]
    # The columns as printed; those of the form only where a heading's own words are jumbled, so that not all of them were found.
    official = row.metrics if len(words) == len(row.metrics) else _official(row.metrics)
    if len(words) == len(official):
        cells = [_cell(body, row.at[a], row.at[b - 1] + 1) for a, b in words]
        return [FormCell(m, read_cell(row.run[a:b]), c) for m, (a, b), c in zip(official, words, cells, strict=True)]
    splits = plain_splits(row.run, len(row.metrics))
    spans: Sequence[Span | None] = splits[0] if len(splits) == 1 else [None] * len(row.metrics)
    return [_form_cell(body, row, metric, span, None) for metric, span in zip(row.metrics, spans, strict=True)]


def _official(metrics: Sequence[Metric]) -> list[Metric]:
    """All columns that the form of these metrics has in their row, in the form's order."""
    row, eras = metrics[0].table2, set.intersection(*(set(m.eras) for m in metrics))
    same = [m for m in load_metrics().by_code.values() if m.table2 and row and set(m.table2.row) & set(row.row)]
    return sorted((m for m in same if eras <= set(m.eras)), key=lambda m: _COLUMN_ORDER.index(m.table2.column[0]) if m.table2 else 0)


def _form_cell(body: Body, row: _Row, metric: Metric, span: Span | None, applicant: str | None) -> FormCell:
    reading, cell = _recovered(body, row.run, row.at, span)
    return FormCell(metric, reading, cell, applicant)


def _recovered(body: Body, run: str, at: Sequence[int], span: Span | None) -> tuple[CellValue, Cell]:
    if span is None:
        digits = [place for place, char in zip(at, run, strict=True) if char.isdigit()]
        return (_UNREADABLE, _cell(body, digits[0], digits[-1] + 1)) if digits else (BLANK, _cell(body, 0, 0))
    read = read_cell(run[span[0] : span[1]])
    return CellValue(read.value, read.state, None, "recovered"), _cell(body, at[span[0]], at[span[1] - 1] + 1)


def _cell(body: Body, start: int, end: int) -> Cell:
    return Cell(body.text[start:end], start, end, 0, 0)


def _statistics(body: Body, plain: _Plain) -> StatTable | None:
    head = _STAT_HEAD.search(plain.folded)
    if head is None:
        return None
    table = StatTable("P" if "指标名称" in head[0] else "S")
    parent = ""
    seen: set[tuple[str, str]] = set()
    for line in _STAT_LINE.finditer(plain.folded, head.end(), head.end() + _MAX_REGION):
        run = line["run"].rstrip()
        run = run[:-1].rstrip() if line["mark"] else _LINE_NUMBER.sub("", run)
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
            read = [_recovered(body, run, range(start, start + len(run)), span) for span in spans]
        else:
            read = [(read_cell(run), _cell(body, start, start + len(run)))]
        table.cells += [StatCell(m, reading, cell, line["unit"]) for m, (reading, cell) in zip(targets, read, strict=False)]
    return table if table.cells else None

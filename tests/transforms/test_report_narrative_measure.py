"""Figures in prose measured on labelled passages: recall and precision per document, printed (pytest -s) and asserted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from test_report_narrative import body_of
from work_spent import assert_grows

from gongkai.metrics import load_metrics
from gongkai.records.document import MetricValue
from transforms.body import Body
from transforms.numerals import parse_number
from transforms.reports.narrative import read_narrative

FIXTURE = Path(__file__).parents[1] / "fixtures" / "reports" / "narrative_measured.yaml"
PASSAGES: list[dict[str, Any]] = yaml.safe_load(FIXTURE.read_text(encoding="utf-8"))
LEAST = 0.97
MARK = re.compile(r"\{(?P<kind>[=?]?)(?P<codes>[a-z_/]+)(?::(?P<value>\d+))?(?:\|(?P<qualifier>\w+))?(?:@(?P<scope>\w+))?\}")
NUMBER = re.compile(r"(?P<digits>[\d,.]+|[一二三四五六七八九十百千两]+)(?:余|多)?(?P<large>万(?!元))?")


@dataclass(frozen=True, slots=True)
class Label:
    """A marked figure: where it stands in the text without marks, or anywhere for a phrase."""

    codes: tuple[str, ...]
    kind: str
    value: Decimal | None
    qualifier: str | None
    scope: str | None
    at: int

    def fits(self, metric: MetricValue, at: int) -> bool:
        return metric.code in self.codes and metric.value == self.value and (self.kind == "=" or at == self.at)


def unmark(text: str) -> tuple[str, list[Label]]:
    """The text without its marks, and the labels; offsets do not count white space."""
    labels, out, end = [], "", 0
    for mark in MARK.finditer(text):
        out += text[end : mark.start()]
        end = mark.end()
        value = Decimal(mark["value"]) if mark["value"] else None
        if mark["kind"] == "":
            number = NUMBER.match(text, end)
            assert number is not None, text[end : end + 10]
            value = parse_number(number["digits"] + (number["large"] or ""))
        labels.append(Label(tuple(mark["codes"].split("/")), mark["kind"], value, mark["qualifier"], mark["scope"], _offset(out, len(out))))
    return out + text[end:], labels


def _offset(text: str, position: int) -> int:
    return len("".join(text[:position].split()))


def measure(passage: dict[str, Any]) -> tuple[int, int, int, list[str]]:
    """Hits, predictions, labels and every miss in words."""
    text, labels = unmark(passage["text"])
    body = body_of(text)
    free = [(m, _offset(body.text, m.start)) for m in read_narrative(body, "N", passage["year"])]
    assert all(body.text[m.start : m.end] == m.raw for m, _ in free)
    hits, misses = 0, []
    wanted = [label for label in labels if label.kind != "?"]
    for label in wanted:
        found = next(((m, at) for m, at in free if label.fits(m, at)), None)
        if found is None:
            misses.append(f"missing {label.codes} {label.value}")
            continue
        free.remove(found)
        right = label.qualifier in (None, found[0].qualifier) and label.scope in (None, found[0].scope)
        hits += right
        misses += [] if right else [f"{label} read as {found[0].qualifier} {found[0].scope}"]
    allowed = {code for label in labels if label.kind == "?" for code in label.codes}
    wrong = [m for m, _ in free if m.code not in allowed]
    misses += [f"wrong {m.code} {m.value}{m.unit} {m.raw!r}" for m in wrong]
    return hits, len(wanted) - sum(miss.startswith("missing") for miss in misses) + len(wrong), len(wanted), misses


def test_measure() -> None:
    total = [0, 0, 0]
    for passage in PASSAGES:
        *counts, misses = measure(passage)
        total = [a + b for a, b in zip(total, counts, strict=True)]
        hits, got, want = counts
        print(f"{passage['name']:40} recall {hits}/{want} precision {hits}/{got}", *misses, sep="\n    ")
    hits, got, want = total
    print(f"{len(PASSAGES)} passages: recall {hits / want:.3f} precision {hits / got:.3f} ({want} figures)")
    assert len(PASSAGES) >= 15
    assert min(hits / want, hits / got) >= LEAST


def _read(text: str, year: int = 2016) -> list[MetricValue]:
    return read_narrative(body_of(text), "S", year)


def _spelled(value: int) -> list[str]:
    """Ways to print the same number."""
    spellings = [
        str(value),
        f"{value:,}",
        f"{value:,}".replace(",", "，"),
        str(value).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    ]
    if value and value % 100 == 0:
        spellings.append(f"{Decimal(value) / 10000:f}万")
    return spellings


UNITS_OF = {"主动公开政府信息": "条件份", "收到政府信息公开申请": "件条份宗", "行政复议案件": "件起宗"}
CODES = {"主动公开政府信息": "disclosed_items", "收到政府信息公开申请": "app_received_total", "行政复议案件": "review_total"}
QUALIFIERS = {"": None, "约": "approx", "近": "lt", "超过": "gt", "逾": "gt"}


@given(st.sampled_from(sorted(CODES)), st.integers(0, 10**7), st.sampled_from(sorted(QUALIFIERS)), st.data())
@settings(deadline=None, max_examples=25)
def test_any_spelling_unit_and_qualifier_comes_back(words: str, value: int, qualifier: str, data: st.DataObject) -> None:
    unit = data.draw(st.sampled_from(UNITS_OF[words]))
    spelled = data.draw(st.sampled_from(_spelled(value)))
    (metric,) = _read(f"2016年，我局{words}{qualifier}{spelled}{unit}。")
    assert (metric.code, int(metric.value or 0), metric.unit, metric.qualifier) == (CODES[words], value, unit, QUALIFIERS[qualifier])
    assert metric.scope == "organ"


@given(st.integers(2, 10**6), st.sampled_from(["增长", "减少", "上升", "下降"]), st.sampled_from(["同比", "较上年", "比去年", "比2015年"]))
@settings(deadline=None, max_examples=25)
def test_a_comparison_is_no_value(number: int, way: str, than: str) -> None:
    assert [m.value for m in _read(f"收到政府信息公开申请12件，{than}{way}{number}件。")] == [12]
    (_, growth) = _read(f"收到政府信息公开申请12件，{than}{way}{number}%。")
    assert (growth.code, abs(growth.value or 0), growth.dimensions) == ("growth_rate", number, {"metric": "app_received_total"})
    assert (growth.value or 0) < 0 if way in ("减少", "下降") else (growth.value or 0) > 0


@given(
    st.lists(
        st.sampled_from(
            ["公开信息", "申请", "其中", "网站", "12件", "3,400条", "（", "）", "均已答复", "未收到", "、", "，", "。", "2016年", "占5%"]
        ),
        max_size=60,
    )
)
@settings(deadline=None, max_examples=30)
def test_any_text_gives_metrics_of_the_dictionary_with_their_spans(words: list[str]) -> None:
    body: Body = body_of("".join(words))
    for metric in read_narrative(body, "S", 2016):
        assert metric.code in load_metrics().by_code
        assert body.text[metric.start : metric.end] == metric.raw


@pytest.mark.parametrize(
    "unit", ["收到申请12件,", "公开信息3条,其中:", "网站公开信息等、", "未发生行政复议", "（甲乙", "由原来的2人", "微信公众号发布", "5件"]
)
def test_hostile_lines_take_linear_time(unit: str) -> None:
    assert_grows(lambda length: _read(unit * (length // len(unit))), 1_000, 10_000, at_most=40)

"""The metric dictionary: complete, and its mistakes are named with file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gongkai.errors import RegistryError
from gongkai.metrics import load_metrics, read_metrics

HEAD = "unit_variants: {件: [件]}\nmetrics:\n"
GOOD = "- {code: some_count, zh: 某数, en: Some count, unit: 件, eras: [N], type: count}\n"


def test_every_code_of_the_reference_is_there_once() -> None:
    metrics = load_metrics().by_code
    assert len(metrics) == 170 + 36
    assert sum(1 for m in metrics.values() if m.website) == 36
    assert all((m.website is not None) == ("W" in m.eras) == m.code.startswith("site_") for m in metrics.values())
    assert sum(1 for m in metrics.values() if m.table3) == 29
    assert sum(1 for m in metrics.values() if m.table4) == 15
    assert all(m.table2 or m.table3 or m.table4 or m.stat or m.website or m.prose or m.code == "growth_rate" for m in metrics.values())


def test_names_are_bilingual_and_units_known() -> None:
    for metric in load_metrics().by_code.values():
        assert re.search(r"[\u4e00-\u9fff]", metric.zh) and re.fullmatch(r"[\x20-\x7e]+", metric.en), metric.code


@pytest.mark.real
def test_codes_are_those_of_the_reference() -> None:
    path = Path(__file__).parents[3] / "shared" / "reference" / "annual-reports.md"
    if not path.exists():
        pytest.skip("no ../shared/reference here")
    text = path.read_text(encoding="utf-8")
    section = text[text.index("## 2.") : text.index("## 3.")]
    codes = {code for line in section.splitlines() if line.startswith("|") for code in re.findall(r"`([a-z_]+)`", line)}
    reports = {code for code, metric in load_metrics().by_code.items() if not metric.website}
    assert reports == codes - {"code"}


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        ("metrics:\n- {code: [}\n", 2, "not YAML"),
        ("metrics: []\n", 1, "expected the keys"),
        ("unit_variants: {}\nmetrics: []\nmore: 1\n", 3, "unknown or repeated key 'more'"),
        (HEAD + GOOD + GOOD, 4, "duplicate code 'some_count', first used in line 3"),
        (HEAD + GOOD.replace("unit: 件", "unit: 条"), 3, "unit '条' is not listed"),
        (HEAD + GOOD.replace("count}", "number}"), 3, "some_count: type"),
        (HEAD + GOOD.replace("type: count", "type: count, colour: red"), 3, "some_count: colour"),
        (HEAD + GOOD.replace("zh: 某数", "zh: 某数, zh: 别数"), 3, "'zh' stands twice"),
        (HEAD + GOOD.replace("count}", "count, prose: [{before: '某.*数'}]}"), 3, "unbounded quantifier"),
        (HEAD + GOOD.replace("count}", "count, prose: [{before: '某('}]}"), 3, "not a pattern"),
        (HEAD + GOOD.replace("count}", "count, prose: [{unless: 某}]}"), 3, "needs `before` or `after`"),
        (HEAD + GOOD.replace("count}", "count, prose: [{before: 某, parent: [other_code]}]}"), 3, "unknown code 'other_code'"),
        (HEAD + GOOD.replace("count}", "count, all: 全部}"), 3, "need each other"),
        (HEAD + "- 5\n", 3, "?:"),
    ],
)
def test_mistakes_name_file_and_line(tmp_path: Path, text: str, line: int, cause: str) -> None:
    path = tmp_path / "metrics.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RegistryError) as caught:
        read_metrics(path)
    assert str(caught.value).startswith(f"{path}:{line}: ") and cause in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="cannot be read"):
        read_metrics(tmp_path / "none.yaml")

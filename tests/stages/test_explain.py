"""The page of `gongkai parse --explain`: right marks, whole text, nothing that loads or runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from gongkai.records.document import Finding, ParsedDocument, PlanTask
from stages.explain import explain_page
from transforms.body import Body
from transforms.formats.text import text_body
from transforms.parse import parse_with_body

_PLAN = """<html><body><h1>样例市2021年政务公开工作要点</h1>
<p>根据《国务院办公厅关于某事的意见》（国办发〔2020〕3号），制定本要点。</p>
<p>一、公开</p>
<table><tr><th>序号</th><th>任务</th><th>责任单位</th><th>完成时限</th></tr>
<tr><td>1</td><td>公开预算&lt;script&gt;alert(1)&lt;/script&gt;，在本要点印发后20个工作日内公布。</td><td>市财政局</td><td>2021年6月底前</td></tr>
<tr><td>2</td><td>建设公开专区</td><td rowspan="2">市数据局</td><td>2021年9月</td></tr>
<tr><td>3</td><td>举办开放日活动</td><td>2021年10月</td></tr></table>
<p>结束。" onmouseover="alert(2)</p></body></html>"""


def _page(source: str, name: str = "plan.html") -> tuple[ParsedDocument, Body, BeautifulSoup]:
    parsed, body = parse_with_body(source.encode(), name=name)
    return parsed, body, BeautifulSoup(explain_page(parsed, body, name), "lxml")


def _marked(soup: BeautifulSoup, name: str) -> str:
    return "".join(mark.get_text() for mark in soup.select(f"mark.at-{name}"))


def test_marks_carry_the_text_they_claim() -> None:
    parsed, _, soup = _page(_PLAN)
    assert len(parsed.tasks) == 3
    for task in parsed.tasks:
        assert "".join(_marked(soup, f"task-{task.seq}").split()) == "".join(task.text.split())
    for i, citation in enumerate(parsed.citations):
        assert _marked(soup, f"citation-{i}") == parsed.body_text[citation.start : citation.end]
    assert [_marked(soup, f"obligation-{i}") for i in range(len(parsed.obligations))] == [o.raw for o in parsed.obligations]
    assert len(parsed.obligations) >= 1
    for task in parsed.tasks:
        for unit in task.units:
            assert _marked(soup, f"unit-{unit.start}-{unit.end}") == unit.printed
        for limit in task.deadlines:
            assert _marked(soup, f"deadline-{limit.start}-{limit.end}") == limit.raw
    assert [mark.get_text() for mark in soup.select("main mark.unit")] == ["市财政局", "市数据局"]  # a merged cell is marked once
    assert [mark.get_text() for mark in soup.select("main mark.deadline:not(.task)")] == ["2021年6月底前", "2021年9月", "2021年10月"]
    # an obligation inside a task: the same characters stand under both marks
    assert soup.select("mark.task.obligation")


def test_the_text_is_whole_and_the_grid_keeps_its_spans() -> None:
    parsed, _, soup = _page(_PLAN)
    main = soup.find("main")
    assert main is not None
    assert "".join(main.get_text().split()) == "".join(parsed.body_text.split())
    cell = main.find("td", rowspan="2")
    assert cell is not None
    assert cell.get_text() == "市数据局"
    assert [len(row.find_all(["td", "th"])) for row in main.find_all("tr")] == [4, 4, 4, 3]


def test_side_list_names_units_and_due_dates() -> None:
    _, _, soup = _page(_PLAN)
    side = soup.find("aside")
    assert side is not None
    items = [" ".join(item.get_text().split()) for item in side.select("ol.list li")]
    assert "市财政局" in items[0]
    assert "2021-06-30" in items[0]
    assert "2021-09-30" in items[1]
    names = {anchor["id"] for anchor in soup.select("[id]")}
    assert all(link["href"][1:] in names for link in soup.find_all("a", href=True))


def test_nothing_loads_or_runs() -> None:
    hostile = _PLAN.replace("样例市2021年", '样例市2021年"><img src=http://x.example/a.png onerror=alert(1)>')
    parsed, body = parse_with_body(hostile.encode(), name='"><script src="http://x.example/b.js"></script>.html')
    page = explain_page(parsed, body, '"><script src="http://x.example/b.js"></script>.html')
    soup = BeautifulSoup(page, "lxml")
    assert not soup.find_all(["script", "img", "link", "iframe", "object", "embed", "form", "base"])
    assert not [tag for tag in soup.find_all(True) for key in tag.attrs if key.startswith("on") or key in ("src", "style")]
    assert all(link["href"].startswith("#") for link in soup.find_all("a", href=True))
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert policy is not None
    assert str(policy["content"]).startswith("default-src 'none'")
    assert not re.search(r"url\(|@import", page)


def test_overlapping_marks_and_uncertain_tasks() -> None:
    body = text_body("甲乙丙丁戊己")
    task = {"path": ["一"], "section_titles": [], "uncertain": True}
    parsed = ParsedDocument(
        body_text=body.text,
        tasks=[PlanTask(seq=1, text="甲乙丙丁", start=0, end=4, **task)],  # type: ignore[arg-type]  # one dict of mixed values
        findings=[Finding(rule="X-1", severity="warning", message="crosses the end", start=2, end=6)],
    )
    soup = BeautifulSoup(explain_page(parsed, body, "x.txt"), "lxml")
    assert _marked(soup, "task-1") == "甲乙丙丁"
    assert _marked(soup, "finding-0") == "丙丁戊己"
    assert [mark.get_text() for mark in soup.select("main mark")] == ["甲乙", "丙丁", "戊己"]
    assert "uncertain" in soup.select("ol.list li")[0].get_text()


def test_command_writes_the_page_and_prints_the_object(tmp_path: Path) -> None:
    file, out = tmp_path / "plan.html", tmp_path / "out.html"
    file.write_text(_PLAN, encoding="utf-8")
    command = [sys.executable, "-c", "from stages.cli import main; main()", "parse", str(file), "--explain"]
    done = subprocess.run([*command, str(out)], capture_output=True, text=True, timeout=120, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["tasks"]) == 3
    assert "市财政局" in out.read_text(encoding="utf-8")
    nowhere = str(tmp_path / "none" / "out.html")
    failed = subprocess.run([*command, nowhere], capture_output=True, text=True, timeout=120, encoding="utf-8", check=False)
    assert failed.returncode == 2
    assert nowhere in failed.stderr
    assert failed.stderr.count("\n") == 1


@pytest.mark.real
@pytest.mark.parametrize("name", ["000_6324a25c95f10dc0.txt", "003_04969230b5e700cb.txt", "huaian-annual-report-2024.pdf"])
def test_real_documents(name: str) -> None:
    file = Path("../shared/documents") / name
    if not file.is_file():
        pytest.skip("../shared/documents is not here")
    parsed, body = parse_with_body(file.read_bytes(), name=name)
    soup = BeautifulSoup(explain_page(parsed, body, name), "lxml")
    main = soup.find("main")
    assert main is not None
    assert "".join(main.get_text().split()) == "".join(parsed.body_text.split())
    for task in parsed.tasks:
        assert "".join(_marked(soup, f"task-{task.seq}").split()) == "".join(task.text.split())

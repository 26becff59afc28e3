"""Random responsibility tables: whatever their columns' order and names, the same tasks come out of html and of flattened text."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from table_files import as_bars, as_html, as_lines, as_pipes, as_tabs
from test_plan_reader import build

from transforms.blocks import html_body
from transforms.body import Body
from transforms.formats.text import text_body
from transforms.plans.reader import read_plan

_NAMES = {
    "title": ["事项", "重点任务", "工作任务", "类别"],
    "text": ["具体要求", "工作内容", "工作举措", "任务内容"],
    "lead": ["牵头单位", "主办单位", "牵头科室"],
    "support": ["配合单位", "协办单位", "参与部门"],
    "deadline": ["完成时限", "时限要求", "完成时间", "时间节点"],
    "remark": ["备注"],
}
_UNITS = ["市财政局", "市教育局", "市民政局", "市发展改革委", "市卫生健康委", "市交通运输局", "市水利局", "市统计局"]
_SUPPORT = ["各县（市、区）政府", "市直各部门", "市政府办公室、市司法局"]
_DUE = ["6月底前", "2021年9月", "年底前", "每季度", "持续推进", "11月30日"]
_WHAT = ["预算执行情况", "招生计划", "救助名单", "重大项目清单", "疫情防控措施", "道路养护计划", "水质监测结果", "统计数据"]
_TITLES = ["推进财政公开", "加强民生领域公开", "深化重点项目公开", "做好政策解读"]


@st.composite
def _tables(draw: st.DrawFn) -> tuple[list[list[str]], list[tuple[str, list[str], str]]]:
    """Rows of a table and its tasks: text, leads, the deadline as printed."""
    columns = draw(
        st.sampled_from(
            [("lead", "support", "deadline"), ("lead", "deadline", "support"), ("deadline", "lead", "support"), ("lead", "deadline")]
        )
    )
    columns = ("number", "title", "text", *columns, *(("remark",) if draw(st.booleans()) else ()))
    header = ["序号" if name == "number" else draw(st.sampled_from(_NAMES[name])) for name in columns]
    rows, tasks = [header], []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        title = draw(st.sampled_from(_TITLES))
        for place in range(draw(st.integers(1, 3))):
            unit, due = draw(st.sampled_from(_UNITS)), draw(st.sampled_from(_DUE))
            text = f"{draw(st.sampled_from(['及时公布', '全面公开', '集中发布']))}{draw(st.sampled_from(_WHAT))}，并接受社会监督。"
            cells = {
                "number": str(number) if place == 0 else "^",
                "title": title if place == 0 else "^",
                "text": text,
                "lead": unit,
                "support": draw(st.sampled_from(_SUPPORT)),
                "deadline": due,
                "remark": "",
            }
            rows.append([cells[name] for name in columns])
            tasks.append((text, [unit], due))
    return rows, tasks


def _read(body: Body) -> list[tuple[str, list[str], str | None]]:
    tasks = read_plan(body, plan_year=2021, written=None, published=None, region=None).tasks
    return [(task.text, task.lead_units, task.deadline_raw) for task in tasks]


@settings(max_examples=25, deadline=None)
@given(_tables())
def test_same_tasks_from_every_form(drawn: tuple[list[list[str]], list[tuple[str, list[str], str]]]) -> None:
    rows, tasks = drawn
    doc: list[Any] = ["某市2021年政务公开任务分解表", {"table": rows}]
    assert _read(build(doc)) == tasks
    assert _read(html_body(as_html(doc))) == tasks
    for flatten in (as_bars, as_pipes, as_tabs, as_lines):
        assert _read(text_body(flatten(doc))) == tasks, flatten.__name__


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["1", "|", "市财政局", "6月底前", "序号", "任务", "责任单位", "完成时限", "——", "公开预算", "一、总则", "a\tb", " ", "同上"]
        ),
        max_size=60,
    )
)
def test_any_order_of_cells_is_read_without_harm(lines: list[str]) -> None:
    body = text_body("\n".join(lines))
    for task in read_plan(body, plan_year=2021, written=None, published=None, region=None).tasks:
        assert body.text[task.start : task.end] == task.text

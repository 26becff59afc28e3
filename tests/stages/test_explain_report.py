"""The report part of `--explain`: every figure with code and state, nothing that looks like a zero but is none."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag

from stages.explain import explain_page
from transforms.parse import parse_with_body

_HEAD = "<td>自然人</td><td>商业企业</td><td>科研机构</td><td>社会公益组织</td><td>法律服务机构</td><td>其他</td><td>总计</td>"
_FIVE = "<td>结果维持</td><td>结果纠正</td><td>其他结果</td><td>尚未审结</td><td>总计</td>"
_REPORT = f"""<html><head><title>甲河市2023年政府信息公开工作年度报告</title></head><body>
<h1>甲河市2023年政府信息公开工作年度报告</h1>
<p>本报告所列数据的统计期限自2023年1月1日起至2023年12月31日止。</p><p>一、总体情况</p>
<p>全年发生行政复议9件。举办培训3次。</p><p>二、主动公开政府信息情况</p><p>三、收到和处理政府信息公开申请情况</p>
<table><tr><td colspan=3>勾稽关系</td>{_HEAD}</tr>
<tr><td colspan=3>一、本年新收政府信息公开申请数量</td><td>5</td><td></td><td>/</td><td>0</td><td>无</td><td>1</td><td>6</td></tr></table>
<p>四、政府信息公开行政复议、行政诉讼情况</p>
<table><tr><td colspan=5>行政复议</td><td colspan=10>行政诉讼</td></tr>
<tr>{_FIVE.replace("<td>", "<td rowspan=2>")}
<td colspan=5>未经复议直接起诉</td><td colspan=5>复议后起诉</td></tr>
<tr>{_FIVE * 2}</tr>
<tr><td>1</td><td>0</td><td>0</td><td>2</td><td>4</td>{"<td>0</td>" * 10}</tr></table>
<p>五、存在的主要问题及改进情况</p><p>栏目更新还不够及时，将加强培训。</p><p>六、其他需要报告的事项</p><p>没有其他事项。</p></body></html>"""


def _soup() -> BeautifulSoup:
    parsed, body = parse_with_body(_REPORT.encode(), name="report.html")
    assert parsed.genre == "annual_report"
    return BeautifulSoup(explain_page(parsed, body, "report.html"), "lxml")


def _row(soup: BeautifulSoup, code: str) -> Tag:
    row = next(tag for tag in soup.select("table.read code") if tag.get_text() == code).find_parent("tr")
    assert isinstance(row, Tag)
    return row


def test_grid_shows_value_and_state_of_each_cell() -> None:
    cells = _row(_soup(), "app_new_received").select("span.state")
    assert [cell.get_text() for cell in cells] == ["5", "␣", "/", "0", "0", "1", "6"]
    states = [(cell.get("class") or ["", ""])[1] for cell in cells]
    assert states == ["number", "blank", "na_mark", "zero_printed", "zero_phrase", "number", "number"]


def test_checks_that_are_not_met_stand_with_their_formula_and_mark_the_cell() -> None:
    soup = _soup()
    shown = {tag.select_one("b"): tag.get_text(" ", strip=True) for tag in soup.select("#checks + ul li")}
    text = " ".join(shown.values())
    assert "T4-REV review_total = review_upheld + review_corrected" in text and "X-T4" in text
    assert _row(soup, "review_total").select("span.state.wrong")
    assert not _row(soup, "lit_direct_total").select("span.state.wrong")


def test_each_figure_links_to_its_place_in_the_text() -> None:
    soup = _soup()
    links = [str(a.get("href")) for a in soup.select("table.read span.state a")]
    assert links and all(soup.select(f'a.anchor[id="{link[1:]}"]') for link in links)

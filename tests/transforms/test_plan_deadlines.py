"""Time limits in cells and in running text, by type and date."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.dates import month_end
from transforms.plans.deadline_cells import read_deadline_cell
from transforms.plans.deadlines import choose, find_deadlines, recurrence
from transforms.script import fold


def _due(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("cell", "kind", "due"),
    [
        ("2014年12月", "month", "2014-12-31"),
        ("12月", "month", "2014-12-31"),
        ("2014月9月", "month", "2014-09-30"),
        ("2023.12", "month", "2023-12-31"),
        ("2014年9月底", "month_end", "2014-09-30"),
        ("6月底前", "month_end", "2014-06-30"),
        ("10月下旬", "month_end", "2014-10-31"),
        ("明年3月底前", "month_end", "2015-03-31"),
        ("二○一二年十二月底", "month_end", "2012-12-31"),
        ("2014年7月中旬", "month_mid", "2014-07-20"),
        ("年底前", "date", "2014-12-31"),
        ("2020年", "date", "2020-12-31"),
        ("上半年", "date", "2014-06-30"),
        ("一季度", "date", "2014-03-31"),
        ("第三季度", "date", "2014-09-30"),
        ("2023-12-31", "date", "2023-12-31"),
        ("2023年6月30日前", "date", "2023-06-30"),
        ("2024年3月—6月", "month", "2024-06-30"),
        ("2021—2023年", "date", "2023-12-31"),
        ("2015年起", "open_start", ""),
        ("及时更新", "rolling", ""),
        ("长期坚持", "rolling", ""),
        ("全年", "rolling", ""),
        ("立即整改，持续推进", "rolling", ""),
        ("实时更新", "rolling", ""),
        ("每季度末", "recurring", ""),
        ("每年3月31日前", "recurring", ""),
        ("按月", "recurring", ""),
        ("待省通用目录出台后", "conditional", ""),
        ("印发后20个工作日内", "relative", ""),
        ("9.30前", "date", "2014-09-30"),
        ("2014年年底前", "date", "2014-12-31"),
        ("9月30日24时（含）前", "date", "2014-09-30"),
        ("下年度1月底前", "month_end", "2015-01-31"),
        ("每年底", "recurring", ""),
        ("每年3月、9月", "recurring", ""),
        ("每日更新", "recurring", ""),
        ("每学期初", "recurring", ""),
        ("每两周", "recurring", ""),
        ("三年内", "relative", ""),
        ("10个工作日", "relative", ""),
        ("即日起", "open_start", ""),
        ("春节前", "conditional", ""),
        ("按上级部署推进", "conditional", ""),
        ("2023年底前完成，2024年持续推进", "date", "2023-12-31"),
    ],
)
def test_cell(cell: str, kind: str, due: str) -> None:
    folded = fold(cell)[0]
    found = read_deadline_cell(folded, 0, len(folded), 2014)
    assert found is not None
    assert (found.type, found.due) == (kind, _due(due))
    assert cell[found.start : found.end] == cell


@pytest.mark.parametrize("cell", ["", " — ", "/", "无", "市财政局", "推进公开"])
def test_cell_without_a_deadline(cell: str) -> None:
    assert read_deadline_cell(cell, 0, len(cell), 2014) is None


@pytest.mark.parametrize(
    ("text", "raw", "kind", "due"),
    [
        ("2017年底前完成目录编制", "2017年底前", "date", "2017-12-31"),
        ("年内实现全覆盖", "年内", "date", "2017-12-31"),
        ("于2013年2月末前完成2012年度报告", "2013年2月末前", "month_end", "2013-02-28"),
        ("要在2014年8月前开通", "2014年8月前", "month", "2014-08-31"),
        ("到2022年,交易额突破", "2022年", "date", "2022-12-31"),
        ("自2017年起,委托第三方评估", "自2017年起", "open_start", ""),
        ("最迟5小时内发布、24小时内举行", "最迟5小时内", "relative", ""),
        ("招生报名前2周,公开政策", "招生报名前2周", "relative", ""),
        ("在同级人大通过草案的第20个工作日公开", "第20个工作日", "relative", ""),
        ("按季度公布", "按季度", "recurring", ""),
        ("每年1月31日前公布年报", "每年", "recurring", ""),
        ("实时发布监测信息", "实时发布", "rolling", ""),
        ("待目录出台后公开", "待目录出台后", "conditional", ""),
        ("每季度公布,6月底前完成首次", "6月底前", "month_end", "2017-06-30"),
        ("核查阶段(8月1日至9月20日)。各镇逐户核查", "8月1日至9月20日", "date", "2017-09-20"),
        ("发动阶段(4月-5月中旬)。召开会议", "4月-5月中旬", "month_mid", "2017-05-20"),
        ("抽查阶段(9月)。组织抽查", "9月", "month", "2017-09-30"),
        ("自4月起,逐户走访", "自4月起", "open_start", ""),
        ("次月5日前报送", "次月5日前", "relative", ""),
        ("上半年、下半年各开展一次", "上半年", "date", "2017-06-30"),
    ],
)
def test_running_text(text: str, raw: str, kind: str, due: str) -> None:
    found = choose(find_deadlines(text, 0, len(text), 2017))
    assert found is not None
    assert (text[found.start : found.end], found.type, found.due) == (raw, kind, _due(due))


@pytest.mark.parametrize(
    "text",
    [
        "公开2013年预算和2014年决算",
        "与2016年底相比压减三成",
        "办件时长比2016年底下降一成",
        "贯彻《2017年政务公开工作要点》要求",
        "及时公开、定期发布、适时更新",
        "开展为期2天的培训",
        "近年来",
        "2年以上",
        "设置2个以上公开栏",
        "环境质量月报、季报",
        "纳入年终考核",
        "自国务院批准设立之日起,适用政策",
        "将企业开办时间压缩至2个工作日以内",
        "办理时限控制在20个工作日内",
        "上半年内容较多",
        "当月月底的情况",
    ],
)
def test_mentions_are_no_limits(text: str) -> None:
    assert find_deadlines(text, 0, len(text), 2017) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("每日发布", "daily"),
        ("逐日更新", "daily"),
        ("每周五报送", "weekly"),
        ("每月10日前报送", "monthly"),
        ("按季公布", "quarterly"),
        ("每学期公布一次", "per_term"),
        ("每半年通报一次", "semiannual"),
        ("一年两次", "semiannual"),
        ("每学年初公布", "annual"),
        ("每年不少于2次", "semiannual"),
        ("每两个月调度", None),
        ("当月月底", None),
        ("月报", None),
    ],
)
def test_recurrence(text: str, name: str | None) -> None:
    assert recurrence(text) == name


@pytest.mark.parametrize(
    ("cell", "due", "parts"),
    [
        ("2018年3月和9月", "2018-09-30", [("2018年3月", "2018-03-31"), ("9月", "2018-09-30")]),
        ("3、6、9月", "2014-09-30", [("3", "2014-03-31"), ("6", "2014-06-30"), ("9月", "2014-09-30")]),
        ("2015年5、11月", "2015-11-30", [("5", "2015-05-31"), ("11月", "2015-11-30")]),
        ("二、三季度", "2014-09-30", [("二", "2014-06-30"), ("三季度", "2014-09-30")]),
        ("6月底前出台方案；年底前完成", "2014-12-31", [("6月底前", "2014-06-30"), ("年底前", "2014-12-31")]),
        ("2014.6.30、2014.12.31", "2014-12-31", [("2014.6.30", "2014-06-30"), ("2014.12.31", "2014-12-31")]),
        ("8月底前完成，长期坚持", "2014-08-31", [("8月底前", "2014-08-31"), ("长期坚持", "")]),
        ("1、6月底前", "2014-06-30", []),
    ],
)
def test_each_limit_of_a_cell_is_kept(cell: str, due: str, parts: list[tuple[str, str]]) -> None:
    folded = fold(cell)[0]
    found = read_deadline_cell(folded, 0, len(folded), 2014)
    assert found is not None
    assert found.due == _due(due)
    assert [(cell[one.start : one.end], one.due) for one in found.parts] == [(raw, _due(day)) for raw, day in parts]


@pytest.mark.parametrize(
    ("cell", "start", "due"),
    [
        ("3月—11月", "2014-03-01", "2014-11-30"),
        ("2014年3月至2015年6月", "2014-03-01", "2015-06-30"),
        ("2014年3月5日至6月30日", "2014-03-05", "2014-06-30"),
        ("2014.3-2014.12", "2014-03-01", "2014-12-31"),
        ("2014—2016年", "2014-01-01", "2016-12-31"),
        ("二季度至四季度", "2014-04-01", "2014-12-31"),
    ],
)
def test_ranges_have_a_start(cell: str, start: str, due: str) -> None:
    folded = fold(cell)[0]
    found = read_deadline_cell(folded, 0, len(folded), 2014)
    assert found is not None
    assert (found.start_date, found.due, found.parts) == (_due(start), _due(due), ())


def test_several_are_all_found() -> None:
    text = "2014年6月底前完成市级;9月底前完成县级;12月底前完成镇级"
    assert [one.due for one in find_deadlines(text, 0, len(text), 2015)] == [date(2014, 6, 30), date(2014, 9, 30), date(2014, 12, 31)]


def test_what_closes_a_list_limits_all_of_it() -> None:
    text = "分别于2014年3月、6月和11月底前报送"
    assert [one.due for one in find_deadlines(text, 0, len(text), 2013)] == [date(2014, 3, 31), date(2014, 6, 30), date(2014, 11, 30)]


_YEARS = st.integers(2008, 2026)
_MONTHS = st.integers(1, 12)


@given(_YEARS, _MONTHS, st.sampled_from(["{y}年{m}月底前", "{y} 年 {m} 月底", "{y}月{m}月底", "{c}年{m}月末前", "{w}年{m}月底以前"]))
def test_every_spelling_of_a_month_end(year: int, month: int, form: str) -> None:
    chinese = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(year))
    wide = "".join(chr(0xFEE0 + ord(digit)) for digit in str(year))
    cell = form.format(y=year, m=month, c=chinese, w=wide)
    folded = fold(cell)[0]
    found = read_deadline_cell(folded, 0, len(folded), 1999)
    assert found is not None
    assert (found.type, found.due) == ("month_end", month_end(year, month))


@given(
    st.dates(date(2008, 1, 1), date(2026, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%Y.%m.%d前", "%Y/%m/%d", "%Y年%m月%d日之前", "于%m月%d日前完成"]),
)
def test_every_spelling_of_a_day(day: date, form: str) -> None:
    cell = day.strftime(form)
    found = read_deadline_cell(cell, 0, len(cell), day.year)
    assert found is not None
    assert (found.type, found.due) == ("date", day)


@given(_YEARS, st.lists(_MONTHS, min_size=2, max_size=6, unique=True).map(sorted), st.sampled_from(["、", "和", "及"]))
def test_every_month_of_a_list_is_due(year: int, months: list[int], mark: str) -> None:
    cell = f"{year}年" + mark.join(f"{month}月底前" for month in months)
    found = read_deadline_cell(cell, 0, len(cell), 1999)
    assert found is not None
    assert [one.due for one in found.parts] == [month_end(year, month) for month in months]
    assert found.due == month_end(year, months[-1])


def test_no_year_no_date() -> None:
    found = choose(find_deadlines("6月底前完成", 0, 6, None))
    assert found is not None
    assert (found.type, found.due) == ("month_end", None)


@given(st.text(alphabet="0123456789年月日底前内每季度自起后个工作待、,《》", max_size=200))
def test_spans_lie_inside(text: str) -> None:
    for one in find_deadlines(text, 0, len(text), 2020):
        assert 0 <= one.start < one.end <= len(text)
    cell = read_deadline_cell(text, 0, len(text), 2020)
    for one in cell.parts if cell else ():
        assert cell is not None
        assert cell.start <= one.start < one.end <= cell.end

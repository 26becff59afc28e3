"""Sentences of other stages in Chinese, and charts that draw no line where there is no number."""

from __future__ import annotations

import re

import pytest
from work_spent import assert_quick

from warehouse.report_site.charts import lines
from warehouse.report_site.vocabulary import in_chinese


@pytest.mark.parametrize(
    ("sentence", "chinese"),
    [
        ("due by 2025-12-31, and the whole listing does not hold it", "应于 2025-12-31 前公布；列表已看全，没有"),
        ("the crawl ended partial: what was not seen is not absent", "抓取以“不完整”结束，未见不等于没有"),
        (
            "newest item published (发布日期): pages say nothing, the list says 2024-09-30; seen on 2026-11-28; "
            "no fail: this rule only informs",
            "最新一条发布日期：页面为 未列，列表为 2024-09-30；2026-11-28 查看；不判不符合：此规则只作提示",
        ),
        (
            "3 of 3 uncertain: 1 of the 1 columns that we follow: 公告公示; other columns were not looked at",
            "3 项中 3 项存疑：所跟踪的 1 个栏目中有 1 个：公告公示；其他栏目未查看",
        ),
        (
            "在本方案公布后30个工作日内 (2023-05-18): due by 2023-12-31, and the whole listing does not hold it",
            "在本方案公布后30个工作日内（2023-05-18）：应于 2023-12-31 前公布；列表已看全，没有",
        ),
        ("553 portals were never run", "553 个门户从未采集"),
        ("only 1 of 2 periods seen", "应有 2 期，只见 1 期"),
        ("notices come near (best 0.41): a person must look", "有相近信息（最高 0.41），须人工判断"),
        (
            "subject 0.94 (进展); published by a body that leads the task; of the kind that was promised (report); published 2023-10-12",
            "主题 0.94（进展）；由牵头单位发布；正是所承诺的种类（报告）；2023-10-12 发布",
        ),
        ("通知公告: page 3: HTTP 404", "通知公告：第 3 页：应答 HTTP 404"),
        ("公告公示: http://127.0.1.8:8700/gggs/: robots.txt forbids it", "公告公示: http://127.0.1.8:8700/gggs/：robots.txt 不允许"),
        (
            "2 of the expected work_plan documents could not be seen (not seen is not absent)",
            "应有的工作要点中 2 份未能查看（未见不等于没有）",
        ),
        ("missing", "缺失"),
        (
            "0 of 9 listed pages are not there (404, 410); of 40 links of the home page 20 were tried, 3 dead, 1 not seen",
            "列表 9 页中 0 页已不存在（404、410）；首页 40 个链接试了 20 个，3 个失效，1 个未见",
        ),
        ("30 working days", "30 个工作日"),
    ],
)
def test_a_reason_is_said_in_chinese_beside_its_english(sentence: str, chinese: str) -> None:
    assert in_chinese(sentence) == (chinese, False)


def test_a_long_sum_is_said_once() -> None:
    told = in_chinese("[natural_person]: 本年度办理结果总计 7 should equal 予以公开 4 + 部分公开 2 = 6")
    assert told == ("自然人：本年度办理结果总计 7 应等于 should equal 予以公开 4 + 部分公开 2 = 6", True)


@pytest.mark.parametrize("sentence", ["", "a reason of later", "2 of 3 uncertain: a reason of later", "; ", "{n}", "x" * 5000])
def test_what_is_not_known_stands_as_it_is(sentence: str) -> None:
    assert in_chinese(sentence) is None


def test_a_hostile_reason_costs_no_time() -> None:
    def read() -> None:
        in_chinese.cache_clear()
        for piece in (": ", "; no fail: ", ": before the law", "published 2024-01-01 ", ", not ", " should equal ", "1 of 1 kept: ", "a; "):
            in_chinese(piece * (1000 // len(piece)))

    assert_quick(read, 5)


def test_a_year_without_a_number_breaks_the_line() -> None:
    drawn = str(lines("数", ["2017", "2018", "2019", "2020"], {"s": [5, None, 4, 5]}))
    (path,) = re.findall(r'<path d="([^"]*)" class="line reactive', drawn)
    assert re.fullmatch(r"M[\d.]+ [\d.]+ L[\d.]+ [\d.]+", path), "2017 is a point of its own, the line goes from 2019 to 2020"

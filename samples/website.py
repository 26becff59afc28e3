"""The yearly table of a government website (政府网站工作年度报表), printed from its figures with merged cells as the form has them."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from samples.forms import figure
from samples.model import Figure, WebsiteTable
from samples.paper import Block, Cell, Paragraph, Table

_STATES: dict[str, Literal["blank", "na_mark"]] = {"": "blank", "/": "na_mark"}
# code (None: a tick box), headings left of the label, label, unit; a heading that the line above has too is one merged cell with it
_LINES: tuple[tuple[str | None, tuple[str, ...], str, str], ...] = (
    ("site_visitors", (), "独立用户访问总量", "个"),
    ("site_visits", (), "网站总访问量", "次"),
    ("site_items", ("信息发布\n（单位：条）",), "总数", "条"),
    ("site_items_overview", ("信息发布\n（单位：条）",), "概况类信息更新量", "条"),
    ("site_items_news", ("信息发布\n（单位：条）",), "政务动态信息更新量", "条"),
    ("site_items_catalogue", ("信息发布\n（单位：条）",), "信息公开目录信息更新量", "条"),
    ("site_topics_stock", ("专栏专题",), "维护数量", "个"),
    ("site_topics_new", ("专栏专题",), "新开设数量", "个"),
    ("site_interpretations", ("解读回应", "解读信息发布"), "总数", "条"),
    ("site_interpretation_texts", ("解读回应", "解读信息发布"), "解读材料数量", "条"),
    ("site_interpretation_products", ("解读回应", "解读信息发布"), "解读产品数量", "个"),
    ("site_commentaries", ("解读回应", "解读信息发布"), "媒体评论文章数量", "篇"),
    ("site_hot_topics", ("解读回应",), "回应公众关注热点或重大舆情数量", "次"),
    (None, ("互动交流",), "是否使用统一平台", "☑是　□否"),
    ("site_messages_received", ("互动交流", "留言办理"), "收到留言数量", "条"),
    ("site_messages_closed", ("互动交流", "留言办理"), "办结留言数量", "条"),
    ("site_messages_days", ("互动交流", "留言办理"), "平均办理时间", "天"),
    ("site_messages_published", ("互动交流", "留言办理"), "公开答复数量", "条"),
    ("site_security_checks", ("安全防护",), "安全检测评估次数", "次"),
    ("site_weibo_items", ("移动新媒体", "微博"), "信息发布量", "条"),
    ("site_wechat_items", ("移动新媒体", "微信"), "信息发布量", "条"),
)
_WIDTH = 4


def website_table(table: WebsiteTable) -> tuple[list[Block], list[Figure]]:
    """The table of a site, and the truth about each figure; a code that the content leaves out prints 0."""
    known = (("首页网址", table.home), ("网站类型", "☑政府门户网站　□部门网站"), ("政府网站标识码", table.site_code))
    rows: list[tuple[Cell, ...]] = [(Cell(label), Cell(text, column_span=_WIDTH - 1)) for label, text in known]
    figures = []
    above: tuple[str, ...] = ()
    for n, (code, headings, label, unit) in enumerate(_LINES):
        printed = table.values.get(code, "0") if code else unit
        shown = label if not code or "单位" in "".join(headings) else f"{label}（单位：{unit}）"
        opened = [Cell(h, row_span=_reach(n, depth)) for depth, h in enumerate(headings) if above[: depth + 1] != headings[: depth + 1]]
        rows.append((*opened, Cell(shown, column_span=_WIDTH - 1 - len(headings)), Cell(printed)))
        above = headings
        if code:
            site = {"site": table.home.removeprefix("http://"), "site_code": table.site_code}
            read = Figure(code=code, value=None, unit=unit, state=_STATES[printed], dimensions=site) if printed in _STATES else None
            figures.append(read or figure(code, Decimal(printed), unit, **site))
    return [Paragraph(f"（{table.year}年度）", "title"), Table(tuple(rows))], figures


def _reach(first: int, depth: int) -> int:
    """Lines from `first` on that share its headings down to `depth`."""
    own = _LINES[first][1][: depth + 1]
    return next((n for n, line in enumerate(_LINES[first:]) if line[1][: depth + 1] != own), len(_LINES) - first)

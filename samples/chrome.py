"""What surrounds an article on every portal: head, navigation, breadcrumb, related links, click counter, footer."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from samples.model import CHINA, NoticeContent, Style

CLICKS = "@@CLICKS@@"
"""Replaced by a number that grows with every answer."""
_ADDRESS = "电话：0990-8123456　地址：{name}办公楼"


@dataclass(frozen=True)
class Chrome:
    """One portal's face."""

    name: str
    code: str
    style: Style
    menu: tuple[tuple[str, str], ...]
    """(name, absolute URL) of the columns."""

    def page(self, title: str, metas: Sequence[tuple[str, str]], main: str, script: str = "") -> str:
        """A whole page; `metas` are printed after the site's own two."""
        own = [("SiteName", self.name), ("SiteIDCode", self.code)]
        own += [("SiteDomain", f"www.{self.code}.gov.example")] if self.style.meta_whole else []
        tags = "\n".join(f'<meta name="{n}" content="{html.escape(v)}">' for n, v in [*own, *metas])
        menu = "".join(f'<li><a href="{url}">{html.escape(name)}</a></li>' for name, url in self.menu)
        return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="{self.style.declared_encoding}">
<meta http-equiv="X-UA-Compatible" content="IE=edge">
<title>{html.escape(title)}-{html.escape(self.name)}</title>
{tags}
<link rel="stylesheet" href="/static/site.css">
{script}
</head>
<body>
<div class="header"><div class="logo"><a href="/">{html.escape(self.name)}</a></div>
<ul class="nav"><li><a href="/">首页</a></li>{menu}</ul>
<form class="search" action="/search"><input name="q" placeholder="请输入关键字"></form></div>
{main}
<div class="footer"><p>主办：{html.escape(self.name)}办公室　承办：政务数据中心</p>
<p>{_ADDRESS.format(name=html.escape(self.name))}　网站标识码：{self.code}</p>
<p>岚江公网安备 99010002000{self.code[4:6]}号　网站地图　联系我们</p></div>
</body>
</html>
"""

    def breadcrumb(self, *names: str) -> str:
        """当前位置."""
        trail = " &gt; ".join(f"<a>{html.escape(n)}</a>" for n in ("首页", "政务公开", *names))
        return f'<div class="position">当前位置：{trail}</div>'

    def column_metas(self, column: str) -> list[tuple[str, str]]:
        """The national META tags of a column page."""
        free = [("ColumnDescription", f"{self.name}{column}"), ("ColumnKeywords", column)] if self.style.meta_whole else []
        return [("ColumnName", column), ("ColumnType", "政府信息公开"), *free]

    def article_metas(self, notice: NoticeContent, column: str) -> list[tuple[str, str]]:
        """The national META tags of a detail page (guideline 国办发〔2017〕47号)."""
        return [
            ("ColumnName", column),
            ("ColumnType", "政府信息公开"),
            ("ArticleTitle", notice.title),
            ("PubDate", published(notice, self.style.meta_date)),
            ("ContentSource", notice.issuer),
            ("Keywords", notice.theme),
        ]


def published(notice: NoticeContent, form: str) -> str:
    """The publication moment in one of the formats real portals use."""
    patterns = {"minute": "%Y-%m-%d %H:%M", "second": "%Y-%m-%d %H:%M:%S", "chinese": "%Y年%m月%d日"}
    return notice.published.astimezone(CHINA).strftime(patterns[form])


def header_rows(notice: NoticeContent, column: str) -> list[tuple[str, str]]:
    """The visible metadata block of 信息公开 pages; labels carry the blanks that real ones have inside."""
    return [
        ("索 引 号：", notice.index_number or ""),
        ("分　　类：", column),
        ("发布机构：", notice.issuer),
        ("成文日期：", f"{notice.written:%Y-%m-%d}"),
        ("名　　称：", notice.title),
        ("文　　号：", notice.doc_number or "无"),
        ("发布日期：", published(notice, "minute")[:10]),
        ("主 题 词：", ""),
    ]


def header_table(notice: NoticeContent, column: str) -> str:
    """The block as a table of four columns, two labels a row."""
    rows = header_rows(notice, column)
    pairs = zip(rows[::2], rows[1::2], strict=True)
    lines = "\n".join(
        "<tr>" + "".join(f'<td class="label">{k}</td><td><span>{html.escape(v)}</span></td>' for k, v in pair) + "</tr>" for pair in pairs
    )
    return f'<table class="xxgk_head" cellpadding="0" cellspacing="0"><tbody>\n{lines}\n</tbody></table>'


def header_strong(notice: NoticeContent, column: str) -> str:
    """The block as paragraphs: label in bold, then the value."""
    lines = "\n".join(f"<p><strong>{k.rstrip('：')}</strong>：{html.escape(v)}</p>" for k, v in header_rows(notice, column))
    return f'<div class="xxgk_head">\n{lines}\n</div>'


def related(links: Sequence[tuple[str, str]]) -> str:
    """相关链接: other notices' titles, which must never be read as part of this one's text."""
    items = "".join(f'<li><a href="{url}">{html.escape(title)}</a></li>' for title, url in links)
    return f'<div class="related"><h4>相关链接</h4><ul>{items}</ul></div>' if links else ""

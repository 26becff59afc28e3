"""Which links lead to documents, and what they are called: one rule for pages and for bodies."""

from __future__ import annotations

from functools import partial
from urllib.parse import urljoin

import pytest

from transforms.attachments import AttachmentLinks
from transforms.blocks import html_body
from transforms.pages.attachments import find_attachments
from transforms.pages.tree import Tree

BASE = "http://www.example.gov.cn/zwgk/1.html"


def _taken(href: str, text: str = "", title: str | None = None) -> list[tuple[str, str]]:
    links = AttachmentLinks(partial(urljoin, BASE))
    links.add(href, text, title)
    return [(link.name, link.url) for link in links.links()]


@pytest.mark.parametrize(
    ("href", "text", "title", "name"),
    [
        ("./P02.PDF", "年度报告", None, "年度报告"),
        ("a.wps", "点击下载", "统计表.wps", "统计表.wps"),
        ("fj/%E8%A1%A8.xlsx", "下载", None, "表.xlsx"),
        ("down?file=/x/a.ofd&k=1", "", None, "a.ofd"),
        ("down?id=3", "附件.docx", None, "附件.docx"),
        ("/download.jsp?id=3", "附件：目录", None, "附件：目录"),
    ],
)
def test_links_to_documents(href: str, text: str, title: str | None, name: str) -> None:
    assert _taken(href, text, title) == [(name, urljoin(BASE, href))]


@pytest.mark.parametrize(
    ("href", "text"),
    [
        ("/index.html", "附件"),
        ("javascript:x('a.pdf')", "a.pdf"),
        ("#a.pdf", "a.pdf"),
        ("", "a.pdf"),
        ("http://[", "a.pdf"),
        ("ftp://h/a.pdf", "a"),
    ],
)
def test_links_to_something_else(href: str, text: str) -> None:
    assert _taken(href, text) == []


def test_a_page_and_its_body_give_the_same_links() -> None:
    inner = "".join(f'<p>附件{i}：<a href="f/{i}.{kind}">第{i}号表</a></p>' for i, kind in enumerate(("pdf", "et", "rar", "csv", "html")))
    inner += '<a href="f/0.pdf">第0号表（全）.pdf</a><a href="down?id=3">名单.doc</a>'
    tree = Tree.of(f"<html><body><div id='zoom'>{inner}</div></body></html>")
    (body,) = tree.find("#zoom")
    found = find_attachments(tree, body, partial(urljoin, BASE))
    assert found == html_body(inner, BASE).attachments
    assert [link.name for link in found] == ["第0号表（全）.pdf", "第1号表", "第2号表", "第3号表", "名单.doc"]

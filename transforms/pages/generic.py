"""The fallback family: any portal whose system we do not know, by the names most systems give their parts, then by weight."""

from __future__ import annotations

from typing import ClassVar

from transforms.pages.list_page import ListPage
from transforms.pages.notice_page import NoticePage


class GenericNoticePage(NoticePage):
    """Containers of many systems, best known first; without any of them the heaviest block of text."""

    family = "generic"
    body_selectors = (
        "ucapcontent", "#ucap-content", ".trs_editor", ".trs_editor_view", "#vsb_content", ".v_news_content", ".j-fontcontent", "#zoomcon",
        "#zoom", ".article-content", ".article_content", ".article-body", ".artile_zw", ".con_text", ".main-txt", ".zc_article_con",
        ".news_cont_d_wrap", ".content_article", ".wzcon", "#fontzoom", "#maintext", ".pages_content", ".view.trs_ueditor",
    )  # fmt: skip
    markup: ClassVar = {
        "title": ("ucaptitle", ".article-title", ".article_title"),
        "published_at": ("publishtime", ".article_time", ".pubtime", ".publish-time"),
    }


class GenericListPage(ListPage):
    """Rows of the block that looks most like a listing."""

    family = "generic"

"""Which family a page belongs to, by what its text and address show (cms-families.md section 1); the first match wins."""

from __future__ import annotations

import re

_HEAD = 400_000
# (family, pattern over the page's text, pattern over its address)
_PRINTS: tuple[tuple[str, str | None, str | None], ...] = (
    ("gkmlpt", r"_CONFIG\b.{0,4000}?\bSID\b|/gkmlpt/(?:content|api|static|dist)/", r"/gkmlpt/"),
    ("nfcms", r"NFCMS_(?:SITE|POST)_ID", r"/content/m?post_\d+\.html"),
    ("hanweb_jpaas", r"jpaas-publish-server", r"/art/\d{4}/art_[0-9a-f]{32}\.html"),
    ("hanweb_xxgk", r"/?module/xxgk/", r"[?&]vc_xxgkarea="),
    ("hanweb_jcms", r"dataproxy\.jsp|<recordset>", r"/art/\d{4}/\d{1,2}/\d{1,2}/art_\d+_\d+\.html|/col/col\d+/index\.html"),
    ("hanweb_truecms", r"messageController/getMessage\.do", None),
    ("trs_wcm", r"createPageHTML\s{0,3}\(|TRS_Editor|trs_editor_view", r"/t(?:(?:19|20)\d{6}_)?\d{5,12}\.s?html?(?:[?#]|$)"),
    (
        "ucap",
        r"<ucap(?:title|content)\b|name=\"template,templategroup,version\"",
        r"/c\d{6}/\w{1,40}list\w{0,10}\.shtml|/\d{6}/[0-9a-f]{32}\.shtml",
    ),
    ("lonsun", r"/site/label/8888|Ls-Language", r"/public/column/\d+\?|/public/\d+/\d+\.html|/content/(?:column|article)/\d+"),
    ("openness", None, r"/(?:Branch)?OpennessContent/show|/PolicyContent/|/XxgkPolicy/show"),
    ("vsb", r"_newscontent_fromname|id=\"?vsb_content|/system/resource/js/", r"/info/\d+/\d+\.htm$"),
    ("pc_list", r"\barticleList\b.{0,20}\[\s{0,5}\{", r"/pc/(?:list|content/content_\d{19})\.?"),
    ("epoint_ewb", r"EWB-FRONT|/rest/lightfrontaction/", r"govInfoPub\.html\?categorynum="),
    ("p8", None, r"/\d{4}_\d\d/\d\d_\d\d/content-\d+\.html"),
    ("siteserver", None, r"/channels/\d+(?:_\d+)?\.html|/contents/\d+/\d+\.html"),
    ("dedecms", None, r"/plus/(?:list|view)\.php\?"),
    ("phpcms", None, r"index\.php\?m=content&c=index"),
)
_COMPILED = tuple(
    (family, re.compile(text, re.IGNORECASE | re.DOTALL) if text else None, re.compile(address, re.IGNORECASE) if address else None)
    for family, text, address in _PRINTS
)


def detect(html: str, url: str | None) -> str | None:
    """The family's name, which may be one that has no page classes yet; None where nothing is recognised."""
    head = html[:_HEAD]
    for family, text, address in _COMPILED:
        if (url and address and address.search(url)) or (text and text.search(head)):
            return family
    return None

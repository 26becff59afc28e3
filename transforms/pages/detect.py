"""Which family a page belongs to, by what its text and address show (cms-families.md section 1); the first match wins."""

from __future__ import annotations

import re
from itertools import islice

from transforms.pages.dialect_links import dialect_of

_HEAD = 400_000
_GKMLPT = re.compile(r"""\b(?:tree|detail)["']?\s{0,9}:""")
_HREF = re.compile(r"""href\s{0,3}=\s{0,3}["']?([^"'\s<>]{1,500})""")
_MOST_LINKS = 1000
_ENOUGH_LINKS = 3
# (family, strings in the page's text in lower case, pattern over its address)
_PRINTS: tuple[tuple[str, tuple[str, ...], str | None], ...] = (
    ("gkmlpt", ("/gkmlpt/content/", "/gkmlpt/api/", "/gkmlpt/static/", "/gkmlpt/dist/"), r"/gkmlpt/"),
    ("nfcms", ("nfcms_site_id", "nfcms_post_id"), r"/content/m?post_\d+\.html"),
    ("hanweb_jpaas", ("jpaas-publish-server", "tplsetid"), r"/art/\d{4}/art_[0-9a-f]{32}\.html|/jpaas-publish-server/"),
    ("hanweb_xxgk", ("/module/xxgk/",), r"[?&]vc_xxgkarea=|/module/xxgk/\w{1,20}\.jsp|/col/col\d+/index\.html\?(?:[^#]{0,100}&)?number="),
    (
        "hanweb_truecms",
        ("messagecontroller/getmessage.do",),
        r"/messageController/getMessage\.do|/content/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.html",
    ),
    (
        "hanweb_jcms",
        ("dataproxy.jsp", "<recordset>", "<datastore>"),
        r"/dataproxy\.jsp|/art/\d{4}/\d{1,2}/\d{1,2}/art_\d+_\d+\.html|/col/col\d+/index\.html",
    ),
    (
        "ucap",
        ("<ucaptitle", "<ucapcontent", 'name="template,templategroup,version"'),
        r"/(?:common/search|search|searchList)/[0-9a-f]{32}|/szinf/|/c\d{6}/\w{1,40}list\w{0,10}\.shtml|/\d{6}/(?:[0-9a-f]{32}|c\d{1,4}_\d{3,12})\.shtml|/c\d{6}/c\d{5,12}/content\.shtml",
    ),
    (
        "trs_wcm",
        ("trs_editor", "var countpage", "listmodel({", '"docpuburl"', '"chnldocurl"'),
        r"/was5/|/ssp/search/api/|/i(?:gs|rs)/front/|[?&]templet=docs\.jsp|/t(?:(?:19|20)\d{6}_\d{1,12}|\d{5,12})(?:_ext)?\.s?html?(?:[?#]|$)",
    ),
    (
        "lonsun",
        ("/site/label/8888", "ls-language"),
        r"/site/label/8888|/s/so\?(?:[^#]{0,300}&)?siteId=\d|/public/column/\d+\?|/public/\d+/\d+\.html|/content/(?:column|article)/\d+",
    ),
    (
        "openness",
        (),
        r"/(?:Branch)?OpennessContent/show|/PolicyContent/|/XxgkPolicy/show|/(?:News|Special|Content)/show(?:List/[\d/]+page_\d+|/\d+)\.html",
    ),
    (
        "vsb",
        (
            "_newscontent_fromname",
            'id="fanye',
            'id="vsb_content',
            "/system/resource/js/",
            "/system/resource/css/",
            "pb_sys_common",
            "_showdynclick",
        ),
        r"(?:^|/)info/\d+/\d+\.htm(?:[?#]|$)",
    ),
    ("pc_list", ("articlelist = [{", "articlelist=[{", 'articlelist":[{'), r"/pc/(?:list|content/content_\d{19})\.html"),
    (
        "epoint_ewb",
        ("ewb-front", "/rest/lightfrontaction/", "webbuildercommon.js", 'class="ewb-'),
        r"/rest/lightfrontaction/|/rest/esinteligentsearch/|/js/webBuilderCommon\.js|/(?:govInfoPub\w{0,20}|openlist)\.html\?categorynum="
        r"|/\d{8}/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.html|/content/(?:19|20)\d\d/\d+\.html",
    ),
    (
        "p8",
        (),
        r"/\d{4}_\d\d/\d\d_\d\d/content-\d+\.html|/html/\d+/\d{4}-\d\d-\d\d/content-\d+\.html|/search/\?(?:[^#]{0,200}&)?site=allstation",
    ),
    ("siteserver", (), r"/channels/\d+(?:_\d+)?\.html|/contents/\d+/\d+\.html"),
    (
        "dedecms",
        ("/plus/list.php?", "/plus/view.php?", "/plus/count.php?"),
        r"/plus/(?:list|view)\.php\?|/a/(?:[\w-]+/){1,4}\d{8}/\d+\.html",
    ),
    ("phpcms", ("index.php?m=content",), r"index\.php\?m=content&(?:amp;)?c=index|/(?:19|20)\d\d/[a-z]\w{0,40}_[01]\d[0-3]\d/\d+\.html"),
)
_HEADERS = (
    ("lonsun", re.compile(r"^(?:ls-language:|set-cookie:\s{0,3}\w{0,60}_?SHIROJSESSIONID=)", re.IGNORECASE | re.MULTILINE)),
    ("p8", re.compile(r"^set-cookie:\s{0,3}\w{1,60}_P8SESSION=", re.IGNORECASE | re.MULTILINE)),
)
"""What some systems say with every answer: a look that a page drawn by script does not give."""
_WEAK = (
    ("ucap", re.compile(r"createpagehtml\('page_div'\s{0,3},\s{0,3}\d{1,6}\s{0,3},\s{0,3}[1-9]")),  # its pages count from 1, TRS's from 0
    ("trs_wcm", re.compile(r"createpage(?:html)?\(")),
    ("phpcms", re.compile(r'<a class="a1">')),
)
"""Marks that other systems have taken over: they count where neither address nor links say anything."""
_COMPILED = tuple((family, texts, re.compile(address, re.IGNORECASE) if address else None) for family, texts, address in _PRINTS)


def detect(html: str, url: str | None, headers: str = "") -> str | None:
    """The family's name; `generic` for a page that only a URL dialect fits (dialect_of names it); None where nothing is recognised.

    `headers` are the answer's, one a line; page and address go before them.
    """
    said = vendor_of(html, url) or next((family for family, mark in _HEADERS if mark.search(headers)), None)
    return said or ("generic" if dialect_of(html[:_HEAD], url) else None)


def vendor_of(html: str, url: str | None) -> str | None:
    """The family of a page by a vendor's prints, which may be one that has no page classes yet."""
    head = html[:_HEAD].lower().replace("\\/", "/").replace(" (", "(").replace("( {", "({")
    if "_config" in head and "sid" in head and _GKMLPT.search(head):
        return "gkmlpt"
    if "nfcms_site_id" in head and not (url and "/gkmlpt/" in url):
        return "nfcms"  # its lists lead to gkmlpt's notices too
    for family, texts, address in _COMPILED:
        if (url and address and address.search(url)) or any(text in head for text in texts):
            return family
    return _by_links(head) or next((family for family, mark in _WEAK if mark.search(head)), None)


def _by_links(head: str) -> str | None:
    """A list page by where its rows lead: the family whose details most of its links look like."""
    links = [found[1] for found in islice(_HREF.finditer(head), _MOST_LINKS)]
    counts = {family: sum(address.search(link) is not None for link in links) for family, _, address in _COMPILED if address}
    best = max(counts, key=lambda family: counts[family])
    return best if counts[best] >= _ENOUGH_LINKS else None

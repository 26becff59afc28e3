"""Chosen faults: what a portal or one of its pages does instead of answering well. Which ones, `content/town.yaml` says."""

from __future__ import annotations

from urllib.parse import parse_qsl

from samples.dialects.site import Answer, Site

HANG_SECONDS = 60.0
"""Longer than any patience: the sample portal that hangs has `manners.timeout: 2`."""

_CHALLENGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><meta id="c8f2" content="x9Kq">
<script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=12345;$_ts.cd="qhc_";document.cookie="FSSBBIl1UgzbN7N80T="+Math.random();</script>
</head><body style="display:none"><form method="post" action="/"></form></body></html>"""
_NOT_THERE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>提示信息</title></head>
<body><div class="tip"><h1>404</h1><p>对不起，您访问的页面不存在或已被删除。</p><a href="/">返回首页</a></div></body></html>"""
_BROKEN = (
    """<html><head><title>500 Internal Server Error</title></head><body><center><h1>500 Internal Server Error</h1></center></body></html>"""
)


def robots_txt(site: Site) -> Answer:
    """The portal's robots.txt: everything is allowed unless the portal's definition disallows it."""
    rules = "".join(f"Disallow: {path}\n" for path in site.content.disallow) or "Disallow:\n"
    return Answer(f"User-agent: *\n{rules}".encode(), "text/plain")


def answer(site: Site, path: str, query: str, body: bytes) -> Answer | None:
    """What the portal answers; None means never (it hangs)."""
    if path == "/robots.txt":
        return robots_txt(site)
    if site.content.faults.challenge:
        return Answer(_CHALLENGE.encode(), status=412)
    fault = site.faulty.get(path)
    if fault == "hang":
        return None
    if fault == "error_500":
        return Answer(_BROKEN.encode(), status=500)
    if fault == "soft_404":
        return Answer(_NOT_THERE.encode())
    if path in site.services:
        return site.services[path](dict(parse_qsl(query, keep_blank_values=True)), body)
    found = site.paths.get(f"{path}?{query}") or site.paths.get(path)
    return found or Answer(b"<html><body><h1>404 Not Found</h1></body></html>", status=404)

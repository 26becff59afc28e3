"""Doors that stay closed: no server, no name, private networks in every spelling, robots.txt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gongkai.status import RunStatus
from samples.scenarios.front import Front, Reply
from samples.scenarios.model import Expected, Fault, Scenario, Watch
from samples.scenarios.notices import notices, one_night

_PRIVATE = Expected(RunStatus.UNREACHABLE, (), says="private address")
_CLOSED = {"allow_private": False}


def _nobody_came(watch: Watch) -> str | None:
    return f"{len(watch.asked)} requests reached the server" if watch.asked else None


def _closed(name: str, does: str, base: str) -> Scenario:
    """A portal whose own address is private although its registry entry does not allow that."""
    return one_night(name, does, replace(_PRIVATE, witness=_nobody_came), base=base, registry=_CLOSED)


def _links(front: Front) -> tuple[str, ...]:
    trap = front.trap
    return (
        "http://169.254.169.254/latest/meta-data/1.docx", f"http://localhost:{trap}/2.docx", f"http://[::1]:{trap}/3.docx",
        "http://10.0.0.7/4.docx", f"http://portal@127.0.0.1:{trap}/5.docx", f"http://2130706433:{trap}/6.docx",
        f"http://0x7f000001:{trap}/7.docx", f"http://0177.0.0.1:{trap}/8.docx", f"http://127.1:{trap}/9.docx",
        f"http://[::ffff:127.0.0.1]:{trap}/10.docx", f"//127.0.0.1:{trap}/11.docx", "http://[64:ff9b::a00:7]/12.docx",
    )  # fmt: skip


def _attached(front: Front) -> None:
    anchors = "".join(f'<p><a href="{link}">附件{n}：任务分解表.docx</a></p>' for n, link in enumerate(_links(front), 1))
    front.edit_detail(1003, lambda text: text.replace('<div class="TRS_Editor">', f'<div class="TRS_Editor">{anchors}', 1))


def _listed(front: Front) -> None:
    rows = "".join(
        f'<li><a href="{link}">例市公共数据开放目录第{n}批清单</a><span>2025-03-01</span></li>' for n, link in enumerate(_links(front))
    )
    end = '</ul>\n<div class="page">'
    front.edit_list(lambda text: text.replace(end, rows + end).replace("createPageHTML(5,", "createPageHTML(17,"))


def _robots(text: str, status: int = 200, content_type: str = "text/plain") -> Fault:
    return lambda front: front.put(Reply(text.encode(), status, content_type), "/robots.txt")


def _robots_loop(front: Front) -> None:
    for path, target in (("/robots.txt", "/error"), ("/error", "/robots.txt")):
        front.put(Reply(b"", 302, headers=(("Location", target),)), path)


def _slow(watch: Watch) -> str | None:
    at = [a.at for a in watch.asked if a.path != "/robots.txt"]
    pace = (at[-1] - at[0]) / (len(at) - 1)
    return None if pace >= 0.95 else f"{pace:.2f} s between two requests, 1 s asked for"


def _not_asked(path: str) -> Callable[[Watch], str | None]:
    return lambda watch: f"{path} was asked although robots.txt forbids it" if watch.paths(path) else None


SCENARIOS = (
    one_night("portal-down", "nobody listens at the address", Expected(RunStatus.UNREACHABLE, (), says="refused"), down=True),
    one_night(
        "no-such-host",
        "the host's name does not resolve",
        Expected(RunStatus.UNREACHABLE, (), says="portal.invalid"),
        base="http://portal.invalid:{port}",
    ),
    _closed("private-literal", "the registry names 127.0.0.1 and does not allow it", "http://127.0.0.1:{port}"),
    _closed("private-decimal", "the registry names 127.0.0.1 as one number", "http://2130706433:{port}"),
    _closed("private-hexadecimal", "the registry names 127.0.0.1 in hexadecimal", "http://0x7f000001:{port}"),
    _closed("private-short", "the registry names 127.0.0.1 as 127.1", "http://127.1:{port}"),
    _closed("private-ipv6", "the registry names ::1", "http://[::1]:{port}"),
    _closed("private-mapped", "the registry names 127.0.0.1 inside an IPv6 address", "http://[::ffff:127.0.0.1]:{port}"),
    _closed("private-by-name", "the host's name resolves to a private address", "http://localhost:{port}"),
    one_night(
        "attachments-into-private-net",
        "an article's attachments lie in private networks, in twelve spellings",
        Expected(RunStatus.COMPLETE, attachments=("refused",) * 12),
        _attached,
    ),
    one_night(
        "rows-into-private-net",
        "the list holds rows that lead into private networks, in twelve spellings",
        Expected(RunStatus.COMPLETE, counts={"outbound": 12}),
        _listed,
    ),
    one_night(
        "robots-forbids-all", "robots.txt forbids everything", Expected(RunStatus.BLOCKED, (), says="robots.txt forbids"), disallow=("/",)
    ),
    one_night(
        "robots-forbids-a-page",
        "robots.txt forbids one article",
        Expected(RunStatus.PARTIAL, (1001, 1002, 1004, 1005), says="robots.txt forbids", witness=_not_asked("_1003.html")),
        disallow=("/zwgk/lm1/202503/t20250306_1003.html",),
    ),
    one_night("robots-503", "robots.txt answers a server error", Expected(RunStatus.BLOCKED, (), says="RFC 9309"), _robots("", 503)),
    one_night("robots-429", "robots.txt answers 429, every time", Expected(RunStatus.BLOCKED, (), says="RFC 9309"), _robots("", 429)),
    one_night("robots-404", "there is no robots.txt", Expected(RunStatus.COMPLETE), _robots("", 404)),
    one_night(
        "robots-is-a-page",
        "robots.txt is the site's HTML error page with status 200",
        Expected(RunStatus.COMPLETE),
        _robots("<html><body>Disallow: / 页面不存在</body></html>", 200, "text/html"),
    ),
    one_night(
        "robots-crawl-delay",
        "robots.txt asks for a second between requests",
        Expected(RunStatus.COMPLETE, witness=_slow),
        _robots("User-agent: *\nCrawl-delay: 1\n"),
        notices=notices(3),
    ),
    one_night(
        "robots-loop",
        "robots.txt redirects to itself by way of another page: there is none",
        Expected(RunStatus.COMPLETE),
        _robots_loop,
    ),
    one_night(
        "robots-with-a-mark",
        "robots.txt begins with a byte order mark, as editors on Windows write it, and forbids everything",
        Expected(RunStatus.BLOCKED, (), says="robots.txt forbids"),
        _robots("\ufeffUser-agent: *\r\nDisallow: /\r\n"),
    ),
    one_night(
        "robots-far-away",
        "robots.txt redirects to another host: there is none of this host",
        Expected(RunStatus.COMPLETE),
        lambda f: f.put(Reply(b"", 302, headers=(("Location", f"http://127.0.0.1:{f.trap}/robots.txt"),)), "/robots.txt"),
    ),
)

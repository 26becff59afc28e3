"""Links of a home page: which are tried, and what each answer amounts to, on a real server over two days."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq
import pytest
from small_servers import Answer, Servers, Site

from crawlers.links import chosen
from crawlers.warc import read_record
from gongkai.status import RunStatus
from stages.health import visit
from transforms.pages.contract import SoftError
from transforms.pages.links import links_of, refuse_error_page

DAYS = ("20260301T013000Z", "20260302T013000Z")
ERROR = (
    b"<html><head><title>\xe6\x8f\x90\xe7\xa4\xba</title></head><body><h1>404</h1><p>"
    + "您访问的页面不存在".encode()
    + b"</p></body></html>"
)


def test_links_of_a_page() -> None:
    hrefs = ["/a.html", "a.html#top", "//other.example/x", "javascript:void(0)", "mailto:a@b.example", "http://[", "", "/长.html", "../b/"]
    page = "<base href='/zw/'>" + "".join(f'<a href="{href}">x</a>' for href in hrefs) + "<map><area href='/m'></map><a>none</a>"
    assert links_of(page, "http://e.example/") == [
        "http://e.example/a.html",
        "http://e.example/zw/a.html",
        "http://other.example/x",
        "http://e.example/长.html",
        "http://e.example/b/",
        "http://e.example/m",
    ]


def test_a_page_of_its_site_is_no_error_page_whatever_its_foot_says() -> None:
    foot = "<p>网站维护：信息中心</p>"
    refuse_error_page("<a href='/x'>栏目</a>" * 16 + foot)
    with pytest.raises(SoftError):
        refuse_error_page(ERROR.decode())


def test_the_lot_is_the_days_and_what_was_unwell_goes_first() -> None:
    links = [f"http://e.example/{n}" for n in range(100)]
    first = chosen(links, [], "2026-03-01", 10)
    assert first == chosen(links, [], "2026-03-01", 10)
    assert len({url for url, _ in first}) == 10 and all(drawn for _, drawn in first)
    assert first == chosen(links[::-1], [], "2026-03-01", 10), "whatever the page's order"
    second = chosen(links, links[:7], "2026-03-02", 10)
    assert [drawn for _, drawn in second] == [False] * 5 + [True] * 5
    assert {url for url, drawn in second if not drawn} <= set(links[:7])
    assert len({url for url, _ in second}) == 10 and {url for url, _ in second} != {url for url, _ in first}
    assert chosen(links[:3], links[:3], "2026-03-02", 10) == chosen(links[:3], links[:3], "2026-03-02", 11)
    tried = {url for day in range(1, 29) for url, _ in chosen(links, [], f"2026-02-{day:02d}", 10)}
    assert len(tried) > 85, "four weeks see nearly all of a hundred"


def _home(site: Site, *paths: str) -> None:
    rows = "".join(
        f'<li><a href="{path}">例市第{n}件事项的通知公告</a><span>2026-02-{n + 1:02d}</span></li>' for n, path in enumerate(paths)
    )
    site.html("/", f"<ul>{rows}</ul>")


class Visits:
    """Two days' visits to a portal with every kind of link, and to one that turns away whoever asks for links."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self.mixed = servers.add("mixed", manners={"delay": 0, "concurrency": 4, "timeout": 1, "retries": 2})
        self.walled = servers.add("walled")
        self._answers(self.mixed)
        _home(self.walled, *(f"/{n}.html" for n in range(8)))
        for n in range(8):
            self.walled.paths[f"/{n}.html"] = Answer(b"<h1>403 Forbidden</h1>", 403)
        servers.start()
        self.outcomes = []
        for number, day in enumerate(DAYS):
            if number == 1:
                self.mixed.html("/broken.html", "<p>again</p>" * 30)
                _home(self.mixed, "/fine.html", "/broken.html", "/empty.html", "/slow.html", "/gone.html")
            self.outcomes.append({o.portal_id: o for o in visit(["mixed", "walled"], servers.context(day, home_links=20))})

    @staticmethod
    def _answers(site: Site) -> None:
        site.paths["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /secret/\n", headers={"Content-Type": "text/plain"})
        site.html("/fine.html", "<p>正文</p>" * 30)
        site.paths["/gone.html"] = Answer(b"<h1>410</h1>", 410)
        site.paths["/broken.html"] = Answer(b"<h1>500</h1>", 500)
        site.paths["/empty.html"] = Answer(ERROR)
        site.paths["/slow.html"] = Answer(b"late", delay=1.5)
        site.paths["/away.html"] = Answer(b"", 302, {"Location": "http://127.0.0.1:9/"})
        site.paths["/guarded.html"] = Answer(b"<h1>403 Forbidden</h1>", 403)
        paths = ("fine", "gone", "missing", "broken", "empty", "slow", "away", "guarded", "secret/x")
        _home(site, *(f"/{path}.html" for path in paths), "http://10.0.0.1/inside.html", "http://127.0.0.1:9/other.html", "/")

    def looks(self, portal_id: str, day: int) -> dict[str, dict[str, Any]]:
        folder = self.servers.context().layout.health.raw_run(portal_id, DAYS[day])
        rows = pq.read_table(folder / "link_visit.parquet", partitioning=None).to_pylist()
        assert [r["position"] for r in rows] == list(range(len(rows)))
        return {r["url"].removeprefix(self.servers.sites[portal_id].base): r for r in rows}


@pytest.fixture(scope="module")
def visits(servers: Servers) -> Iterator[Visits]:
    yield Visits(servers)


@pytest.mark.slow
def test_every_answer_has_its_word_and_its_record(visits: Visits) -> None:
    looks = visits.looks("mixed", 0)
    assert {path: (r["outcome"], r["http_status"], r["warc_offset"] is not None) for path, r in looks.items()} == {
        "/fine.html": ("answers", 200, True),
        "/gone.html": ("gone", 410, True),
        "/missing.html": ("gone", 404, True),
        "/broken.html": ("failed", 500, True),
        "/empty.html": ("error_page", 200, True),
        "/slow.html": ("silent", None, False),
        "/away.html": ("leads_away", None, False),
        "/guarded.html": ("refused", 403, True),
        "/secret/x.html": ("refused", None, False),
    }
    assert {r["page_links"] for r in looks.values()} == {9} and all(r["drawn"] for r in looks.values())
    gone = looks["/missing.html"]
    folder = visits.servers.context().layout.health.raw_run("mixed", DAYS[0])
    archived = read_record(folder / gone["warc_file"], gone["warc_offset"])
    assert (archived.status, archived.url) == (404, visits.mixed.base + "/missing.html")


@pytest.mark.slow
def test_each_link_is_asked_once_and_what_was_unwell_again(visits: Visits) -> None:
    paths = [r.path for r in visits.mixed.log]
    assert paths.count("/slow.html") == paths.count("/broken.html") == 2, "no retries, though the portal's manners allow two"
    assert not [path for path in paths if path.startswith(("/secret", "/inside", "/other"))]
    assert {path: (r["outcome"], r["drawn"]) for path, r in visits.looks("mixed", 1).items()} == {
        "/missing.html": ("unlinked", False),
        "/gone.html": ("gone", False),
        "/broken.html": ("answers", False),
        "/empty.html": ("error_page", False),
        "/slow.html": ("silent", False),
        "/fine.html": ("answers", True),
    }
    assert paths.count("/missing.html") == 1, "what the page no longer has is not asked"


@pytest.mark.slow
def test_a_portal_that_turns_us_away_is_left_and_its_visit_stands(visits: Visits) -> None:
    outcome = visits.outcomes[0]["walled"]
    assert outcome.status is RunStatus.COMPLETE
    looks = visits.looks("walled", 0)
    assert [r["outcome"] for r in looks.values()] == ["refused"] * 3
    assert len([r for r in visits.walled.log if r.path not in ("/", "/robots.txt")]) == 6

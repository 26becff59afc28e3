"""One crawl process over many portals, each with its own trouble: right status, right rows, nobody harmed."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pyarrow.parquet as pq
import pytest
from small_servers import RUNS, Answer, Request, Servers, Site, gkmlpt_index

from crawlers.manifest import verify_manifest
from crawlers.warc import read_record
from gongkai.ledger import StageOutcome
from gongkai.status import RunStatus
from stages.crawl import crawl


def _redirect(target: str) -> Answer:
    return Answer(b"", 302, {"Location": target})


def _gkmlpt(site: Site) -> None:
    tree = [
        {"id": 1, "name": "公开", "post_count": 4, "children": [
            {"id": 11, "name": "要点", "post_count": 3, "children": []},
            {"id": 12, "name": "年报", "post_count": 1, "children": []},
            {"id": 13, "name": "别处", "post_count": 9, "jump_url": "http://other.example/", "children": []},
        ]},
    ]  # fmt: skip
    site.paths["/gkmlpt/index"] = Answer(gkmlpt_index("990001", tree))
    for column, ids in ((11, (9000001, 9000002, 9000003)), (12, (9000004,))):
        articles = [
            {"id": i, "title": f"例市第{i}号文件", "document_number": "例府〔2025〕1号", "created_at": "2025-01-02 00:00:00",
             "url": site.base.replace("http:", "https:") + f"/gkmlpt/content/9/9000/post_{i}.html"} for i in ids
        ]  # fmt: skip
        body = {"classify": {"id": column, "name": "x", "post_count": len(ids)}, "total": len(ids), "articles": articles}
        site.paths[f"/gkmlpt/api/all/{column}?page=1&sid=990001"] = Answer(
            json.dumps(body, ensure_ascii=False).encode(), headers={"Content-Type": "application/json"}
        )
        for i in ids:
            content = json.dumps({"title": f"例市第{i}号文件", "content": f"<p>{'现将有关事项通知如下。' * 12}</p>"}, ensure_ascii=False)
            site.html(f"/gkmlpt/content/9/9000/post_{i}.html", f"<script>window._CONFIG = {{SID: '990001', DETAIL: {content}}}</script>")


def _patient(site: Site) -> None:
    """503 with Retry-After at first, then well."""
    site.trs(3)
    well = site.paths["/zwgk/gzyd/"]

    def first_tired(request: Request) -> Answer:
        if len(site.asked("/zwgk/gzyd/")) == 1:
            return Answer(b"busy", 503, {"Retry-After": "1"})
        assert isinstance(well, Answer)
        return well

    site.paths["/zwgk/gzyd/"] = first_tired


def _mixed_rows(site: Site, elsewhere: Site) -> None:
    """A pinned old row, an outbound row, a detail that leads to a private address, attachments of every fate."""
    site.trs(4, 10)
    rows = (
        "".join(site.row(i) for i in range(4))
        + site.row(5, "例市政务公开工作一图读懂", "https://mp.weixin.example/s/1")
        + site.row(6, "例市政务公开数据目录清单")
    )
    site.html("/zwgk/gzyd/", f'<ul class="list">{rows}</ul><script>createPageHTML(6, 1, 0, "index", "html");</script>')
    site.paths[f"/zwgk/gzyd{site.path(6)}"] = _redirect("http://169.254.169.254/latest/meta-data/")
    links = [f"./{name}" for name in ("a.docx", "gone.pdf", "huge.xlsx")] + [f"{elsewhere.base}/secret.pdf", "http://127.0.0.1:1/x.pdf"]
    anchors = "".join(f'<p><a href="{link}">附件：{link[-9:]}</a></p>' for link in links)
    title = '<meta name="ArticleTitle" content="例市第0号工作要点"><meta name="PubDate" content="2025-03-28">'
    site.html(f"/zwgk/gzyd{site.path(0)}", f'<div class="TRS_Editor"><p>{"要求如下。" * 30}</p>{anchors}</div>', extra=title)
    site.paths["/zwgk/gzyd/202503/a.docx"] = Answer(b"PK\x03\x04" + bytes(500), headers={"Content-Type": "application/msword"})
    site.paths["/zwgk/gzyd/202503/huge.xlsx"] = Answer(bytes(400_000), headers={"Content-Type": "application/vnd.ms-excel"})


def _compressed(site: Site) -> None:
    site.trs(3)
    for i, pack in enumerate((gzip.compress, lambda b: b, lambda b: gzip.compress(b)[:-20])):
        page = site.paths[f"/zwgk/gzyd{site.path(i)}"]
        assert isinstance(page, Answer)
        page.body = pack(page.body)
        page.headers = page.headers | {"Content-Encoding": "gzip"}


@pytest.fixture(scope="module")
def night(servers: Servers) -> tuple[Servers, dict[str, StageOutcome]]:
    add = servers.add
    whole = add("whole")
    whole.trs(12, 5)
    _mixed_rows(add("mixed"), whole)
    _gkmlpt(add("gkmlpt", family="gkmlpt", params={"sid": 990001}, sections=[{"name": "全部", "kind": "normative", "entry": "1"}]))
    other = add("other-sid", family="gkmlpt", params={"sid": 777001}, sections=[{"name": "全部", "kind": "normative", "entry": "1"}])
    _gkmlpt(other)
    challenged = add("challenged")
    challenged.trs(3)
    challenged.paths = dict.fromkeys(challenged.paths, Answer(b"<script>$_ts={}</script>", 412))
    add("down", listen=False)
    add("foreign").trs(3, code="9911000001")
    soft = add("soft404")
    soft.trs(5, 10)
    soft.html(f"/zwgk/gzyd{soft.path(2)}", "<h1>404</h1><p>对不起，您访问的页面不存在或已被删除。</p>")
    error = add("error500")
    error.trs(5, 10)
    error.paths[f"/zwgk/gzyd{error.path(1)}"] = Answer(b"oops", 500)
    hang = add("hang", manners={"delay": 0, "concurrency": 4, "timeout": 1, "retries": 0})
    hang.trs(5, 10)
    hang.detail(3, delay=4)
    add("short").trs(12, 5, declared=20)
    forbidden = add("forbidden")
    forbidden.trs(3)
    forbidden.paths["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /\n", headers={"Content-Type": "text/plain"})
    partly = add("partly-forbidden")
    partly.trs(4, 10)
    partly.paths["/robots.txt"] = Answer(f"User-agent: gongkai\nDisallow: /zwgk/gzyd{partly.path(1)}\n".encode())
    add("robots500").paths["/robots.txt"] = Answer(b"", 500)
    add("robots429").paths["/robots.txt"] = Answer(b"slowly", 429)
    loop = add("robots-loop")
    loop.trs(3)
    loop.paths |= {"/robots.txt": _redirect("/error"), "/error": _redirect("/robots.txt")}
    add("robots-huge").paths["/robots.txt"] = Answer(b"# \n" * 200_000, headers={"Content-Type": "text/plain"})
    lost = add("strange-redirects", manners={"delay": 0, "concurrency": 1, "timeout": 5, "retries": 0})
    lost.trs(7, 10)
    nowhere = ("http://[::1", "http://127.0.0.1:99999/", "")
    lost.paths |= {f"/zwgk/gzyd{lost.path(i)}": _redirect(target) for i, target in enumerate(nowhere)}
    lost.paths[f"/zwgk/gzyd{lost.path(4)}"] = _redirect(f"/zwgk/gzyd{lost.path(4)}")
    pace = {"delay": 0.3, "concurrency": 4, "timeout": 5, "retries": 0}
    shared = add("shared-host", manners=pace)
    shared.trs(3)
    add("shared-host-dept").trs(3)
    servers.entries[-1]["base_url"] = shared.base
    moved = add("moved")
    moved.paths["/zwgk/gzyd/"] = _redirect(whole.base + "/zwgk/gzyd/")
    add("private", allow_private=False).trs(3)
    _compressed(add("compressed"))
    _patient(add("patient", manners={"delay": 0, "concurrency": 2, "timeout": 5, "retries": 1}))
    endless = add("endless")
    endless.trs(5, 10, pager=False)
    first = endless.paths["/zwgk/gzyd/"]
    endless.paths |= {f"/zwgk/gzyd/index_{n}.html": first for n in range(1, 50)}
    add("empty").trs(0)
    rebound = add("rebound", allow_private=False)
    rebound.trs(3)
    servers.entries[-1]["base_url"] = rebound.base.replace("127.0.0.1", "localhost")
    refusing = add("one-refused")
    refusing.trs(5, 10)
    refusing.paths[f"/zwgk/gzyd{refusing.path(1)}"] = Answer(b"no", 403)
    closing = add("all-refused", manners={"delay": 0, "concurrency": 1, "timeout": 5, "retries": 0})
    closing.trs(8, 10)
    closing.paths |= {f"/zwgk/gzyd{closing.path(i)}": Answer(b"no", 403) for i in range(8)}
    redesigned = add("redesigned")
    redesigned.html("/zwgk/gzyd/", '<div id="app"></div><script src="/app.js"></script>')
    servers.start()
    ctx = servers.context(max_body_bytes=300_000)
    return servers, {o.portal_id: o for o in crawl(list(ctx.registry), ctx)}


@pytest.mark.parametrize(
    ("portal", "status", "notices", "reason"),
    [
        ("whole", RunStatus.COMPLETE, 12, ""),
        ("mixed", RunStatus.COMPLETE, 4, ""),
        ("gkmlpt", RunStatus.COMPLETE, 4, ""),
        ("other-sid", RunStatus.WRONG_SITE, 0, "SID 990001, expected 777001"),
        ("challenged", RunStatus.BLOCKED, 0, "HTTP 412"),
        ("down", RunStatus.UNREACHABLE, 0, "refused"),
        ("foreign", RunStatus.WRONG_SITE, 0, "SiteIDCode 9911000001, expected 9900000001"),
        ("soft404", RunStatus.PARTIAL, 4, "error page"),
        ("error500", RunStatus.PARTIAL, 4, "HTTP 500"),
        ("hang", RunStatus.PARTIAL, 4, "Timeout"),
        ("short", RunStatus.PARTIAL, 12, "12 rows seen, 20 declared"),
        ("forbidden", RunStatus.BLOCKED, 0, "robots.txt forbids"),
        ("partly-forbidden", RunStatus.PARTIAL, 3, "robots.txt forbids"),
        ("robots500", RunStatus.BLOCKED, 0, "RFC 9309"),
        ("robots429", RunStatus.BLOCKED, 0, "RFC 9309"),
        ("robots-loop", RunStatus.COMPLETE, 3, ""),
        ("robots-huge", RunStatus.BLOCKED, 0, "robots.txt cannot be read, so we stay away: larger than"),
        ("strange-redirects", RunStatus.PARTIAL, 3, "leads to what is no address: "),
        ("shared-host", RunStatus.COMPLETE, 3, ""),
        ("shared-host-dept", RunStatus.COMPLETE, 3, ""),
        ("moved", RunStatus.WRONG_SITE, 0, "another host"),
        ("private", RunStatus.UNREACHABLE, 0, "private address"),
        ("compressed", RunStatus.PARTIAL, 2, "ends too early"),
        ("patient", RunStatus.COMPLETE, 3, ""),
        ("endless", RunStatus.COMPLETE, 5, ""),
        ("empty", RunStatus.EMPTY, 0, ""),
        ("rebound", RunStatus.UNREACHABLE, 0, "localhost resolves to "),
        ("one-refused", RunStatus.PARTIAL, 4, "HTTP 403"),
        ("all-refused", RunStatus.BLOCKED, 0, "HTTP 403"),
        ("redesigned", RunStatus.BROKEN, 0, "no list rows"),
    ],
)
def test_status_and_rows(night: tuple[Servers, dict[str, StageOutcome]], portal: str, status: RunStatus, notices: int, reason: str) -> None:
    servers, outcomes = night
    outcome = outcomes[portal]
    assert (outcome.status, outcome.counts["new"]) == (status, notices), outcome
    assert reason in " ".join(outcome.reasons)
    assert bool(outcome.reasons) == (not status.is_whole)
    assert len(_rows(servers, portal, "notice")) == notices


def _rows(servers: Servers, portal: str, table: str, run_id: str = RUNS[0]) -> list[dict[str, Any]]:
    folder = servers.context().layout.raw_run(portal, run_id)
    rows: list[dict[str, Any]] = pq.read_table(folder / f"{table}.parquet", partitioning=None).to_pylist()
    return rows


def test_every_portal_commits_evidence(night: tuple[Servers, dict[str, StageOutcome]]) -> None:
    servers, outcomes = night
    layout = servers.context().layout
    assert len(outcomes) == 30
    for portal in outcomes:
        assert layout.raw_runs(portal) == [RUNS[0]]
        assert not layout.raw_partial(portal, RUNS[0]).exists()
        assert verify_manifest(layout, portal) == []


def test_listing_of_the_whole_portal(night: tuple[Servers, dict[str, StageOutcome]]) -> None:
    servers, outcomes = night
    (section,) = _rows(servers, "whole", "section_outcome")
    assert (section["declared_total"], section["rows_seen"], section["pages"], section["complete"]) == (12, 12, 3, True)
    entries = _rows(servers, "whole", "list_entry")
    assert [e["position"] for e in entries] == list(range(12))
    assert [e["page"] for e in entries] == [1] * 5 + [2] * 5 + [3] * 2
    site = servers.sites["whole"]
    assert len(site.asked()) == 12
    assert site.asked("/zwgk/gzyd/")[-13] == "/zwgk/gzyd/", "page one is read again after the last list page"
    assert outcomes["whole"].counts["requests"] == len(site.log) == 1 + 4 + 12


def test_nothing_but_the_own_host_is_contacted(night: tuple[Servers, dict[str, StageOutcome]]) -> None:
    servers, outcomes = night
    assert outcomes["mixed"].counts["outbound"] == 2
    by_name = {a["name"][-9:]: (a["status"], a["reason"]) for a in _rows(servers, "mixed", "attachment")}
    assert sorted(status for status, _ in by_name.values()) == ["archived", "failed", "refused", "refused", "too_large"]
    assert not servers.sites["whole"].asked("secret")
    assert servers.sites["private"].log == servers.sites["rebound"].log == []


def test_a_closed_door_is_not_knocked_at_for_ever(night: tuple[Servers, dict[str, StageOutcome]]) -> None:
    servers, _ = night
    assert len(servers.sites["all-refused"].asked()) == 3


def test_a_list_link_in_the_other_scheme_is_fetched_in_the_portals_own(night: tuple[Servers, dict[str, StageOutcome]]) -> None:
    servers, _ = night
    notices = _rows(servers, "gkmlpt", "notice")
    assert {n["native_id"] for n in notices} == {"9000001", "9000002", "9000003", "9000004"}
    assert all(n["url"].startswith("http://127.0.0.1") for n in notices)
    assert {n["doc_number"] for n in notices} == {"例府〔2025〕1号"}


def test_archived_payload_is_what_was_sent(night: tuple[Servers, dict[str, StageOutcome]]) -> None:
    servers, _ = night
    folder = servers.context().layout.raw_run("compressed", RUNS[0])
    sent = servers.sites["compressed"].paths
    for notice in _rows(servers, "compressed", "notice"):
        exchange = read_record(folder / notice["warc_file"], notice["warc_offset"])
        page = sent[notice["url"].removeprefix(servers.sites["compressed"].base)]
        assert isinstance(page, Answer)
        plain = gzip.decompress(page.body) if page.body.startswith(b"\x1f\x8b") else page.body
        assert exchange.payload == plain
        assert exchange.status == 200


def test_retry_after_is_kept(night: tuple[Servers, dict[str, StageOutcome]]) -> None:
    servers, _ = night
    lists = [r.at for r in servers.sites["patient"].log if r.path == "/zwgk/gzyd/"]
    assert lists[1] - lists[0] >= 1.0


def test_two_portals_of_one_host_share_its_pace(night: tuple[Servers, dict[str, StageOutcome]]) -> None:
    """Ten requests of two portals, 0.3 s apart as the more careful one asks: no faster than one portal alone."""
    at = [request.at for request in night[0].sites["shared-host"].log]
    assert len(at) == 10
    assert at[-1] - at[0] > 9 * 0.3 - 0.2

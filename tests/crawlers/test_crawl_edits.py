"""Edits that hide: files replaced under their old name, portals that lie about what changed, and what changes though nobody edited it."""

from __future__ import annotations

from pathlib import Path

import pytest
from one_process import Nights
from small_servers import Answer, Request, Site

from crawlers.manifest import verify_manifest
from crawlers.validators import Validators
from crawlers.warc import Record
from gongkai.ledger import StageOutcome
from gongkai.status import RunStatus

_FAR = "Fri, 01 Jan 2100 00:00:00 GMT"


def _page(site: Site, i: int, *, title: str = "", text: str = "请认真贯彻落实。", day: str = "", inner: str = "", number: str = "") -> None:
    title, day = title or f"例市第{i}号工作要点", day or site.day(i)
    table = f"<table><tr><th>文号</th><td>{number}</td></tr></table>" if number else ""
    main = f'<h1>{title}</h1>{table}<div class="TRS_Editor"><p>{text * 9}（第{i}号）</p>{inner}</div>'
    extra = f'<meta name="ArticleTitle" content="{title}"><meta name="PubDate" content="{day}">'
    site.html(f"/zwgk/gzyd{site.path(i)}", main, extra=extra)


def _file(site: Site, name: str, content: bytes) -> str:
    """A file beside the pages, and the line that links it."""
    site.paths[f"/zwgk/gzyd/202503/{name}"] = Answer(b"PK\x03\x04" + content * 300, headers={"Content-Type": "application/msword"})
    return f'<p><a href="./{name}">附件：{name}</a></p>'


def _numbers(nights: Nights, night: int) -> list[int]:
    return sorted(int(n["url"].rpartition("_")[2][:-5]) - 1000 for n in nights.rows("notice", night))


@pytest.mark.slow
def test_eighty_edits_of_seven_kinds_are_eighty_versions_and_most_are_undone(tmp_path: Path) -> None:
    """450 notices; no list shows any of the edits; the next night twelve of them are as they were."""
    nights = Nights(tmp_path, {"manners": {"delay": 0, "concurrency": 8, "retries": 0}})
    site = nights.site
    site.trs(450, 50)
    for i in range(450):
        _page(site, i, inner=_file(site, f"f{i}.docx", b"1") if i % 9 == 0 else "")
    assert nights.night().counts["attachments"] == 50
    edited = {i: kind for kind, i in enumerate(i for i in range(2, 450, 5) if i % 9)} | {9 * n: -1 for n in range(0, 50, 2)}
    edited = dict(sorted(edited.items(), key=lambda item: item[1] % 97)[:80])
    for i, kind in edited.items():
        match kind % 6 if kind >= 0 else -1:
            case -1:
                _file(site, f"f{i}.docx", b"2")  # the page is what it was, byte for byte
            case 0:
                _page(site, i, title=f"例市第{i}号工作要点（修订）")
            case 1:
                _page(site, i, text="请认真贯彻落实！")
            case 2:
                _page(site, i, day="2025-04-01")
            case 3:
                _page(site, i, inner=_file(site, "neu.docx", b"3"))
            case 4:
                _page(site, i, number="例政发〔2025〕7号", text="请认真贯彻、落实。")
            case 5:
                _page(site, i, text="一夜之间的错稿。")
    second = nights.night(rewalk=True)
    assert (second.status, second.counts["changed"]) == (RunStatus.COMPLETE, 80)
    assert _numbers(nights, 2) == sorted(edited)
    undone = [i for i, kind in edited.items() if kind >= 0 and kind % 6 == 5]
    for i in undone:
        _page(site, i)
    third = nights.night(rewalk=True)
    assert (_numbers(nights, 3), third.status) == (sorted(undone), RunStatus.COMPLETE)
    first = {n["notice_id"]: n["version"] for n in nights.rows("notice", 1)}
    assert all(n["version"] == first[n["notice_id"]] for n in nights.rows("notice", 3)), "back to the version it had"
    assert nights.rows("removal", 2) == nights.rows("removal", 3) == []
    assert verify_manifest(nights.layout, "p") == []


def test_a_replaced_file_is_a_version_with_its_own_rows(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    site = nights.site
    site.trs(1)
    _page(site, 0, inner=_file(site, "a.docx", b"1") + _file(site, "b.docx", b"1"))
    nights.night()
    _file(site, "b.docx", b"2")
    nights.night(rewalk=True)
    (before, after) = (nights.rows("attachment", night) for night in (1, 2))
    assert [(a["name"], a["status"], a["version"]) for a in after] == [
        (a["name"], "archived", nights.rows("notice", 2)[0]["version"]) for a in before
    ]
    assert [a["payload_digest"] == b["payload_digest"] for a, b in zip(before, after, strict=True)] == [True, False]
    assert before[0]["version"] != after[0]["version"]
    del site.paths["/zwgk/gzyd/202503/b.docx"]  # could not see is not changed
    third = nights.night(rewalk=True)
    assert (third.status, third.counts["changed"]) == (RunStatus.COMPLETE, 0)


def test_an_edited_number_in_the_head_and_a_date_that_only_the_list_has_make_versions(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    site = nights.site

    def listed(day: str) -> None:
        rows = f'<li><a href="./a/1.html">例市一号要点</a><span>{day}</span></li>' + site.row(0)
        site.html("/zwgk/gzyd/", f'<ul class="list">{rows}</ul><script>createPageHTML(2, 1, 0, "index", "html");</script>')

    site.html("/zwgk/gzyd/a/1.html", f'<h1>例市一号要点</h1><div class="TRS_Editor"><p>{"各部门要抓好落实。" * 20}</p></div>')
    listed("2025-03-04")
    _page(site, 0, number="例政发〔2025〕1号")
    nights.night()
    _page(site, 0, number="例政发〔2025〕11号")
    listed("2025-03-05")
    assert nights.night(rewalk=True).counts["changed"] == 2
    assert {(n["doc_number"], n["published_at"]) for n in nights.rows("notice", 2)} == {
        ("例政发〔2025〕11号", "2025-03-28"),
        (None, "2025-03-05"),
    }
    assert nights.night(rewalk=True).counts["changed"] == 0


@pytest.mark.parametrize(
    "inner",
    [
        "<p>发布时间：2025-03-04　来源：市政府办　浏览次数：<span>{n}</span></p>",
        "<div>（阅读 {n} 次）</div>",
        "<p>本文已被浏览{n}次</p>",
        "<span>页面生成时间：2026-03-04 10:11:{n}</span>",
        '<form><input type="hidden" name="_csrf" value="{n}"></form>',
        '<p><a href="/f/download.jsp?id=5&amp;token={n}">附件：分工.docx</a></p>',
        '<p><a href="/f/fen.docx;jsessionid={n}AF.node1">附件：分工.docx</a></p>',
    ],
)
def test_what_changes_with_each_request_makes_no_change(tmp_path: Path, inner: str) -> None:
    nights = Nights(tmp_path)
    site = nights.site
    site.trs(2)
    for path in ("/f/fen.docx", *(f"/f/download.jsp?id=5&token={n}" for n in (10, 11))):
        site.paths[path] = Answer(b"PK\x03\x04" + bytes(400), headers={"Content-Type": "application/msword"})
    for n in (10, 11):
        _page(site, 0, inner=inner.format(n=n))
        nights.night(rewalk=True)
    assert [o.status for o in nights.outcomes] == [RunStatus.COMPLETE] * 2
    assert nights.outcomes[1].counts["changed"] == 0


def test_figures_that_a_notice_reports_are_no_counter(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    nights.site.trs(1)
    for n in (10, 11):
        _page(nights.site, 0, inner=f"<p>全年网站运行平稳，政策解读栏目阅读量{n}万次，比上年有所增长。</p>")
        nights.night(rewalk=True)
    assert nights.outcomes[1].counts["changed"] == 1


def test_a_session_in_each_link_makes_no_new_notice(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    site = nights.site
    for n in (1, 2):
        site.trs(3)
        page = site.paths["/zwgk/gzyd/"]
        assert isinstance(page, Answer)
        page.body = page.body.replace(b'.html"', f'.html;jsessionid=A{n}.node"'.encode())
        nights.night(rewalk=True)
    assert [o.counts["new"] for o in nights.outcomes] == [3, 0]
    assert not [path for path in site.asked() if "jsessionid" in path]


def _on(nights: Nights, day: int, *, rewalk: bool = False) -> StageOutcome:
    """The night of a later day; those between were none."""
    nights.outcomes += nights.outcomes[-1:] * (day - 1 - len(nights.outcomes))
    return nights.night(rewalk=rewalk)


def _lying(site: Site, path: str) -> None:
    """From now on the page's ETag never changes, whatever its content."""
    pages = site.paths

    def answer(request: Request) -> Answer:
        if request.headers.get("if-none-match"):
            return Answer(b"", 304, {"ETag": '"1"'})
        page = pages[f"true {path}"]
        assert isinstance(page, Answer)
        return Answer(page.body, 200, page.headers | {"ETag": '"1"'})

    pages[f"true {path}"], pages[path] = pages[path], answer


def test_a_304_is_believed_for_a_week_of_lists_a_month_of_pages_and_never_against_the_list(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    site = nights.site
    site.trs(6, 10)
    path = {i: f"/zwgk/gzyd{site.path(i)}" for i in range(7)}
    for name in ("/zwgk/gzyd/", path[3], path[4]):
        _lying(site, name)
    nights.night()
    other = Site(80)
    other.trs(7, 10)
    _page(other, 3, text="改过的要点。")
    _page(other, 4, title="例市第4号工作要点（修订）")
    for i in (3, 4):
        site.paths[f"true {path[i]}"] = other.paths[path[i]]
    site.paths[path[6]] = other.paths[path[6]]
    rows = "".join(site.row(i, "例市第4号工作要点（修订）" if i == 4 else None) for i in range(7))
    other.html("/zwgk/gzyd/", f'<ul class="list">{rows}</ul><script>createPageHTML(7, 1, 0, "index", "html");</script>')
    site.paths["true /zwgk/gzyd/"] = other.paths["/zwgk/gzyd/"]
    found = [(o.counts["new"], o.counts["changed"], o.counts["not_modified"]) for o in (_on(nights, day) for day in (2, 7, 8))]
    assert found == [(0, 0, 1), (0, 0, 1), (1, 1, 0)], "the list tells of one edit"
    weekly = [_on(nights, day, rewalk=True) for day in (9, 28, 29)]
    assert [(o.counts["changed"], o.counts["not_modified"]) for o in weekly] == [(0, 2), (0, 2), (1, 1)]
    assert _numbers(nights, 29) == [3]


@pytest.mark.parametrize(
    ("modified", "sent"), [("Sun, 01 Mar 2026 10:00:00 GMT", True), (_FAR, False), ("gestern", False), ("1 Mar 2026 10:00:00", False)]
)
def test_a_last_modified_later_than_its_answer_is_not_sent_back(modified: str, sent: bool) -> None:
    record = Record("20260301T183000Z", "crawl.warc.gz", 7, "u", "2026-03-01T18:30:00.000000Z", "ab")
    headers = Validators('"1"', modified, record).headers
    assert headers == {"If-None-Match": '"1"'} | ({"If-Modified-Since": modified} if sent else {})

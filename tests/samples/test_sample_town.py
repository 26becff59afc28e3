"""The town over real sockets: each dialect speaks as its family does, each fault behaves as its name says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from gongkai.registry import load_registry
from samples.model import sample_registry
from samples.town import Town, running_town

CLIENT = httpx.Client()
"""One for all: each new client reads the system's certificates again."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running_town(tmp_path_factory.mktemp("town")) as running:
        yield running


def ask(town: Town, portal: str, path: str, headers: dict[str, str] | None = None, timeout: float = 5) -> tuple[int, httpx.Headers, bytes]:
    answer = CLIENT.get(town.addresses[portal] + path, headers=headers, timeout=timeout)
    return answer.status_code, answer.headers, answer.content


def text(town: Town, portal: str, path: str, encoding: str = "utf-8") -> str:
    status, _, body = ask(town, portal, path)
    assert status == 200
    return body.decode(encoding)


def test_written_registry_has_the_running_addresses(town: Town) -> None:
    written = load_registry(town.registry)
    assert {p.id: p.base_url for p in written.values()} == town.addresses
    assert list(written) == list(sample_registry())
    assert all(p.allow_private for p in written.values())


def test_portals_are_told_apart_by_address(town: Town) -> None:
    assert "青岚市人民政府" in text(town, "sample-qinglan", "/")
    assert "柏川市人民政府" in text(town, "sample-bochuan", "/")
    assert len(set(town.addresses.values())) == len(town.addresses)


def test_one_port_per_portal_on_the_one_address(tmp_path: Path) -> None:
    with running_town(tmp_path, ports=True) as town:
        assert {a.rsplit(":", 1)[0] for a in town.addresses.values()} == {"http://127.0.0.1"}
        assert "霁州市" in text(town, "sample-jizhou", "/", "gbk")
        assert town.requests[-1].portal_id == "sample-jizhou"


def test_later_no_list_has_what_was_taken_down_and_its_address_says_so(town: Town, tmp_path: Path) -> None:
    """9111455 answers 404, 9112060 with an error page and status 200; 9111310 of the same section stands."""

    def state(town: Town) -> dict[int, tuple[bool, int, bool]]:
        listed = text(town, "sample-yunhe", "/gkmlpt/api/all/20003?page=1&sid=990021")
        found = {}
        for number in (9111310, 9111455, 9112060):
            status, _, body = ask(town, "sample-yunhe", f"/gkmlpt/content/9/{number // 1000}/post_{number}.html")
            found[number] = (f'"id": {number}' in listed, status, "云府办〔2023〕" in body.decode())
        return found

    assert set(state(town).values()) == {(True, 200, True)}
    with running_town(tmp_path, later=True) as later:
        assert state(later) == {9111310: (True, 200, True), 9111455: (False, 404, False), 9112060: (False, 200, False)}
        _two_days_are_forged(town, later)


def _two_days_are_forged(town: Town, later: Town) -> None:
    """9112188 prints an earlier day over the same text; 9130077 is new and says that it is old."""

    def listed(town: Town) -> dict[int, str]:
        rows = json.loads(text(town, "sample-yunhe", "/gkmlpt/api/all/20003?page=1&sid=990021"))["articles"]
        return {row["id"]: row["created_at"] for row in rows if row["id"] in (9112188, 9130077)}

    assert listed(town) == {9112188: "2023-04-03 08:50:00"}
    assert listed(later) == {9112188: "2023-03-31 08:50:00", 9130077: "2023-05-24 09:20:00"}
    path = "/gkmlpt/content/9/9112/post_9112188.html"
    before, after = (
        re.sub(r"hits\">\d+", "", text(t, "sample-yunhe", path).replace(t.addresses["sample-yunhe"], "")) for t in (town, later)
    )
    assert before.replace("2023-04-03", "2023-03-31") == after
    etags = [ask(t, "sample-yunhe", path)[1]["ETag"] for t in (town, later)]
    assert etags[0] != etags[1]


def test_gkmlpt_index_has_the_tree_and_an_external_column(town: Town) -> None:
    page = text(town, "sample-qinglan", "/gkmlpt/index")
    assert "window._CONFIG" in page
    assert "SID: '990001'" in page
    tree = json.loads(re.search(r"TREE: (\[.*\])", page).group(1))  # type: ignore[union-attr]  # absent fails the test
    leaves = {n["name"]: n for n in tree[0]["children"]}
    assert leaves["规范性文件"] == {"id": 10003, "name": "规范性文件", "parent": 1, "post_count": 6, "jump_url": "", "children": []}
    assert leaves["政务服务"]["jump_url"]


def test_gkmlpt_list_pages_zero_and_one_are_the_same_and_the_end_is_a_404(town: Town) -> None:
    pages = [ask(town, "sample-qinglan", f"/gkmlpt/api/all/10003?page={n}&sid=990001") for n in range(4)]
    assert [status for status, _, _ in pages] == [200, 200, 200, 404]
    zero, one, two = (json.loads(body) for _, _, body in pages[:3])
    assert zero == one
    assert (one["total"], len(one["articles"]), len(two["articles"])) == (6, 4, 2)
    assert not {a["id"] for a in one["articles"]} & {a["id"] for a in two["articles"]}


def test_gkmlpt_dates_are_epoch_seconds_in_china(town: Town) -> None:
    listed = json.loads(text(town, "sample-qinglan", "/gkmlpt/api/all/10001?page=1&sid=990001"))["articles"]
    plan = next(a for a in listed if a["id"] == 9103540)
    assert datetime.fromtimestamp(plan["date"], UTC).isoformat() == "2023-05-11T16:00:00+00:00"  # 12 May in China
    assert plan["created_at"] == "2023-05-18 10:20:00"
    assert plan["document_number"] == "青府办〔2023〕18号"


def test_gkmlpt_flags_what_is_abolished_and_links_elsewhere(town: Town) -> None:
    rows = json.loads(text(town, "sample-qinglan", "/gkmlpt/api/all/10003?page=2&sid=990001"))["articles"]
    assert {r["id"]: r["is_abolished"] for r in rows}[9071530] == 1
    news = [json.loads(text(town, "sample-qinglan", f"/gkmlpt/api/all/10004?page={n}&sid=990001"))["articles"] for n in (1, 2)]
    assert [a["url"] for page in news for a in page if not a["url"].startswith(town.addresses["sample-qinglan"])]


def test_gkmlpt_detail_is_escaped_in_one_portal_and_markup_in_another(town: Town) -> None:
    escaped = text(town, "sample-qinglan", "/gkmlpt/content/9/9103/post_9103540.html")
    assert "\\u003Ctable" in escaped
    assert "索 引 号：" in escaped
    plain = text(town, "sample-yunhe", "/gkmlpt/content/9/9112/post_9112201.html")
    assert '<div class="article-content">' in plain
    assert "三溪水库一级保护区" in plain


def test_gkmlpt_attachments_are_listed_with_their_true_size(town: Town) -> None:
    report = json.loads(text(town, "sample-yunhe", "/gkmlpt/api/all/20002?page=1&sid=990021"))["articles"][0]
    attachment = report["attachment"][0]
    status, headers, body = ask(town, "sample-yunhe", attachment["url"].removeprefix(town.addresses["sample-yunhe"]))
    assert (status, len(body), headers["Content-Type"]) == (200, attachment["size"], attachment["mime"])
    assert body.startswith(b"PK")


def test_trs_list_pages_and_both_calls(town: Town) -> None:
    first = text(town, "sample-bochuan", "/zwgk/szfwj/")
    assert first == text(town, "sample-bochuan", "/zwgk/szfwj/index.html")
    assert 'createPageHTML(2, 0, "index", "html");' in first
    second = text(town, "sample-bochuan", "/zwgk/szfwj/index_1.html")
    assert 'createPageHTML(2, 1, "index", "html");' in second
    assert ask(town, "sample-bochuan", "/zwgk/szfwj/index_2.html")[0] == 404
    assert 'createPageHTML(6, 1, 0, "index", "shtml");' in text(town, "sample-jizhou", "/xxgk/gggs/", "gbk")


def test_trs_rows_pin_cut_and_date(town: Town) -> None:
    rows = re.findall(r"<li>(.*?)</li>", text(town, "sample-bochuan", "/zwgk/szfwj/").split('<ul class="list">')[1])
    assert rows[0].startswith('<em class="top">[置顶]</em>')
    assert "2022-09-07" in rows[0]  # pinned: older than all that follow
    assert 'title="柏川市人民政府关于支持个体工商户恢复发展的若干措施"' in rows[0]
    assert "…</a>" in rows[0]
    assert re.search(r'href="\./202405/t20240524_101318\.html"', rows[1])
    assert "<span>[2024-07-03]</span>" in text(town, "sample-jizhou", "/xxgk/gggs/", "gbk")
    assert "<span>08-13</span>" in text(town, "sample-zhuyu", "/zfxxgk/gg/")


def test_trs_detail_has_metas_editor_and_attachment_beside_it(town: Town) -> None:
    page = text(town, "sample-bochuan", "/zwgk/szfwj/202405/t20240524_101318.html")
    assert '<meta name="SiteIDCode" content="9902000001">' in page
    assert '<meta name="PubDate" content="2024-05-24 11:30">' in page
    assert '<div class="TRS_Editor">' in page
    name = re.search(r'href="\./(P0\d+\.docx)"', page)
    assert name
    assert ask(town, "sample-bochuan", f"/zwgk/szfwj/202405/{name.group(1)}")[2].startswith(b"PK")


def test_conditional_requests(town: Town) -> None:
    path = "/zwgk/szfwj/202405/t20240524_101318.html"
    status, headers, body = ask(town, "sample-bochuan", path)
    again = ask(town, "sample-bochuan", path)
    assert status == again[0] == 200
    assert body != again[2]  # the click counter moved
    assert headers["ETag"] == again[1]["ETag"]
    assert ask(town, "sample-bochuan", path, {"If-None-Match": headers["ETag"]})[0::2] == (304, b"")
    assert ask(town, "sample-bochuan", path, {"If-Modified-Since": headers["Last-Modified"]})[0] == 304
    assert ask(town, "sample-bochuan", path, {"If-None-Match": '"other"'})[0] == 200
    assert [s.status for s in town.requests if s.path == path][-3:] == [304, 304, 200]


def test_robots(town: Town) -> None:
    assert text(town, "sample-qinglan", "/robots.txt") == "User-agent: *\nDisallow: /search\n"
    assert text(town, "sample-wangxia", "/robots.txt") == "User-agent: *\nDisallow: /\n"


def test_gbk_page_lies_about_its_charset(town: Town) -> None:
    _, headers, body = ask(town, "sample-jizhou", "/xxgk/zwgk/202206/t20220602_300118.shtml")
    assert headers["Content-Type"] == "text/html"
    assert b'<meta charset="gb2312">' in body
    assert "陶喆、沈堃" in body.decode("gbk")
    with pytest.raises(UnicodeDecodeError):
        body.decode("gb2312")


def test_list_declares_more_than_it_shows(town: Town) -> None:
    page = json.loads(text(town, "sample-jindu", "/gkmlpt/api/all/40002?page=1&sid=990041"))
    assert (page["total"], len(page["articles"])) == (3, 1)


def test_server_error_soft_404_and_hang(town: Town) -> None:
    assert ask(town, "sample-jindu", "/gkmlpt/content/9/9217/post_9217700.html")[0] == 500
    status, _, body = ask(town, "sample-zhuyu", "/zfxxgk/gg/202408/t20240813_421166.htm")
    assert status == 200
    assert "页面不存在" in body.decode()
    with pytest.raises(httpx.ReadTimeout):
        ask(town, "sample-zhuyu", "/zfxxgk/gg/202407/t20240709_421160.htm", timeout=0.5)
    assert town.requests[-1].status == 0


def test_whole_portals_that_refuse(town: Town) -> None:
    status, _, body = ask(town, "sample-yanling", "/zwgk/ndbg/")
    assert status == 412
    assert b"document.cookie" in body
    assert town.down == {"sample-lanqiao"}
    with pytest.raises(httpx.ConnectError, match="refused"):
        ask(town, "sample-lanqiao", "/")


def test_wrong_site_broken_and_empty(town: Town) -> None:
    assert 'content="9911000001"' in text(town, "sample-yuanlan", "/gkmlpt/index")
    redesigned = text(town, "sample-wuting", "/zwgk/wj/")
    assert "createPageHTML" not in redesigned
    assert '<li><a href="./' not in redesigned
    empty = json.loads(text(town, "sample-xingzhu", "/gkmlpt/api/all/72001?page=1&sid=990072"))
    assert (empty["total"], empty["articles"]) == (0, [])


def test_a_taken_port_is_an_error(tmp_path: Path) -> None:
    with running_town(tmp_path) as town:
        port = int(town.addresses["sample-qinglan"].rsplit(":", 1)[1])
        with pytest.raises(OSError, match="in use"), running_town(tmp_path / "second", port=port):
            pass


_DOCUMENTS = Path(__file__).resolve().parents[3] / "shared" / "documents"


@pytest.mark.real
@pytest.mark.skipif(not _DOCUMENTS.is_dir(), reason="../shared/documents is not here")
def test_real_documents_are_served_whole(tmp_path: Path) -> None:
    with running_town(tmp_path, real=_DOCUMENTS) as town:
        assert len(load_registry(town.registry)) == len(sample_registry()) + 5
        page = text(town, "real-longnan", "/zwgk/wj/201707/t20170724_900003.html")
        lines = (_DOCUMENTS / "003_04969230b5e700cb.txt").read_text(encoding="utf-8").splitlines()
        assert all(line.strip() in page for line in lines)
        escaped = text(town, "real-zhanjiang", "/gkmlpt/content/9/9900/post_9900001.html")
        assert escaped.count("\\u003Cp style") > 300

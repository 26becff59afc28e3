"""`gongkai rows` on saved list pages: rows, declared totals, the next page, and errors that are no empty lists."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gongkai.errors import UnreadableInput
from stages.cli import gongkai

PAGES = Path(__file__).parents[2].parent / "shared" / "documents" / "pages"


def rows(path: Path, url: str, *options: str) -> dict[str, object]:
    done = CliRunner().invoke(gongkai, ["rows", str(path), "--url", url, "--full", *options], catch_exceptions=False)
    return dict(json.loads(done.stdout))


def _list(tmp_path: Path, pager: str) -> Path:
    items = "".join(
        f'<li><a href="./202503/t20250304_{n}.html">例市第{n}号工作要点通知</a><span>2025-03-04</span></li>' for n in (1001, 1002, 1003)
    )
    path = tmp_path / "list.html"
    path.write_text(f"<html><body><ul>{items}</ul>{pager}</body></html>", encoding="utf-8")
    return path


def test_static_list_names_its_next_page(tmp_path: Path) -> None:
    path = _list(tmp_path, '<script>createPageHTML(9, 3, 0, "index", "html");</script>')
    said = rows(path, "http://www.example.gov.cn/a/")
    assert said["rows"][0] == {  # type: ignore[index]  # a list of objects
        "title": "例市第1001号工作要点通知",
        "url": "http://www.example.gov.cn/a/202503/t20250304_1001.html",
        "date": "2025-03-04",
        "doc_number": None,
        "index_number": None,
        "validity": None,
        "period": None,
        "attachments": [],
    }
    assert (said["declared_total"], said["next"]) == (9, "http://www.example.gov.cn/a/index_1.html")
    assert rows(path, "http://www.example.gov.cn/a/index_1.html")["next"] == "http://www.example.gov.cn/a/index_2.html"
    assert rows(path, "http://www.example.gov.cn/a/index_2.html")["next"] is None


def test_what_is_printed_unasked_is_the_rows_the_total_and_the_next_page(tmp_path: Path) -> None:
    path = _list(tmp_path, '<script>createPageHTML(3, 1, "index", "html");</script>')
    done = CliRunner().invoke(gongkai, ["rows", str(path), "--url", "http://www.example.gov.cn/a/index_1.html"], catch_exceptions=False)
    said = json.loads(done.stdout)
    assert list(said) == ["rows", "declared_total", "next"]
    assert list(said["rows"][0]) == ["title", "url", "date", "doc_number"]
    assert (said["declared_total"], said["next"]) == (None, "http://www.example.gov.cn/a/index_2.html")
    assert done.stderr == "L-PAGE-TWO: page two is _1\n"


def test_a_link_to_the_next_page_is_followed(tmp_path: Path) -> None:
    path = _list(tmp_path, '<a href="?p=1">上一页</a><a href="?p=3">下一页</a>')
    assert rows(path, "http://www.example.gov.cn/a/?p=2", "--family", "generic")["next"] == "http://www.example.gov.cn/a/?p=3"


def test_a_family_may_be_called_by_its_dialect_or_another_name(tmp_path: Path) -> None:
    path = _list(tmp_path, "")
    for name in ("trs_was5", "x_shhex", "truecms"):
        assert len(rows(path, "http://www.example.gov.cn/a/", "--family", name)["rows"]) == 3  # type: ignore[arg-type]
    with pytest.raises(UnreadableInput, match="trs_vcm: no family of that name; known are gkmlpt, trs_wcm"):
        rows(path, "http://www.example.gov.cn/a/", "--family", "trs_vcm")


def test_an_error_answer_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    path.write_text('{"code": 500, "msg": "system error"}', encoding="utf-8")
    with pytest.raises(UnreadableInput, match="code=500"):
        rows(path, "http://www.example.gov.cn/api", "--family", "generic")


def test_a_column_page_prints_its_own_rows_and_what_the_service_has_behind_them(tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    record = "<record><![CDATA[<li><a href='/art/2025/3/4/art_22_6.html'>例市第1001号工作要点通知</a><b>2025-03-04</b></li>]]></record>"
    call = "proxyUrl:'/module/web/jpage/dataproxy.jsp',totalRecord:120,perPage:15,ajaxParam:{columnid:22,unitid:'33'}"
    path.write_text(
        f"<script type='text/xml'><datastore><recordset>{record}</recordset></datastore></script><script>x.jpage({{{call}}})</script>"
    )
    said = rows(path, "http://www.example.gov.cn/col/col22/index.html", "--family", "hanweb_jcms")
    assert [row["title"] for row in said["rows"]] == ["例市第1001号工作要点通知"]  # type: ignore[attr-defined]
    assert (said["declared_total"], said["findings"]) == (120, [])
    assert "dataproxy.jsp?startrecord=2&endrecord=46" in str(said["next"])
    assert "dataproxy.jsp?startrecord=1&endrecord=45" in str(said["leads_to"])
    path.write_text(f"<script>x.jpage({{{call}}})</script>")
    bare = rows(path, "http://www.example.gov.cn/col/col22/index.html", "--family", "hanweb_jcms")
    assert bare["rows"] == [] and [bare["next"]] == bare["leads_to"]


@pytest.mark.parametrize(
    ("url", "count", "following"),
    [
        ("http://www.example.gov.cn/gkmlpt/api/all/5?page=3&sid=1", 42, None),  # 100 a page, 242 in all
        ("http://www.example.gov.cn/gkmlpt/api/all/5?sid=1", 100, "http://www.example.gov.cn/gkmlpt/api/all/5?sid=1&page=2"),
        ("http://www.example.gov.cn/api?pageNo=13", 2, None),  # twelve pages of twenty, and two rows
    ],
)
def test_nothing_comes_behind_a_last_page_with_fewer_rows(tmp_path: Path, url: str, count: int, following: str | None) -> None:
    path = tmp_path / "answer.json"
    found = [{"title": f"例市第{n}号工作要点通知", "url": f"/a/content/post_{n}.html", "date": "2025-03-04"} for n in range(count)]
    path.write_text(json.dumps({"total": 242, "articles": found}))
    said = rows(path, url, "--family", "gkmlpt")
    assert (len(said["rows"]), said["declared_total"], said["next"]) == (count, 242, following)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "body", "count", "following"),
    [
        ("?pageIndex=3&pageSize=10", None, 5, None),  # counted from 0
        ("?pageIndex=2&pageSize=10", None, 10, "http://www.example.gov.cn/api?pageIndex=3&pageSize=10"),
        ("", '{"pageNo": 4, "pageSize": 10}', 5, None),
        ("", '{"pageNo": 3, "pageSize": 10}', 10, {"url": "http://www.example.gov.cn/api", "body": '{"pageNo": 4, "pageSize": 10}'}),
    ],
)
def test_a_last_page_counted_from_zero_or_posted(tmp_path: Path, query: str, body: str | None, count: int, following: object) -> None:
    path = tmp_path / "answer.json"
    found = [{"title": f"例市第{n}号工作要点通知", "url": f"/a/t20250304_{n}.html", "date": "2025-03-04"} for n in range(count)]
    path.write_text(json.dumps({"total": 35, "data": found}))
    options = ["--family", "trs_wcm", *(["--body", body] if body else [])]
    assert rows(path, f"http://www.example.gov.cn/api{query}", *options)["next"] == following


def test_a_date_is_a_day_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "list.html"
    items = "".join(f"<li><a href='/tjs/c1/202503/{n:032x}.shtml'>例市第{n}号工作要点通知文件</a></li>" for n in (1001, 1002, 1003))
    path.write_text(f"<ul>{items}</ul>")
    row = rows(path, "http://www.example.gov.cn/tjs/c1/list.shtml", "--family", "ucap")["rows"][0]  # type: ignore[index]
    assert row["date"] is None


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "url", "count", "total", "following"),
    [
        ("l01.html", "https://www.nmpa.gov.cn/yaopin/ypggtg/index.html", 20, 24539, "https://www.nmpa.gov.cn/yaopin/ypggtg/index_1.html"),
        ("l04.html", "http://hdzfxxgk.hd.gov.cn/", 13, None, "http://hdzfxxgk.hd.gov.cn/zfwj/jinqixxgk/"),
        ("j07.json", "http://www.example.gov.cn/search", 10, 40643, None),
        ("j08.json", "http://www.example.gov.cn/search?page=1", 20, 245264, "http://www.example.gov.cn/search?page=2"),
        ("j20.json", "http://www.example.gov.cn/search?page=9", 0, None, None),
    ],
)
def test_real_lists(name: str, url: str, count: int, total: int | None, following: str | None) -> None:
    if not (PAGES / name).exists():
        pytest.skip("the real pages are not here")
    said = rows(PAGES / name, url)
    assert (len(said["rows"]), said["declared_total"], said["next"]) == (count, total, following)  # type: ignore[arg-type]  # a list


def test_a_url_dialect_is_recognised_and_names_the_next_page(tmp_path: Path) -> None:
    items = "".join(f'<li><a href="/doc/2025/03/0{n}/100{n}.shtml">例市第{n}号工作要点通知</a></li>' for n in (1, 2, 3))
    path = tmp_path / "list.html"
    path.write_text(f"<html><body><ul>{items}</ul><script>var totalPages = 9;</script></body></html>", encoding="utf-8")
    for options in ([], ["--family", "generic", "--dialect", "x_intertid"]):
        said = rows(path, "http://www.example.gov.cn/a/index_2.shtml", *options)
        assert [row["date"] for row in said["rows"]] == ["2025-03-01", "2025-03-02", "2025-03-03"]  # type: ignore[attr-defined]  # objects
        assert said["next"] == "http://www.example.gov.cn/a/index_3.shtml"


def test_an_unknown_dialect_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="x_none: no dialect of that name"):
        rows(_list(tmp_path, ""), "http://www.example.gov.cn/a/", "--dialect", "x_none")

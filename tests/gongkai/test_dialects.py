"""URL dialects as data: what an address says, where page n lies, and mistakes in the file named with their line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.dialects import Pages, day_in, load_dialects, period_in, read_dialects
from gongkai.errors import RegistryError
from gongkai.settings import PROJECT
from transforms.pages.dialect_links import dialect_of, matched

HEX, UUID = "0123456789abcdef" * 2, "01234567-89ab-cdef-0123-456789abcdef"
GOOD = """\
dialects:
  - name: x_one
    article: '/(?P<y>\\d{4})/(?P<id>\\d{1,9})\\.html'
    pages: {file: "{stem}_{page}.{ext}"}
    source: a test
"""


@pytest.mark.parametrize(
    ("path", "dialect", "native", "day"),
    [
        (f"/gw/20250304/{HEX}.html", "x_shhex", HEX, "2025-03-04"),
        (f"/10462/13241/2025/3/4/{HEX}.shtml", "x_schex", HEX, "2025-03-04"),
        ("/web/ywdt/2025030414225567890/index.shtml", "x_webidx", "2025030414225567890", "2025-03-04"),
        ("/czt/tzgg/2025030414225567890/index.shtml", "x_tsid", "2025030414225567890", "2025-03-04"),
        ("/czt/tzgg/1999999914225567890/index.shtml", "x_tsid", "1999999914225567890", None),
        ("/qzf/tzgg/2284411/index.html", "x_numid", "2284411", None),
        ("/n6/n36/c10500100/content.html", "x_ccontent", "c10500100", None),
        (f"/columns/{UUID}/202503/04/{UUID}.html", "x_hbuuid", UUID, "2025-03-04"),
        ("/doc/2025/03/04/4819891.shtml", "x_intertid", "4819891", "2025-03-04"),
        ("/gk/zcfg/1947213344568352.html", "x_gaiban", "1947213344568352", None),
        ("/zwgk/tzgg/content_3456789.html", "x_pcon", "content_3456789", None),
        ("/html/LJSZF/202503/0174112233445566.html", "x_glist", "0174112233445566", None),
        ("/yxs/tzgg/20250304/1593453.html", "x_ymd8", "1593453", "2025-03-04"),
        ("/hudongjiaoliu/zcjd/2025-03-04/36001.html", "x_datepath", "36001", "2025-03-04"),
        ("/zwgk/system/2025/03/04/030065432.shtml", "x_qhsys", "030065432", "2025-03-04"),
        ("/chinapeace/c100007/2025-03/04/content_12701234.shtml", "x_content_ymd", "content_12701234", "2025-03-04"),
        (f"/20250304/{HEX}/c.html", "x_nea", HEX, "2025-03-04"),
        ("/seac/c102486/202503/1150001.shtml", "x_cmon", "1150001", None),
        ("/p1/3381/2824/97001.html", "x_p1", "p1/3381/2824/97001", None),
        ("/safe/2025/0304/25801.html", "x_safe", "25801", "2025-03-04"),
    ],
)
def test_an_address_names_dialect_id_and_day(path: str, dialect: str, native: str, day: str | None) -> None:
    url = f"https://www.example.gov.cn{path}"
    found = matched(url)
    assert found is not None
    assert (dialect_of("", url), found["id"]) == (dialect, native)
    assert day_in(found) == (dt.date.fromisoformat(day) if day else None)


@pytest.mark.parametrize(
    "path",
    ["/zwgk/index.html", "/zwgk/index_12.html", "/zwgk/12.html", "/zwgk/2025/", "/20250304/index.html", "/202503/index.html", "/", ""],
)
def test_pager_files_and_date_directories_are_no_notices(path: str) -> None:
    assert matched(f"http://www.example.gov.cn{path}") is None


def test_an_address_with_a_month_or_a_year_alone_names_no_day() -> None:
    month = matched("http://www.example.gov.cn/html/LJSZF/202503/017411.html")
    assert month is not None
    assert (day_in(month), period_in(month)) == (None, "2025-03")
    year = load_dialects()["custom_search_api"].match(f"http://www.example.gov.cn/art/2025/art_{HEX}.html")
    assert year is not None
    assert (day_in(year), period_in(year)) == (None, "2025")
    never = matched("http://www.example.gov.cn/html/LJSZF/202513/017411.html")
    assert never is not None
    assert period_in(never) is None


@given(st.text(max_size=200))
def test_no_address_breaks_the_matching(text: str) -> None:
    matched(text)
    dialect_of(text, text)
    for dialect in load_dialects().values():
        if dialect.pages:
            dialect.pages.number(f"http://www.example.gov.cn/{text.replace('[', '').replace(']', '')}")


@given(st.integers(2, 5000), st.sampled_from(["{stem}_{page}.{ext}", "{page}.{ext}", "{stem}-{page}.{ext}", "index_pc_{page}.html"]))
def test_a_pages_address_says_its_number_and_leads_to_the_next(number: int, file: str) -> None:
    pages = Pages(file=file)
    url = pages.file_url("http://www.example.gov.cn/a/list.shtml", number)
    assert url is not None
    assert pages.number(url) == number
    assert pages.file_url(url, number + 1) == pages.file_url("http://www.example.gov.cn/a/list.shtml", number + 1)


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("x_one", "X one"), 2, "name: String should match pattern"),
        (("{4}", "+"), 2, "unbounded quantifier"),
        (("(?P<id>", "(?P<id"), 2, "not a pattern"),
        (("(?P<y>", "(?P<d>"), 2, "a day needs its month"),
        (("{page}", "{number}"), 2, "`file` needs {page}"),
        (("source:", "sauce:"), 2, "x_one"),
        (("dialects:", "dialect:"), 1, "expected the one key `dialects`"),
        (("    article: '/(?P<y>\\d{4})/(?P<id>\\d{1,9})\\.html'\n", ""), 2, "needs a `note`"),
        (("    source: a test\n", "    source: a test\n  - {name: x_one, note: again, source: a test}\n"), 6, "duplicate dialect 'x_one'"),
        (("- name", "- [name"), None, "not YAML"),
    ],
)
def test_a_mistake_names_file_and_line(tmp_path: Path, change: tuple[str, str], line: int | None, words: str) -> None:
    path = tmp_path / "dialects.yaml"
    assert change[0] in GOOD
    path.write_text(GOOD, encoding="utf-8")
    assert list(read_dialects(path)) == ["x_one"]
    path.write_text(GOOD.replace(*change), encoding="utf-8")
    with pytest.raises(RegistryError) as caught:
        read_dialects(path)
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"{path}:{line}: " if line else f"{path}:")


def test_every_dialect_says_where_it_was_seen_and_which_sections_ask_it() -> None:
    dialects = load_dialects()
    assert {"x_shhex", "x_hbuuid", "x_intertid", "x_gaiban", "x_ccontent", "x_glist", "x_channel_list", "xxgk-list", "nav"} <= set(dialects)
    loose = ["x_pcon", "x_numid", "x_gaiban"]
    assert list(dialects)[-3:] == loose  # loose shapes last


def test_the_page_for_people_names_every_dialect() -> None:
    page = (PROJECT / "docs" / "add-a-portal.md").read_text(encoding="utf-8")
    assert [name for name in load_dialects() if f"`{name}`" not in page] == []

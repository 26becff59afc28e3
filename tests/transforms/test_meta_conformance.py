"""META tags of a page against the table: what is there, missing, or says nothing; and mistakes in the table named."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.errors import RegistryError
from gongkai.meta_tags import PageKind, load_meta_tags, read_meta_table
from gongkai.rules import load_rules
from transforms.pages import read_notice
from transforms.pages.meta_conformance import judge_tags, printed_tags, read_conformance
from transforms.pages.tree import Tree

CLEAN = {
    "SiteName": "例市人民政府门户网站",
    "SiteDomain": "www.lishi.example",
    "SiteIDCode": "9900000001",
    "ColumnName": "规范性文件",
    "ColumnDescription": "例市规范性文件",
    "ColumnKeywords": "规范性文件",
    "ColumnType": "政策文件",
    "ArticleTitle": "关于停车的通知",
    "PubDate": "2024-05-24 11:30",
    "ContentSource": "例市人民政府办公室",
}
OWN = "例市人民政府"


def page(tags: dict[str, str], *more: tuple[str, str]) -> str:
    printed = "\n".join(f'<meta name="{n}" content="{html.escape(v)}">' for n, v in [*tags.items(), *more])
    return f"<!DOCTYPE html>\n<html><head>{printed}<title>关于停车的通知</title></head><body><h1>关于停车的通知</h1></body></html>"


def faults(text: str, kind: PageKind, site_name: str | None = OWN) -> tuple[list[str], list[str]]:
    reading = read_conformance(text, kind, site_name)
    assert reading is not None
    told = reading.columns()
    assert told["meta_missing"] is not None and told["meta_dirty"] is not None
    return told["meta_missing"], told["meta_dirty"]


@pytest.mark.parametrize(("kind", "required"), [("home", 3), ("column", 7), ("content", 8)])
def test_what_each_kind_of_page_carries(kind: PageKind, required: int) -> None:
    reading = read_conformance(page(CLEAN), kind, OWN)
    assert reading is not None
    assert reading.columns() == {"meta_required": required, "meta_missing": [], "meta_dirty": []}
    bare = read_conformance("<html><head></head><body>一</body></html>", kind, OWN)
    assert bare is not None
    assert bare.columns()["meta_missing"] == [name for name in CLEAN if name in bare.required]


def test_optional_tags_are_told_and_never_count() -> None:
    reading = read_conformance(page(CLEAN, ("Keywords", "null"), ("Author", "办公室")), "content", OWN)
    assert reading is not None
    optional = {name: state for name, state in reading.states.items() if name not in reading.required}
    assert optional == {"Keywords": "dirty", "Author": "clean", "Description": "missing", "Image": "missing", "Url": "missing"}
    assert reading.columns()["meta_dirty"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SiteName", "另市人民政府"),
        ("SiteName", "  "),
        ("SiteDomain", "http://www.lishi.example"),
        ("SiteDomain", "www.lishi.example/"),
        ("SiteDomain", "例市.政务"),
        ("SiteIDCode", "28"),
        ("SiteIDCode", "９９０００００００１"),  # digits of full width
        ("SiteIDCode", "bm0700001"),
        ("ColumnName", "null"),
        ("ColumnType", "undefined"),
        ("ArticleTitle", ""),
        ("ArticleTitle", "{$title}"),
        ("ContentSource", "{{source}}"),
        ("PubDate", "2024-05-24 11:30:05"),
        ("PubDate", "2024-05-24"),
        ("PubDate", "2024-13-24 11:30"),
        ("PubDate", "2024-05-24 24:00"),
        ("PubDate", "2024年5月24日 11:30"),
    ],
)
def test_what_is_dirty(name: str, value: str) -> None:
    assert faults(page(CLEAN | {name: value}), "content") == ([], [name])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SiteName", "例市人民政府"),
        ("SiteName", "例市 人民政府网站"),
        ("SiteIDCode", "bm07000001"),
        ("SiteIDCode", "3590000001"),  # a zone's prefix of its own
        ("SiteDomain", "LISHI.gov.cn"),
        ("PubDate", " 2020-02-29 00:00 "),
    ],
)
def test_what_is_clean(name: str, value: str) -> None:
    assert faults(page(CLEAN | {name: value}), "content") == ([], [])


def test_another_name_is_dirty_only_where_ours_is_known() -> None:
    assert faults(page(CLEAN | {"SiteName": "另市人民政府"}), "home", None) == ([], [])


def test_one_clean_value_of_several_is_enough() -> None:
    assert faults(page(CLEAN, ("pubdate", "null"), ("COLUMNTYPE", "解读回应")), "content") == ([], [])
    assert faults(page(CLEAN | {"PubDate": "null"}, ("pubdate", "2024")), "content") == ([], ["PubDate"])


@pytest.mark.parametrize("text", ["", '{"rows": []}', "cb([])", "<li><a href='/a.html'>一</a></li>", "\ufeff[1]", "纯文本 <html"])
def test_no_page_lacks_no_tags(text: str) -> None:
    assert read_conformance(text, "column", OWN) is None


def test_a_notice_keeps_what_it_prints() -> None:
    fields = read_notice(page({"PUBDATE": "null", "SiteName": "例市", "viewport": "x"}), None, "generic")
    assert fields.meta_tags == {"pubdate": ("null",), "sitename": ("例市",)}


@given(
    st.dictionaries(st.sampled_from(sorted(CLEAN)), st.text(max_size=30), max_size=10),
    st.sampled_from(["home", "column", "content"]),
    st.booleans(),
)
def test_every_tag_has_one_state_in_any_spelling(tags: dict[str, str], kind: PageKind, upper: bool) -> None:
    values = {name: value.replace("\x00", "") for name, value in tags.items()}
    reading = judge_tags({name.lower(): (value,) for name, value in values.items()}, kind, OWN)
    assert list(reading.states) == [tag.name for tag in load_meta_tags().of(kind)]
    assert {n for n, state in reading.states.items() if state == "missing"} == {n for n in reading.states if n not in values}
    told = reading.columns()
    assert not set(told["meta_missing"] or ()) & set(told["meta_dirty"] or ())
    assert len([*(told["meta_missing"] or ()), *(told["meta_dirty"] or ())]) <= (told["meta_required"] or 0)
    spelled = {name.upper() if upper else name: "例" for name in values}
    assert set(printed_tags(Tree.of(page(spelled)))) == {name.lower() for name in values}


@given(st.text(max_size=200))
def test_any_text_is_read_or_left(text: str) -> None:
    reading = read_conformance(text, "content", None)
    assert reading is None or reading.columns()["meta_required"] == 8


def test_the_rule_is_as_sure_as_the_table() -> None:
    assert {e.confidence for e in load_rules()["meta-tags"].editions} == {load_meta_tags().required_confidence} == {"M"}


GOOD = """\
required_confidence: M
tags:
- {name: SiteName, pages: [home, content], required: true, confidence: C}
- {name: PubDate, pages: [content], required: true, form: '[0-9]+', confidence: C}
"""


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("name: PubDate", "name: sitename", "sitename stands twice"),
        ("[home, content]", "[home, home]", "names a kind of page twice"),
        ("[home, content]", "[]", r"tags\.0\.pages"),
        ("[home, content]", "[front]", r"tags\.0\.pages"),
        ("'[0-9]+'", "'[0-9+'", "no pattern"),
        ("confidence: M", "confidence: X", "required_confidence"),
        ("required: true, form", "form", r"tags\.1\.required"),
        ("tags:", "tags: [", "not YAML"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    assert right in GOOD
    (tmp_path / "meta.yaml").write_text(GOOD.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(RegistryError, match=told):
        read_meta_table(tmp_path / "meta.yaml")

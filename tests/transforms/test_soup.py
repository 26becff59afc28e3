"""The BeautifulSoup tree of a body: what gets a node, what is believed, and the bounds."""

from __future__ import annotations

import warnings

import pytest
from bs4 import Tag
from bs4.element import PageElement
from hypothesis import given
from hypothesis import strategies as st
from work_spent import assert_grows, assert_quick

from gongkai.errors import UnreadableInput
from transforms import soup as module
from transforms.attributes import without_attribute_floods
from transforms.pages.tree import Tree
from transforms.soup import read_soup


def _names(source: str) -> list[str]:
    return [tag.name for tag in read_soup(source)[0].find_all(True)]


def test_markup_of_the_look_has_no_node_unless_it_hides() -> None:
    soup, findings = read_soup("<p><span style='color:red'>甲<b>乙</b></span><font style='display:none'>丙</font></p>")
    assert [tag.name for tag in soup.find_all(True)] == ["html", "body", "p", "font"]
    assert soup.p is not None
    assert [str(node) for node in soup.p.contents] == ["甲乙", '<font style="display:none">丙</font>']
    assert findings == []


def test_the_text_is_not_decoded_again() -> None:
    soup, _ = read_soup("\ufeff<html><head><meta charset=gb2312></head><body>公开𠮷\ud800</body></html>")
    assert soup.get_text().strip() == "公开𠮷?"


def test_short_text_and_xhtml_bring_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert _names("a.html")[:2] == ["html", "body"]
        assert "p" in _names('<?xml version="1.0"?><div><p>甲</p></div>')


@pytest.mark.parametrize("nothing", ["", " \n", "<!-- 甲 -->", "<!DOCTYPE html>"])
def test_neither_tags_nor_words(nothing: str) -> None:
    with pytest.raises(UnreadableInput, match="no HTML"):
        read_soup(nothing)


def test_what_lies_too_deep_is_left_out_and_said() -> None:
    depth = module.MAX_DEPTH - 2  # html and body
    soup, findings = read_soup("<div>" * depth + "上<p>下</p>" + "</div>" * depth + "<p>后</p>")
    assert soup.get_text().strip() == "上后"
    assert [finding.rule for finding in findings] == ["html_too_deep"]
    assert read_soup("<div>" * depth + "上")[1] == []


def test_elements_beyond_the_bound_are_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ELEMENTS", 4)
    soup, findings = read_soup("<p>一</p><p>二</p><p>三<i>四</i></p>")
    assert soup.get_text().strip() == "一二"
    assert [finding.rule for finding in findings] == ["html_too_many"]


def test_texts_far_down_cost_no_more_than_texts_at_the_top() -> None:
    assert_grows(lambda depth: read_soup("<div>" * depth + "甲<p></p>" * 20_000), 1, 2_000, at_most=3)


@given(st.text(alphabet="<>/pdivtablehmr \n&甲乙!-=\"'", max_size=200))
def test_the_links_from_node_to_node_are_whole(source: str) -> None:
    try:
        soup, _ = read_soup(source)
    except UnreadableInput:
        return
    nodes: list[PageElement] = []
    ahead: list[PageElement] = [soup]
    while ahead:
        node = ahead.pop()
        nodes.append(node)
        if isinstance(node, Tag):
            ahead.extend(reversed(node.contents))
    assert [id(node) for node in soup.descendants] == [id(node) for node in nodes[1:]]


_MANY = " ".join(f"a{n}" for n in range(300_000))


@pytest.mark.parametrize(
    "flood",
    [
        f"<p {_MANY}>",
        f"<p x=\">\" y='<a>' {_MANY}>",
        "<p " + _MANY.replace(" ", '="1"') + ">",
        "<p/" + _MANY.replace(" ", "/") + ">",
        f"<p z' b\" {_MANY}>",
    ],
)
def test_a_tag_of_many_attributes_costs_no_more_than_its_length(flood: str) -> None:
    """libxml2 compares each attribute with all before it: 300,000 took more than five minutes, in which a crawl could not end."""
    page = f"<html><body><h1 class=t>甲</h1>{flood}乙</p></body></html>"
    assert_quick(lambda: (Tree.of(page), read_soup(page)), 5)
    assert [element.tag for element in Tree.of(page).elements] == ["html", "body", "h1", "p"]
    soup, _ = read_soup(page)
    assert soup.p is not None and soup.p.get_text() == "乙"


def test_honest_tags_keep_what_they_have() -> None:
    picture = "data:image/png;base64," + "iVBORw0KGgo/AAAA+" * 3000
    page = f'<p {" ".join(f"a{n}=1" for n in range(2000))}>甲</p><img src="{picture}" alt="a = b / c">'
    assert without_attribute_floods(page) == page

"""The generic family driven by dialects: nothing that a portal sends breaks the reading; shells, jumps and caps told apart."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.dialects import load_dialects
from gongkai.errors import UnreadableInput
from transforms.pages import read_list, read_notice
from transforms.pages.contract import JumpsTo, ListRequest, NotThisLayout
from transforms.pages.shells import behind_proxy

URL = "http://www.example.gov.cn/a/index.html"
_HREFS = st.sampled_from(
    ["index_2.html", "/doc/2025/03/04/1.shtml", "http://[::1/", "javascript:x()", "//", "?", "2.html", "/gw/20259999/" + "0" * 32 + ".html"]
)
_PIECES = st.one_of(
    st.text(max_size=30),
    st.builds('<li><a href="{0}">例市关于示例事项的通知</a><span>2025-03-04</span></li>'.format, _HREFS),
    st.builds("<script>location.href='{0}'</script>".format, _HREFS),
    st.builds("<iframe src='{0}'></iframe>".format, _HREFS),
    st.builds("<meta http-equiv=refresh content='0;url={0}'>".format, _HREFS),
    st.builds("<a href='{0}'>2024年</a>".format, _HREFS),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_PIECES, max_size=8).map("".join), st.sampled_from(sorted(load_dialects())))
def test_any_page_is_read_or_refused(html: str, dialect: str) -> None:
    with contextlib.suppress(UnreadableInput):
        read_list(html, URL, "generic", params={"dialect": dialect})
    with contextlib.suppress(UnreadableInput):
        read_notice(html, URL, "generic")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["data", "list", "title", "url", "status", "x"]), inner),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(_JSON, st.sampled_from([d.name for d in load_dialects().values() if d.api]))
def test_any_answer_is_read_or_refused(answer: object, dialect: str) -> None:
    with contextlib.suppress(UnreadableInput):
        read_list(json.dumps(answer), URL, "generic", request=ListRequest(url=URL, body="a=1"), params={"dialect": dialect})


@pytest.mark.parametrize(
    "script",
    [
        'if (location.href == "http://www.example.gov.cn/a/") { show(); }',
        'var target = location.href; document.title = "x";',
        "location.href = base + '/m/';",
        "location.reload();",
    ],
)
def test_scripts_that_only_look_at_the_address_are_no_jump(script: str) -> None:
    with pytest.raises(NotThisLayout):
        read_notice(f"<html><body><script>{script}</script></body></html>", URL, "generic")


def test_a_page_that_renews_itself_is_no_jump() -> None:
    for refresh in ("300", "300;url=index.html", "0;url=index.html#top"):
        with pytest.raises(NotThisLayout):
            read_notice(f'<meta http-equiv="refresh" content="{refresh}"><p>请稍候</p>', URL, "generic")
    with pytest.raises(JumpsTo) as jump:
        read_notice('<meta http-equiv="refresh" content="3; url=\'http://www.example.gov.cn/b/1.html\'"><p>请稍候</p>', URL, "generic")
    assert jump.value.target == "http://www.example.gov.cn/b/1.html"


def test_an_ipv6_proxy_is_nobodys_own_address() -> None:
    assert behind_proxy("https://www-beian-gov-cnx45c0a.ipv6best.cn/portal/")
    assert not behind_proxy("https://ipv6best.cn.example.gov.cn/")
    assert not behind_proxy("http://[bad")

"""Fingerprints of walls: each is hit by a page of its own and by nothing that merely speaks of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from crawlers.blocking import Challenge, Kind, challenge_of, challenges, is_cookie_loop
from crawlers.warc import Exchange
from samples.scenarios.walls import WALLS


def _answer(status: int, body: bytes | str = b"", **headers: str) -> Exchange:
    payload = body.encode() if isinstance(body, str) else body
    return Exchange("http://x/", status, headers, payload, datetime.now(UTC))


def _html(script: str = "", text: str = "", title: str = "", head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}<script>{script}</script></head><body>{text}</body></html>"


PAGES: list[tuple[str, Exchange]] = [
    ("412 script cookie (瑞数 and alike)", _answer(412)),
    ("521 __jsl_clearance (加速乐)", _answer(521, b"x")),
    ("__jsl_clearance (加速乐)", _answer(200, _html("document.cookie='__jsl_clearance_s=1|0|x'"))),
    ("__jsl_clearance (加速乐)", _answer(200, "<script>document.cookie='__jsl_clearance=1'")),  # the script never closes
    ("C3VK cookie", _answer(200, _html("document.cookie='C3VK=a1;max-age=300'"))),
    ("script $_ts (瑞数)", _answer(200, _html("$_ts=window['$_ts'];"))),
    ("script $_ts (瑞数)", _answer(202, _html("$_ts = {};"))),
    ("WZWS (网站卫士)", _answer(200, _html("var wzwschallenge='x';"))),
    ("WZWS by region (网站卫士 GeoBL)", _answer(403, _html(text="blocked: GeoBL"))),
    ("F5", _answer(200, _html(title="Request Rejected", text="The requested URL was rejected. Your support ID is: 1"))),
    ("acw_sc__v2 cookie (阿里云)", _answer(200, _html("setCookie('acw_sc__v2',x)"))),
    ("EdgeOne script (腾讯云)", _answer(200, _html("document.cookie='__tst_status=1#'"))),
    ("Wangsu (网宿)", _answer(403, b"no", server="ws-node-7")),
    ("Aliyun (阿里云)", _answer(405, _html(text="<img src=//errors.aliyun.com/images/TB.png>"))),
    ("EdgeOne (腾讯云)", _answer(200, _html(title="访问受限 | EdgeOne"))),
    ("EdgeOne (腾讯云)", _answer(567, _html(text="本站由 EdgeOne 提供防护"))),
    ("request stopped (many vendors)", _answer(200, _html(text="很抱歉，您的请求可能存在威胁，已被拦截"))),
    ("request stopped (many vendors)", _answer(200, _html(text="您的请求可能存在威胁，已被拦截").encode("gbk"))),
    ("by status", _answer(403)),
    ("by status", _answer(493, "x" * 200_000)),
]


@pytest.mark.parametrize(("name", "answer"), PAGES)
def test_each_wall_is_known_by_its_page(name: str, answer: Exchange) -> None:
    found = challenge_of(answer)
    assert (found.name if found else None) == name


def test_every_fingerprint_has_a_page_and_a_scenario() -> None:
    names = [c.name for c in challenges()]
    assert len(names) == len(set(names)) == 15
    assert {name for name, _ in PAGES} == set(names)
    hit = {c.name for wall in WALLS if (c := challenge_of(_answer(wall.reply.status, wall.reply.body, **_lower(wall.reply.headers))))}
    assert hit == set(names)


def _lower(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}


_QUOTES = (
    "脚本 __jsl_clearance、C3VK=、$_ts=、acw_sc__v2、wzwschallenge、__tst_status，"
    "提示 GeoBL、您的请求可能存在威胁，已被拦截、由 EdgeOne 提供防护"
)
_LONG = "各部门要结合实际认真贯彻落实，确保各项任务按时完成。" * 40


@pytest.mark.parametrize(
    "answer",
    [
        _answer(200, _html(text="<p>关于 __jsl_clearance、C3VK=、$_ts=、acw_sc__v2 等脚本的说明</p>")),  # told, not done
        _answer(200, _html(text=f"<p>{_QUOTES}</p>", head='<meta name="ArticleTitle" content="关于网站防护提示的说明">')),
        _answer(200, _html(text=f"<p>{_QUOTES}</p><p>{_LONG}</p>")),  # a page without META tags, but with something to read
        _answer(200, _html(text="<p>&lt;title&gt;Request Rejected&lt;/title&gt;</p>", title="关于访问异常的说明")),
        _answer(200, _html("$_ts=window['$_ts'];", head="<meta content='例市人民政府' name='SiteName'>")),  # what 瑞数 leaves on good pages
        _answer(200, _html(text="正文" * 50_000 + "__jsl_clearance")),
        _answer(200, b"", server="WS-web-server"),
        _answer(404),
        _answer(500),
        _answer(302),
        _answer(200, b'{"code": 0, "data": []}'),
        _answer(200, b""),
    ],
)
def test_near_misses(answer: Exchange) -> None:
    assert challenge_of(answer) is None


def test_kinds_are_told_apart_in_words() -> None:
    told = {c.name: c.told for c in challenges()}
    assert told["C3VK cookie"] == "challenge: C3VK cookie"
    assert told["F5"] == "block page sent as a good one: F5"
    assert told["Wangsu (网宿)"] == "refused by a firewall: Wangsu (网宿)"
    assert told["by status"] == "refused: by status"
    assert {c.kind for c in challenges()} == set(Kind)
    assert [c.name for c in challenges() if not c.decisive] == ["by status"]


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "x", "kind": "challenge", "decisive": True},
        {"name": "x", "kind": "challenge", "decisive": True, "script": ["a"]},
        {"name": "x", "kind": "challenge", "decisive": True, "body": ["a"], "max_bytes": 10},
        {"name": "x", "kind": "weather", "decisive": True, "statuses": [412]},
    ],
)
def test_a_fingerprint_without_bounds_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Challenge.model_validate(entry)


@pytest.mark.parametrize(
    ("location", "hops", "loop"),
    [
        (b"/a", 2, True),
        (b"http://x/a", 2, True),
        (b"http://x/a#top", 5, True),
        (b"/a", 1, False),  # the first time it may just set a cookie
        (b"/b", 2, False),
        (None, 2, False),
        (b" ", 2, False),  # leads nowhere
    ],
)
def test_cookie_loop(location: bytes | None, hops: int, loop: bool) -> None:
    assert is_cookie_loop("http://x/a", 302, location, hops) is loop
    assert not is_cookie_loop("http://x/a", 200, location, hops)


def test_the_table_names_where_other_troubles_are_told() -> None:
    text = Path("crawlers/challenges.yaml").read_text(encoding="utf-8")
    for file in ("transforms/pages/refusals.py", "crawlers/article.py", "crawlers/blocking.py"):
        assert file in text
        assert Path(file).exists()

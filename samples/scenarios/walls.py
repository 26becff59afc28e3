"""Walls and strangers: challenges, firewalls, block pages with status 200, front pages instead of articles, other bodies' pages.

Every page here is rewritten: a few lines that carry the mark by which the real one is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from gongkai.status import RunStatus
from samples.scenarios.front import Asked, Front, Reply, moved, page
from samples.scenarios.model import Expected, Fault, Night, Scenario, Watch
from samples.scenarios.notices import manners, notice, notices, one_night
from samples.scenarios.wire import once

_OTHERS = (1001, 1002, 1004, 1005)
_PARTIAL = Expected(RunStatus.PARTIAL, _OTHERS)


@dataclass(frozen=True)
class Wall:
    """A page that means "not you"."""

    name: str
    does: str
    reply: Reply
    says: str


def _stub(script: str, body: str = "", status: int = 200) -> Reply:
    return Reply(f"<html><head><script>{script}</script></head><body>{body}</body></html>".encode(), status)


def _text(title: str, body: str, status: int, *headers: tuple[str, str]) -> Reply:
    return Reply(f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode(), status, headers=headers)


WALLS = (
    Wall(
        "wall-412",
        "412 with a script that is to set a cookie (瑞数 and alike)",
        _stub('$_ts=window["$_ts"];if(!$_ts)$_ts={};$_ts.nsd=1;', status=412),
        "challenge: 412",
    ),
    Wall(
        "wall-521",
        "521 with a script that sets __jsl_clearance (加速乐)",
        _stub("document.cookie='__jsl_clearance=1'", "", 521),
        "challenge: 521",
    ),
    Wall(
        "wall-jsl-200",
        "the __jsl_clearance script with status 200",
        _stub("document.cookie='__jsl_clearance_s=9';location.reload()"),
        "__jsl_clearance",
    ),
    Wall(
        "wall-c3vk",
        "a script that sets C3VK, with status 200",
        _stub("document.cookie='C3VK=ab12;path=/';location.reload();"),
        "challenge: C3VK",
    ),
    Wall("wall-ts-200", "the $_ts script with status 200", _stub("var $_ts=window.$_ts||{};$_ts.cd='q';"), "challenge: script $_ts"),
    Wall("wall-wzws-200", "a WZWS script with status 200 (网站卫士)", _stub("location='/WZWSRELw==?wzwschallenge=V1'"), "challenge: WZWS"),
    Wall("wall-wzws-region", "WZWS refuses our region with 403 (GeoBL)", _text("403", "访问被拒绝 GeoBL", 403), "firewall: WZWS"),
    Wall(
        "wall-wangsu",
        "403 of a Wangsu node (网宿)",
        _text("403 Forbidden", "Forbidden", 403, ("Server", "WS-web-server")),
        "firewall: Wangsu",
    ),
    Wall(
        "wall-aliyun",
        "405 of an Aliyun firewall (阿里云)",
        _text("405", '很抱歉，您的请求被阻断 <img src="//errors.aliyun.com/e.png">', 405),
        "firewall: Aliyun",
    ),
    Wall("wall-acw", "a script that sets acw_sc__v2, with status 200", _stub("setCookie('acw_sc__v2', arg1);"), "challenge: acw_sc__v2"),
    Wall(
        "wall-f5-200",
        "F5 says Request Rejected with status 200",
        _text("Request Rejected", "The requested URL was rejected. Your support ID is: 7", 200),
        "block page sent as a good one: F5",
    ),
    Wall(
        "wall-edgeone-200",
        "EdgeOne blocks with status 200 (腾讯云)",
        _text("访问受限 | EdgeOne", "您的请求被拦截，由 EdgeOne 提供防护", 200),
        "block page sent as a good one: EdgeOne",
    ),
    Wall(
        "wall-edgeone-script",
        "an EdgeOne script with status 200",
        _stub("document.cookie='EO_Bot_Ssid=1';location.reload()"),
        "challenge: EdgeOne",
    ),
    Wall(
        "wall-stopped-200",
        "请求可能存在威胁，已被拦截 with status 200",
        _text("提示", "您的请求可能存在威胁，已被拦截", 200),
        "request stopped",
    ),
    Wall("wall-401", "401 everywhere", Reply(b"", 401), "refused: by status"),
    Wall("wall-403", "403 everywhere", Reply(b"no", 403), "refused: by status"),
    Wall("wall-422", "422 everywhere", Reply(b"no", 422), "refused: by status"),
    Wall("wall-493", "493 everywhere", Reply(b"no", 493), "refused: by status"),
)


def _everywhere(reply: Reply) -> Fault:
    def fault(front: Front) -> None:
        front.before = lambda asked, _: reply

    return fault


def _one_try(watch: Watch) -> str | None:
    asked = [p for p in watch.paths() if p != "/robots.txt"]
    return None if len(asked) == 1 else f"asked {len(asked)} times although it was told no"


def _wall(wall: Wall) -> Scenario:
    return one_night(
        wall.name, f"{wall.does}, on every page", Expected(RunStatus.BLOCKED, (), says=wall.says, witness=_one_try), _everywhere(wall.reply)
    )


def _self_redirect(front: Front) -> None:
    front.before = lambda asked, _: moved(asked.path, 302, ("Set-Cookie", f"CT6T={front.times[asked.path]}; Path=/"))


def _after_a_while(asked: Asked, front: Front) -> Reply:
    """The list and three pages are answered, then the wall stands."""
    details = sum(n for path, n in front.times.items() if "/t2025" in path)
    return WALLS[0].reply if details > 3 else front.own(asked.path)


def _walled_later(front: Front) -> None:
    front.before = _after_a_while


_QUOTED = (
    "关于网站防护提示的说明：浏览器出现 __jsl_clearance、C3VK=、$_ts= 等脚本，或者“Request Rejected”“<title>Request Rejected</title>”"
    "“您的请求可能存在威胁，已被拦截”“由 EdgeOne 提供防护”“GeoBL”字样时，请刷新页面。"
)


def _front_page(front: Front) -> Reply:
    rows = "".join(
        f'<li><a href="/xwzx/{n}.html">例市召开第{n}次全市重点工作调度会议</a><span>2025-03-0{n}</span></li>' for n in range(1, 9)
    )
    return page(f'<div class="home"><h2>要闻动态</h2><ul class="list">{rows}</ul></div>', head="<title>例市人民政府</title>")


def _front_instead(front: Front) -> None:
    front.put_detail(1003, _front_page(front))


def _list_instead(front: Front) -> None:
    front.put_detail(1003, front.own(front.list_paths()[0]))


def _list_when_fast(front: Front) -> None:
    front.put_detail(1003, once(front.own(front.list_paths()[0])))


def _slower(watch: Watch) -> str | None:
    at = [a.at for a in watch.asked if a.path.endswith("_1003.html")]
    return None if len(at) == 2 and at[1] - at[0] >= 1.9 else f"asked {len(at)} times, {at[-1] - at[0]:.1f} s apart"


def _home_instead(front: Front) -> None:
    front.put_detail(1003, moved("/"))
    front.put(_front_page(front), "/")


def _soft_404(front: Front) -> None:
    front.put_detail(1003, page('<div class="tip"><h1>404</h1><p>对不起，您访问的页面不存在或已被删除。</p></div>'))


def _foreign(code: str, name: str) -> Callable[[str], str]:
    return lambda text: text.replace("9900000001", code, 1).replace('content="例市人民政府"', f'content="{name}"', 1)


def _hijack(front: Front) -> None:
    for path in [*front.site.paths]:
        front.edit(path, _foreign("9911000001", "岚东市人民政府"))


SCENARIOS = (
    *(_wall(wall) for wall in WALLS),
    one_night(
        "wall-self-redirect",
        "every page redirects to itself with a cookie that never opens it (openresty)",
        Expected(RunStatus.BLOCKED, (), says="redirects to itself"),
        _self_redirect,
    ),
    one_night(
        "wall-after-three-pages",
        "the wall comes up in the middle of the night: what was read is kept",
        Expected(RunStatus.BLOCKED, (1005, 1004, 1003), says="challenge: 412"),
        _walled_later,
        registry=manners(concurrency=1),
    ),
    one_night(
        "page-403",
        "one page answers 403, the others well",
        replace(_PARTIAL, says="HTTP 403"),
        lambda f: f.put_detail(1003, Reply(b"no", 403)),
    ),
    one_night(
        "article-quotes-walls",
        "short articles quote the marks of walls",
        Expected(RunStatus.COMPLETE),
        notices=tuple(notice(n, words=_QUOTED) for n in range(1001, 1004)),
    ),
    one_night("front-page-instead", "one article's address shows the front page", replace(_PARTIAL, says=""), _front_instead),
    one_night("list-instead", "one article's address shows the column's list", replace(_PARTIAL, says="links instead of"), _list_instead),
    one_night(
        "list-when-asked-fast",
        "one article's address shows the list at first: asked slower, it is the article",
        Expected(RunStatus.COMPLETE, witness=_slower),
        _list_when_fast,
    ),
    one_night("home-instead", "one article's address redirects to the front page", replace(_PARTIAL, says="front page"), _home_instead),
    one_night("soft-404", "one article is an error page sent with 200", replace(_PARTIAL, says="error page"), _soft_404),
    one_night(
        "foreign-name-on-a-page",
        "one page carries another city's SiteName from a template, and our code",
        Expected(RunStatus.COMPLETE),
        lambda f: f.edit_detail(1003, _foreign("9900000001", "岚东市人民政府")),
    ),
    one_night(
        "foreign-code-on-a-page",
        "one page carries another city's SiteIDCode",
        replace(_PARTIAL, says="SiteIDCode 9911000001"),
        lambda f: f.edit_detail(1003, _foreign("9911000001", "岚东市人民政府")),
    ),
    one_night(
        "other-city",
        "another city answers at the portal's address",
        Expected(RunStatus.WRONG_SITE, (), says="SiteIDCode 9911000001"),
        _hijack,
    ),
    Scenario(
        "hijacked-for-a-night",
        "another city's pages stand at the address for one night: nothing of them is kept, nothing counts as removed",
        (
            Night(Expected(RunStatus.COMPLETE), notices(5)),
            Night(Expected(RunStatus.WRONG_SITE, (), says="expected 9900000001"), notices(3, 1101), _hijack),
            Night(Expected(RunStatus.COMPLETE, (), counts={"known": 5, "missing": 0, "removed": 0}), notices(5)),
        ),
    ),
    one_night(
        "other-sid",
        "a gkmlpt portal whose index names another SID",
        Expected(RunStatus.WRONG_SITE, (), says="SID"),
        lambda f: f.edit("/gkmlpt/index", lambda text: text.replace("SID: '990001'", "SID: '770001'")),
        family="gkmlpt",
    ),
)

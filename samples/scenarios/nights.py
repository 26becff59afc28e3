"""Several nights: edits, removals, restorations, mass changes, dead links, and nights on which the portal was not to be seen."""

from __future__ import annotations

from dataclasses import replace

from gongkai.status import RunStatus
from samples.model import NoticeContent, Style
from samples.scenarios.front import Front, Reply, page
from samples.scenarios.model import Expected, Fault, Night, Scenario
from samples.scenarios.notices import notice, notices

_SAME = Expected(RunStatus.COMPLETE, ())
_FIVE = notices(5)
_GONE = tuple(n for n in _FIVE if n.id != 1003)
_TWELVE = notices(12)
_MANY = notices(24)
_EDITED = "经研究，原定安排有所调整，现重新通知如下。"


def _edited(found: tuple[NoticeContent, ...], *numbers: int) -> tuple[NoticeContent, ...]:
    return tuple(notice(n.id, words=_EDITED) if n.id in numbers else n for n in found)


def _is_404(front: Front) -> None:
    front.put_detail(1003, Reply(b"<h1>404 Not Found</h1>", 404))


def _unlisted(front: Front) -> None:
    """1003 is still at its address, which no list shows."""
    line = next(line for line in front.own(front.list_paths()[0]).body.decode().splitlines() if "_1003.html" in line)
    front.edit_list(lambda text: text.replace(line, "").replace("createPageHTML(5,", "createPageHTML(4,"))


def _soft_404(front: Front) -> None:
    path = "/zwgk/lm1/202503/t20250306_1003.html"
    front.put(page('<div class="tip"><h1>404</h1><p>对不起，您访问的页面不存在或已被删除。</p></div>'), path)


def _page_two_500(front: Front) -> None:
    front.put(Reply(b"oops", 500), front.next_path(2))


def _down(front: Front) -> None:
    front.before = lambda asked, _: Reply(b"x" * 20, reset_after=5)


def _redesigned(front: Front) -> None:
    front.put_list(page('<div id="app"></div><script src="/static/app.3f9c1e.js"></script>'))


def _missing(**counts: int) -> Expected:
    return replace(_SAME, counts=counts)


def _removal(name: str, does: str, cause: str, *, listed: tuple[NoticeContent, ...], fault: Fault | None = None) -> Scenario:
    def night(expected: Expected) -> Night:
        return Night(expected, listed, fault) if fault else Night(expected, listed)

    return Scenario(
        name,
        does,
        (
            Night(Expected(RunStatus.COMPLETE), _FIVE),
            night(_missing(missing=1, removed=0)),
            night(replace(_missing(missing=1, removed=1), removals={1003: cause})),
        ),
    )


def _healthy(family: str) -> Scenario:
    """Beside the others, every night: whole, with its new notice on the second night and nothing else after that."""
    return Scenario(
        f"healthy-{family.replace('_', '-')}",
        f"a healthy {family} portal beside all the others; a new notice on the second night",
        (
            Night(Expected(RunStatus.COMPLETE, complete=(True,)), notices(8)),
            Night(Expected(RunStatus.COMPLETE, (1009,), complete=(True,)), notices(9)),
            Night(replace(_SAME, complete=(True,), counts={"removed": 0, "failed": 0}), notices(9)),
            Night(replace(_SAME, complete=(True,), counts={"removed": 0, "failed": 0}), notices(9)),
        ),
        family=family,
        style=Style(paging="records", page_size=5),
    )


HEALTHY = tuple(_healthy(f) for f in ("trs_wcm", "gkmlpt", "hanweb_jcms", "lonsun", "ucap", "vsb", "siteserver", "phpcms"))
SCENARIOS = (
    Scenario(
        "edit-found-by-rewalk",
        "an article is edited and its list does not show it: the re-walk finds it",
        (
            Night(Expected(RunStatus.COMPLETE), _FIVE),
            Night(_SAME, _edited(_FIVE, 1003)),
            Night(Expected(RunStatus.COMPLETE, (1003,), counts={"changed": 1, "rechecked": 5}), _edited(_FIVE, 1003)),
        ),
    ),
    Scenario(
        "title-changed",
        "an article's title changes in the list: it is read again at once",
        (
            Night(Expected(RunStatus.COMPLETE), _FIVE),
            Night(
                Expected(RunStatus.COMPLETE, (1003,), counts={"changed": 1}),
                (*_GONE, notice(1003, title="例市人民政府办公室关于调整第1003号工作安排的通知")),
            ),
        ),
    ),
    Scenario(
        "removed-and-restored",
        "an article vanishes from list and address for two whole walks, then comes back",
        (
            Night(Expected(RunStatus.COMPLETE), _FIVE),
            Night(_missing(missing=1, removed=0), _GONE),
            Night(replace(_missing(missing=1, removed=1), removals={1003: "http_404"}), _GONE),
            Night(replace(_SAME, removals={1003: "restored"}), _FIVE),
        ),
    ),
    _removal("removed-by-soft-404", "a vanished article's address shows an error page with 200", "soft_404", listed=_GONE, fault=_soft_404),
    _removal("delisted", "an article is still at its address and in no list", "delisted", listed=_FIVE, fault=_unlisted),
    Scenario(
        "lost-list-page-removes-nothing",
        "page two of the list fails for two nights: nothing counts as removed",
        (
            Night(Expected(RunStatus.COMPLETE), _TWELVE),
            Night(_SAME, _TWELVE, _page_two_500),
            Night(Expected(RunStatus.PARTIAL, (), says="HTTP 500", counts={"removed": 0}), _TWELVE, _page_two_500),
            Night(_missing(removed=0), _TWELVE),
        ),
        style=Style(paging="records", page_size=5),
    ),
    Scenario(
        "mass-deletion",
        "ten of twelve articles vanish at once: a person must look before any counts as removed",
        (
            Night(Expected(RunStatus.COMPLETE), _TWELVE),
            Night(_missing(missing=10, removed=0), _TWELVE[:2]),
            Night(Expected(RunStatus.PARTIAL, (), says="vanished from whole listings", counts={"removed": 0}), _TWELVE[:2]),
        ),
    ),
    Scenario(
        "mass-edit",
        "all of twenty-four articles change at once: the new versions are kept back until a person looks",
        (
            Night(Expected(RunStatus.COMPLETE), _MANY),
            Night(_SAME, _edited(_MANY, *(n.id for n in _MANY))),
            Night(Expected(RunStatus.PARTIAL, (), says="changed at once"), _edited(_MANY, *(n.id for n in _MANY))),
        ),
        style=Style(paging="records", page_size=30),
    ),
    Scenario(
        "dead-link",
        "an article's address answers 404 every night: after three it is a fact about the portal",
        (
            Night(Expected(RunStatus.PARTIAL, (1001, 1002, 1004, 1005), says="HTTP 404"), _FIVE, _is_404),
            Night(Expected(RunStatus.PARTIAL, (), says="HTTP 404"), _FIVE, _is_404),
            Night(Expected(RunStatus.COMPLETE, (), says="a dead link", counts={"dead": 1}), _FIVE, _is_404),
            Night(replace(_SAME, counts={"dead": 1}), _FIVE, _is_404),
        ),
    ),
    Scenario(
        "emptied",
        "a list that held five rows says 暂无信息: not believed at once",
        (
            Night(Expected(RunStatus.COMPLETE), _FIVE),
            Night(Expected(RunStatus.PARTIAL, (), says="nothing is listed", counts={"removed": 0})),
        ),
    ),
    Scenario(
        "down-for-a-night",
        "the portal resets every connection for a night: nothing is forgotten",
        (
            Night(Expected(RunStatus.COMPLETE), _FIVE),
            Night(Expected(RunStatus.UNREACHABLE, ()), _FIVE, _down),
            Night(_missing(known=5, missing=0, removed=0), _FIVE),
        ),
    ),
    Scenario(
        "redesigned",
        "the list is drawn by a script from the second night on: nothing counts as removed",
        (
            Night(Expected(RunStatus.COMPLETE), _FIVE),
            Night(Expected(RunStatus.BROKEN, (), says="rows", counts={"removed": 0}), _FIVE, _redesigned),
            Night(Expected(RunStatus.BROKEN, (), says="rows", counts={"removed": 0}), _FIVE, _redesigned),
        ),
    ),
)

"""Faults of lists: they never end, repeat themselves, shift, show other columns, lose rows, declare more than they hold."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

from gongkai.status import RunStatus
from samples.model import Outbound, Style
from samples.scenarios.front import Asked, Front, Maker, Reply, moved, page
from samples.scenarios.model import SECTION, Expected, Fault, Night, Scenario, Watch
from samples.scenarios.notices import notice, notices, numbers, one_night

_PAGED = Style(paging="records", page_size=5)
_UNCOUNTED = '<div class="page"></div>'
_WHOLE = Expected(RunStatus.COMPLETE, complete=(True,))


def _without_pager(text: str) -> str:
    """Nothing says how many pages there are."""
    start = text.index('<div class="page">')
    return text[:start] + _UNCOUNTED + text[text.index("</div>", start) + len("</div>") :]


def _page_number(path: str) -> int:
    """The number behind the list's stem: 1 for page two."""
    found = re.search(r"index_(\d+)", path)
    return int(found[1]) if found else 0


def _endless(front: Front) -> None:
    """Every page number has a row of its own, whose page is not there."""
    front.edit_list(_without_pager)

    def more(asked: Asked, _: Front) -> Reply:
        number = _page_number(asked.path)
        href = f"./202401/t20240101_{90000 + number}.html"
        return page(f'<ul class="list"><li><a href="{href}">例市政务信息动态第{number}期摘编汇总</a><span>2024-01-01</span></li></ul>')

    for number in range(2, 400):
        front.put(more, front.next_path(number))


def _repeats(front: Front) -> None:
    front.edit_list(_without_pager)
    first = front.answer(Asked(front.portal.id, 0, "GET", front.list_paths()[0], {}, b"", 0))
    front.put(first, *(front.next_path(n) for n in range(2, 60)))


def _other_column(front: Front) -> None:
    front.edit_list(_without_pager)
    rows = "".join(
        f'<li><a href="/xwzx/tpxw/202502/t20250211_{n}.html">例市举办迎新春文艺演出活动第{n}场</a><span>2025-02-11</span></li>'
        for n in range(5001, 5006)
    )
    front.put(page(f'<ul class="list">{rows}</ul>'), *(front.next_path(n) for n in range(2, 60)))


def _soft_end(front: Front) -> None:
    front.edit_list(_without_pager)
    front.put(page("<h1>404</h1><p>对不起，您访问的页面不存在</p>"), *(front.next_path(n) for n in range(2, 60)))


def _turned(front: Front, shown: dict[int, tuple[int, ...]]) -> Maker:
    """The list in the states it goes through: each answer of page one is the next state; other pages show the state of the moment.

    `shown` gives the ids per state, newest first.
    """
    rows = {n.id: n for n in front.site.content.notices}
    size = front.site.content.style.page_size
    state = [0]

    def answer(asked: Asked, _: Front) -> Reply:
        number = _page_number(asked.path)
        if number == 0:
            state[0] += 1
        ids = shown[min(state[0], max(shown))] if number == 0 else shown[min(state[0] + 1, max(shown))]
        items = "".join(
            f'<li><a href=".{front.detail(i).removeprefix(front.list_paths()[0][:-1])}">{rows[i].title}</a>'
            f"<span>{rows[i].published:%Y-%m-%d}</span></li>"
            for i in ids[number * size : (number + 1) * size]
        )
        pager = f'<script>createPageHTML({len(ids)}, {-(-len(ids) // size)}, {number}, "index", "html");</script>'
        return page(f'<ul class="list">{items}</ul>{pager}')

    return answer


def _shifting(*states: tuple[int, ...]) -> Fault:
    def fault(front: Front) -> None:
        turned = _turned(front, dict(enumerate(states, 1)))
        front.put(turned, *front.list_paths(), *(front.next_path(n) for n in range(2, 9)))

    return fault


_TWELVE = tuple(range(1012, 1000, -1))
_THIRTEEN = (1013, *_TWELVE)


def _shrinks_behind(front: Front) -> None:
    """After page two was read, one of its rows goes: the first row of page three moves to page two, where nobody looks again."""
    before, after = _TWELVE, tuple(i for i in _TWELVE if i != 1005)
    turned = _turned(front, {1: before, 2: before})
    late = _turned(front, {1: after, 2: after})
    front.put(lambda a, f: (turned if f.times.get(f.next_path(3), 0) == 0 else late)(a, f), *front.list_paths(), front.next_path(2))
    front.put(late, front.next_path(3))


def _declares(front: Front) -> None:
    front.edit_list(lambda text: text.replace("createPageHTML(5, 1,", "createPageHTML(8, 1,"))


def _page_two_lost(front: Front) -> None:
    front.put(Reply(b"oops", 500), front.next_path(2))


def _two_columns() -> dict[str, object]:
    entries = [(SECTION, "/zwgk/lm1/"), ("年度报告", "/zwgk/lm2/")]
    return {"sections": [{"name": name, "kind": "work_plan", "entry": entry} for name, entry in entries]}


def _disjoint(watch: Watch) -> str | None:
    """No notice has the key of the twin portal's."""
    import pyarrow.parquet as pq

    folder = watch.layout.raw_run("same-ids-here", watch.run_id)
    twin = set(pq.read_table(folder / "notice.parquet", partitioning=None, columns=["notice_id"])["notice_id"].to_pylist())
    shared = twin & {row["notice_id"] for row in watch.rows["notice"]}
    return f"{len(shared)} keys are the twin's, too" if shared or len(twin) != 5 else None


def _full_titles(watch: Watch) -> str | None:
    cut = [row["list_title"] for row in watch.rows["notice"] if not row["list_title"].endswith("…")]
    return f"{len(cut)} titles are not cut in the list: the scenario does not say anything" if cut else None


def _scripted(front: Front) -> None:
    front.put_list(page('<div id="app" data-channel="1"></div><script src="/static/app.3f9c1e.js"></script>'))


def _lost_rows(front: Front) -> None:
    front.put_list(page('<h2>工作要点</h2><ul class="list"></ul><div class="page"></div>'))


def _shell(head: str = "", main: str = "") -> Fault:
    """The entry is a shell; the list lies at /zwgk/lm1/list/."""

    def fault(front: Front) -> None:
        whole = front.own(front.list_paths()[0])
        body = whole.body.replace(b'href="./', b'href="../')
        front.put(replace(whole, body=body), "/zwgk/lm1/list/", "/zwgk/lm1/list/index.html")
        front.put_list(page(main, head=head))

    return fault


def _api_error(front: Front) -> None:
    body = json.dumps({"code": 500, "message": "系统繁忙，请稍后再试", "data": None}, ensure_ascii=False).encode()
    front.put_list(Reply(body, content_type="application/json"))


def _next_leads_away(front: Front) -> None:
    link = f'<a href="http://127.0.0.1:{front.trap}/plus/list.php?tid=1&amp;PageNo=2">下一页</a>'
    front.edit_list(lambda text: text.replace("<span>下一页</span>", link).replace("共5条", "共9条"))


def _base_leads_away(front: Front) -> None:
    front.edit_list(lambda text: text.replace("<head>", f'<head><base href="http://127.0.0.1:{front.trap}/">', 1))


def _post_leads_away(front: Front) -> None:
    front.before = lambda asked, f: moved(f"http://127.0.0.1:{f.trap}/rest", 307) if asked.method == "POST" else f.own(asked.path)


_REFERENCE = Outbound(
    section=SECTION, title="一图读懂例市营商环境新举措", url="https://mp.weixin.example/s/Zk3", published=date(2025, 3, 5)
)

SCENARIOS = (
    one_night(
        "list-without-end",
        "every page number answers with a row of its own, for ever; the rows lead nowhere",
        Expected(RunStatus.PARTIAL, numbers(notices(5)), says="budget", complete=(False,)),
        _endless,
    ),
    one_night("list-repeats-page-one", "page numbers past the end show page one again", _WHOLE, _repeats),
    one_night("list-runs-into-another-column", "page numbers past the end show another column's rows", _WHOLE, _other_column),
    one_night("list-ends-in-a-soft-404", "page numbers past the end are error pages sent with 200", _WHOLE, _soft_end),
    one_night(
        "list-grows-while-paged",
        "a notice is published while the list is paged: rows move down and repeat",
        _WHOLE,
        _shifting(_TWELVE, _THIRTEEN),
        notices=notices(13),
        style=_PAGED,
    ),
    one_night(
        "list-shrinks-while-paged",
        "a row of page one goes while the list is paged: a row moves to page one unseen",
        Expected(RunStatus.COMPLETE, complete=(True,)),
        _shifting(_TWELVE, tuple(i for i in _TWELVE if i != 1011)),
        notices=notices(12),
        style=_PAGED,
    ),
    one_night(
        "list-shrinks-behind-us",
        "a row of page two goes after page two was read: a row moves where nobody looks again",
        _WHOLE,
        _shrinks_behind,
        notices=notices(12),
        style=_PAGED,
    ),
    one_night(
        "list-declares-more",
        "the list declares 8 rows and holds 5",
        Expected(RunStatus.PARTIAL, says="5 rows seen, 8 declared", complete=(False,)),
        _declares,
    ),
    one_night(
        "list-page-lost",
        "page two of three answers 500",
        Expected(RunStatus.PARTIAL, _TWELVE[:5], says="HTTP 500", complete=(False,)),
        _page_two_lost,
        notices=notices(12),
        style=_PAGED,
    ),
    one_night("same-ids-here", "its notices have the ids and paths of the next portal's", _WHOLE),
    one_night("same-ids-there", "its notices have the ids and paths of the portal before", replace(_WHOLE, witness=_disjoint)),
    Scenario(
        "pinned-old-row",
        "old notices stand pinned above the new ones: the walk does not stop at the first known row",
        (
            Night(_WHOLE, (notice(1001, pinned=True), notice(1002, pinned=True), *notices(8, 1003))),
            Night(
                Expected(RunStatus.COMPLETE, (1011, 1012)),
                (notice(1001, pinned=True), notice(1002, pinned=True), *notices(10, 1003)),
            ),
        ),
        style=_PAGED,
    ),
    one_night(
        "cut-titles",
        "the list cuts titles off with … and has no title attribute",
        replace(_WHOLE, witness=_full_titles),
        style=Style(paging="records", cut=12, title_attribute=False),
    ),
    one_night(
        "outbound-rows",
        "the list mixes in links to other hosts",
        replace(_WHOLE, counts={"outbound": 1}),
        outbound=(_REFERENCE,),
    ),
    one_night("list-by-script", "the list is drawn by a script", Expected(RunStatus.BROKEN, (), says="rows", complete=(False,)), _scripted),
    one_night("list-lost-its-rows", "the list's frame is there, its rows are not", Expected(RunStatus.BROKEN, (), says="rows"), _lost_rows),
    one_night("list-empty", "the list says 暂无信息", Expected(RunStatus.EMPTY, (), complete=(True,)), notices=()),
    one_night(
        "list-behind-meta-refresh",
        "the entry only refreshes to the list's real place",
        _WHOLE,
        _shell(head='<meta http-equiv="refresh" content="0;url=./list/index.html">'),
    ),
    one_night(
        "list-behind-iframe",
        "the entry shows the list in a frame",
        _WHOLE,
        _shell(main='<iframe src="./list/index.html" width="100%"></iframe>'),
    ),
    one_night("list-empty-body", "the list answers 200 with an empty body", Expected(RunStatus.BROKEN, ()), lambda f: f.put_list(Reply())),
    one_night(
        "api-error-as-200",
        "the list's API answers an error with status 200",
        Expected(RunStatus.BROKEN, (), says="code=500", complete=(False,)),
        _api_error,
        family="gkmlpt",
    ),
    one_night(
        "one-section-lost",
        "one of two columns lost its rows: the other is read",
        Expected(RunStatus.BROKEN, says="rows", complete=(True, False)),
        lambda f: f.put_list(page('<ul class="list"></ul>'), 2),
        registry=_two_columns(),
    ),
    one_night(
        "next-page-leads-away",
        "下一页 leads to another host, which is not asked",
        Expected(RunStatus.PARTIAL, says="another host", complete=(False,)),
        _next_leads_away,
        family="dedecms",
    ),
    one_night(
        "proxy-leads-away",
        "a base tag turns the column's data service to another host, which is not asked",
        Expected(RunStatus.BROKEN, (), says="another host"),
        _base_leads_away,
        family="hanweb_jcms",
    ),
    one_night(
        "post-leads-away",
        "the list's POST is redirected (307) to another host, which is not asked",
        Expected(RunStatus.WRONG_SITE, (), says="another host"),
        _post_leads_away,
        family="epoint_ewb",
    ),
)

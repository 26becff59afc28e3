"""Faults of bytes and words: charsets that are not what they claim, dates in every format, pages without words."""

from __future__ import annotations

from dataclasses import replace

from gongkai.status import RunStatus
from samples.model import Style
from samples.scenarios.front import Front, Reply, page
from samples.scenarios.model import Expected, Fault
from samples.scenarios.notices import notice, notices, one_night

_WHOLE = Expected(RunStatus.COMPLETE, complete=(True,))


def _recoded(encoding: str, declared: str | None, header: str | None = None, mark: bytes = b"") -> Fault:
    """Every page in `encoding`, with `declared` in its meta (None: no meta) and `header` in its Content-Type."""

    def fault(front: Front) -> None:
        for path in [*front.site.paths]:
            reply = front.own(path)
            text = reply.body.decode("utf-8").replace('<meta charset="utf-8">', f'<meta charset="{declared}">' if declared else "")
            kind = f"text/html; charset={header}" if header else "text/html"
            front.put(replace(reply, body=mark + text.encode(encoding, "xmlcharrefreplace"), content_type=kind), path)

    return fault


_FORMATS = (
    "2025-03-{:02d}",
    "2025.03.{:02d}",
    "2025/3/{:d}",
    "2025年3月{:d}日",
    "[2025-03-{:02d}]",
    "（2025-03-{:02d}）",
    "03-{:02d}",
    "{:02d}日",
)
"""Eight ways to print a day of March 2025; the last stands in a box with its month."""


def _eight_dates(front: Front) -> None:
    rows = []
    for number, form in zip(range(1008, 1000, -1), _FORMATS, strict=True):
        day = number - 1000 + 2
        path = front.detail(number).removeprefix("/zwgk/lm1/")
        printed = f"<em>{day:02d}</em><i>2025-03</i>" if form == "{:02d}日" else f"<span>{form.format(day)}</span>"
        rows.append(f'<li><a href="./{path}">例市人民政府办公室关于做好第{number}号工作的通知</a>{printed}</li>')
    pager = '<script>createPageHTML(8, 1, 0, "index", "html");</script>'
    front.put_list(page(f'<ul class="list">{"".join(rows)}</ul>{pager}'))


_TRADITIONAL = tuple(
    notice(
        number,
        title=f"例市人民政府辦公室關於做好第{number}號政務公開工作的通知",
        issuer="例市人民政府辦公室",
        doc_number=None,
        body=("各區人民政府，市政府各部門：\n為進一步做好政務公開工作，經市政府同意，現將有關事項通知如下，請遵照執行。\n" * 4,),
    )
    for number in range(1001, 1006)
)
_RARE = tuple(notice(number, title=f"例市㙍镇䶮湖𠮷港片区第{number}号保护管理办法") for number in range(1001, 1006))
"""Characters that GB18030 has and GBK has not."""

SCENARIOS = (
    one_night(
        "dates-in-eight-formats",
        "every row prints its day in another format",
        replace(_WHOLE, days=tuple(f"2025-03-{d:02d}" for d in range(10, 2, -1))),
        _eight_dates,
        notices=notices(8),
    ),
    one_night(
        "gbk-as-gb2312", "GBK pages declare gb2312", _WHOLE, style=Style(paging="records", encoding="gbk", declared_encoding="gb2312")
    ),
    one_night("gbk-as-utf-8", "GBK pages declare utf-8, in the header, too", _WHOLE, _recoded("gbk", "utf-8", "utf-8")),
    one_night("gb18030-as-gbk", "characters beyond GBK on pages that declare gbk", _WHOLE, _recoded("gb18030", "gbk"), notices=_RARE),
    one_night("utf-8-as-gbk", "UTF-8 pages declare gbk", _WHOLE, _recoded("utf-8", "gbk", "gbk")),
    one_night("utf-8-as-latin-1", "UTF-8 pages whose server says iso-8859-1", _WHOLE, _recoded("utf-8", None, "iso-8859-1")),
    one_night("big5-undeclared", "Big5 pages without any declaration", _WHOLE, _recoded("big5", None), notices=_TRADITIONAL),
    one_night("big5-as-gb2312", "Big5 pages declare gb2312", _WHOLE, _recoded("big5", "gb2312"), notices=_TRADITIONAL),
    one_night("utf-16-undeclared", "UTF-16 pages without mark and declaration", _WHOLE, _recoded("utf-16-le", None)),
    one_night(
        "utf-16-as-utf-8", "UTF-16 pages with a mark that declare utf-8", _WHOLE, _recoded("utf-16-be", "utf-8", "utf-8", b"\xfe\xff")
    ),
    one_night(
        "page-with-empty-body",
        "one page answers 200 with an empty body",
        Expected(RunStatus.PARTIAL, (1001, 1002, 1004, 1005)),
        lambda f: f.put_detail(1003, Reply()),
    ),
)

"""Full reading of a page (decode, page fields, body, header, genre, tasks or metrics, citations, obligations) against trafilatura's
text extraction of the same page in the same process. Prints a line `extract html: RATIO (…)` for pages made here, which anybody can
repeat, and one for the real pages where ../shared is there; at most 1 is the target of design.md.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable

import trafilatura

from gongkai.settings import PROJECT
from transforms.parse import parse

_REAL = PROJECT.parent / "shared" / "documents" / "pages"
_LISTS = "l"  # list pages, not read by parse()
_ROUNDS = 9
_PLACES = ("甲河", "乙山", "丙州", "丁湖", "戊江", "己海", "庚城", "辛原")
_UNITS = ("市财政局", "市统计局", "市教育局", "市生态环境局", "市住房城乡建设局", "各县区政府")


def _notes(number: int) -> str:
    """Paragraphs closed by a parenthesis that names units."""
    return "".join(
        f"<p style='text-indent:2em'><span>（{'一二三四五六七八九十'[i % 10]}）推进第{number}批第{i}项领域信息公开。</span>"
        f"及时发布有关数据和执行情况，{i % 11 + 1}月底前完成，并在发布后{i % 15 + 1}个工作日内解读，方便查询使用。"
        f"（{_UNITS[i % 6]}牵头，{_UNITS[(i + 1) % 6]}配合）</p>"
        for i in range(30)
    )


def _table(number: int) -> str:
    """A responsibility table."""
    head = "".join(f"<th>{name}</th>" for name in ("序号", "工作任务", "牵头单位", "配合单位", "完成时限"))
    rows = "".join(
        f"<tr><td>{i}</td><td><p>公开第{number}批第{i}项信息，做好解读和回应。</p></td><td><p>{_UNITS[i % 6]}</p></td>"
        f"<td><p>{_UNITS[(i + 1) % 6]}、{_UNITS[(i + 2) % 6]}</p></td><td><p>{i % 12 + 1}月底前</p></td></tr>"
        for i in range(1, 31)
    )
    return f"<table border='1'><tr>{head}</tr>{rows}</table>"


def _prose(number: int) -> str:
    """A notice that is no plan."""
    return "".join(
        f"<p style='text-indent:2em'>第{number}次会议的第{i}项议题指出，要围绕群众关心的事项，做好政策的解释和说明，"
        f"收集意见建议，推动有关部门改进服务，取得了较好的效果。</p>"
        for i in range(30)
    )


_KINDS = ((_notes, "政务公开工作要点"), (_table, "政务公开任务分解表"), (_prose, "工作情况"))


def _made(number: int) -> bytes:
    """A notice in a portal's chrome of about 25 kB; no two are alike, for both tools cache by text."""
    place, year = _PLACES[number % len(_PLACES)], 2012 + number
    content, name = _KINDS[number % len(_KINDS)]
    links = "".join(f'<li class="n"><a href="/zwgk/c{number}_{i}/">栏目{number}之{i}</a></li>' for i in range(250))
    title = f"{place}市人民政府办公室关于印发{year}年{name}的通知"
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{place}市{year}年{name}</title>"
        f"<meta name='PubDate' content='{year}-05-08 09:30'><meta name='ArticleTitle' content='{title}'></head>"
        f"<body><ul class='nav'>{links}</ul><h1>{title}</h1><div class='TRS_Editor'><p>各县区人民政府，市政府各部门：</p>"
        f"<p>现将《{place}市{year}年{name}》印发给你们，请认真落实。</p><p>{place}市人民政府办公室</p>"
        f"<p>{year}年5月6日</p><p>{place}市{year}年{name}</p><p>一、总体要求</p>{content(number)}</div></body></html>"
    ).encode()


def _real() -> list[bytes]:
    return [file.read_bytes() for file in sorted(_REAL.glob("*.html")) if not file.name.startswith(_LISTS)]


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _compare(pages: list[bytes], kind: str) -> None:
    def ours() -> None:
        for data in pages:
            parse(data)

    def theirs() -> None:
        for data in pages:
            trafilatura.extract(data)  # bytes, as we get them; its caches stay warm, which is its best case

    ours()
    theirs()
    rounds = [(_seconds(ours), _seconds(theirs)) for _ in range(_ROUNDS)]
    mine, other = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(a / b for a, b in rounds)
    speeds = f"{len(pages) / mine:.0f} against {len(pages) / other:.0f} pages a second of CPU"
    print(
        f"extract html: {ratio:.2f} (full reading of a page against trafilatura text extraction: time of one by time of the other, "
        f"{len(pages)} {kind} pages, same process, {speeds})"
    )


def main() -> None:
    _compare([_made(number) for number in range(12)], "made")
    if real := _real():
        _compare(real, "real")


if __name__ == "__main__":
    main()

"""Full reading of a page (decode, page fields, body, header, genre, tasks or metrics, citations, obligations) against trafilatura's
text extraction of the same page in the same process. Prints one line `extract html: RATIO (…)`; at most 1 is the target of design.md.
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


def _made(number: int) -> bytes:
    """A notice that issues a plan, in a portal's chrome of about 25 kB; no two are alike, for both tools cache by text."""
    place, year = _PLACES[number % len(_PLACES)], 2012 + number
    links = "".join(f'<li class="n"><a href="/zwgk/c{number}_{i}/">栏目{number}之{i}</a></li>' for i in range(250))
    clauses = "".join(
        f"<p style='text-indent:2em'><span>（{'一二三四五六七八九十'[i % 10]}）推进第{number}批第{i}项领域信息公开。</span>"
        f"及时发布有关数据和执行情况，{i % 11 + 1}月底前完成，并在发布后{i % 15 + 1}个工作日内解读，方便查询使用。"
        f"（{_UNITS[i % 6]}牵头，{_UNITS[(i + 1) % 6]}配合）</p>"
        for i in range(30)
    )
    title = f"{place}市人民政府办公室关于印发{year}年政务公开工作要点的通知"
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{place}市{year}年要点</title>"
        f"<meta name='PubDate' content='{year}-05-08 09:30'><meta name='ArticleTitle' content='{title}'></head>"
        f"<body><ul class='nav'>{links}</ul><h1>{title}</h1><div class='TRS_Editor'><p>各县区人民政府，市政府各部门：</p>"
        f"<p>现将《{place}市{year}年政务公开工作要点》印发给你们，请认真落实。</p><p>{place}市人民政府办公室</p>"
        f"<p>{year}年5月6日</p><p>{place}市{year}年政务公开工作要点</p><p>一、总体要求</p>{clauses}</div></body></html>"
    ).encode()


def _pages() -> tuple[list[bytes], str]:
    real = [file.read_bytes() for file in sorted(_REAL.glob("*.html")) if not file.name.startswith(_LISTS)]
    return (real, "real") if real else ([_made(number) for number in range(12)], "made")


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def main() -> None:
    pages, kind = _pages()

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
    per_page = f"{1000 * mine / len(pages):.1f} ms against {1000 * other / len(pages):.1f} ms of CPU a page"
    print(
        f"extract html: {ratio:.2f} (full reading of a page against trafilatura text extraction, "
        f"{len(pages)} {kind} pages, same process, {per_page})"
    )


if __name__ == "__main__":
    main()

"""Full reading of annual reports, in the same process, against what others do with the same bytes. Two lines, `NAME: RATIO (…)`:

`extract report html`: against trafilatura's text extraction of the page; at most 2 is the target.
`extract report pdf`: against pdfplumber's bare `extract_tables()` of every page; at most 1.3 is the target.
"""

from __future__ import annotations

import gc
import io
import statistics
import time
from collections.abc import Callable

import pdfplumber
import trafilatura
from fpdf import FPDF
from fpdf.fonts import FontFace

from gongkai.settings import PROJECT
from transforms.parse import parse

_REAL = PROJECT.parent / "shared" / "documents" / "huaian-annual-report-2024.pdf"
_ROUNDS = 7
_ROWS = 27
_PLACES = ("甲河", "乙山", "丙州", "丁湖", "戊江", "己海")
_WORD = (
    '<p class="MsoNormal" style="text-align:center;mso-pagination:widow-orphan;line-height:21.0000pt;">'
    '<span style="font-family:仿宋;mso-hansi-font-family:Calibri;color:rgb(51,51,51);font-size:14.0000pt;">{}</span>'
    '<span style="font-family:Calibri;mso-font-kerning:0.0000pt;"><o:p></o:p></span></p>'
)
_LABELS = (
    "一、本年新收政府信息公开申请数量", "二、上年结转政府信息公开申请数量", "（一）予以公开",
    "（二）部分公开（区分处理的，只计这一情形，不计其他情形）", "1.属于国家秘密", "2.其他法律行政法规禁止公开",
    "3.危及“三安全一稳定”", "4.保护第三方合法权益", "5.属于三类内部事务信息", "6.属于四类过程性信息", "7.属于行政执法案卷",
    "8.属于行政查询事项", "1.本机关不掌握相关政府信息", "2.没有现成信息需要另行制作", "3.补正后申请内容仍不明确",
    "1.信访举报投诉类申请", "2.重复申请", "3.要求提供公开出版物", "4.无正当理由大量反复申请",
    "5.要求行政机关确认或重新出具已获取信息", "（七）总计", "四、结转下年度继续办理",
)  # fmt: skip


def _page(number: int) -> bytes:
    """A report with table 3 as Word writes it (spans in every cell, about 150 kB), in a portal's chrome; no two are alike."""
    place, year = _PLACES[number % len(_PLACES)], 2021 + number % 3
    heads = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")
    cell = '<td width="52" valign="center" style="width:39.3500pt;padding:3.7500pt 3.7500pt;">{}</td>'.format
    head = "<tr><td colspan=3>（勾稽关系）</td>" + "".join(cell(_WORD.format(h)) for h in heads) + "</tr>"
    rows = "".join(
        f"<tr><td colspan=3>{_WORD.format(label)}</td>" + "".join(cell(_WORD.format((number + i * c) % 7)) for c in range(7)) + "</tr>"
        for i, label in enumerate(_LABELS)
    )
    links = "".join(f'<li><a href="/zwgk/c{number}_{i}/">栏目{number}之{i}</a></li>' for i in range(120))
    prose = "".join(
        f"<p>{i}.全年第{number}批公开{place}市政府信息{100 + i}条，解读政策{i}篇，收到申请{i + 3}件，均已答复。</p>" for i in range(25)
    )
    title = f"{place}市人民政府{year}年政府信息公开工作年度报告"
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title><meta name='ArticleTitle' content='{title}'>"
        f"<meta name='PubDate' content='{year + 1}-01-20'></head><body><ul>{links}</ul><h1>{title}</h1><div class='TRS_Editor'>"
        f"<p>本报告所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。</p><p>一、总体情况</p>{prose}"
        f"<p>三、收到和处理政府信息公开申请情况</p><table>{head}{rows}</table></div></body></html>"
    ).encode()


def _pdf() -> tuple[bytes, str]:
    """The real report where it lies here; else a ruled table of the same size (without Chinese: no font is packed for it)."""
    if _REAL.exists():
        return _REAL.read_bytes(), "real"
    pdf = FPDF()
    pdf.set_font("helvetica", size=9)
    for page in range(6):
        pdf.add_page()
        with pdf.table(headings_style=FontFace(emphasis=None)) as table:
            for i in range(_ROWS):
                table.row([f"row {page}.{i}", *(str((i * c) % 9) for c in range(7))])
    return bytes(pdf.output()), "made"


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _compare(name: str, words: str, ours: Callable[[], object], theirs: Callable[[], object]) -> None:
    ours()
    theirs()
    rounds = [(_seconds(ours), _seconds(theirs)) for _ in range(_ROUNDS)]
    mine, other = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(a / b for a, b in rounds)
    print(f"{name}: {ratio:.2f} ({words}, same process, {1000 * mine:.0f} ms against {1000 * other:.0f} ms of CPU)")


def main() -> None:
    pages = [_page(number) for number in range(6)]
    size = sum(map(len, pages)) // len(pages) // 1000
    _compare(
        "extract report html",
        f"full reading of {len(pages)} made reports of {size} kB as Word writes them, against trafilatura's text of them",
        lambda: [parse(page) for page in pages],
        lambda: [trafilatura.extract(page) for page in pages],
    )
    data, kind = _pdf()

    def bare() -> None:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            for page in pdf.pages:
                page.extract_tables()

    _compare(
        "extract report pdf",
        f"full reading of a {kind} report against pdfplumber's bare table extraction of it",
        lambda: parse(data, name="report.pdf"),
        bare,
    )


if __name__ == "__main__":
    main()

"""Attachments opened: the same plan and report in every format, alone and in an archive; claims kept beside facts; ids that stay."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import docx
import pytest
from bad_attachments import TABLE, gbk_zip, zipped
from hypothesis import given, settings
from hypothesis import strategies as st
from made_reports import make, page
from ole_files import as_xls, ole_file
from ruled_ofd import as_ofd, ofd_file, page_part, text_object
from ruled_pdf import as_pdf
from table_files import as_csv, as_docx, as_html, as_ods, as_xlsx
from test_plan_measure import plans

from gongkai.identity import document_id
from gongkai.records.document import ParsedDocument
from gongkai.status import ReadingStatus
from transforms.blocks import html_body
from transforms.body import Body
from transforms.formats.claims import extension_of
from transforms.opened import Opened, open_attachment
from transforms.parse import parse

WRITERS: dict[str, Callable[[list[Any]], bytes]] = {
    "docx": as_docx,
    "xlsx": as_xlsx,
    "xls": as_xls,
    "et": as_xls,
    "ods": as_ods,
    "csv": lambda doc: as_csv(doc).encode("gbk"),
    "ofd": as_ofd,
    "pdf": as_pdf,
}
TITLE = "样例市2021年政务公开工作要点责任分解表"
PLAN: list[Any] = [
    TITLE,
    {
        "table": [
            ["序号", "工作任务", "责任分工", "<", "完成时限"],
            ["^", "^", "牵头单位", "配合单位", "^"],
            ["1", "公开财政预算和决算", "市财政局", "市审计局", "6月底前"],
            ["2", "公开重大项目批准结果", "市发展改革委", "市住房城乡建设局、市水利局", "9月底前"],
            ["3", "公开空气和水环境质量", "市生态环境局", "各县（区）人民政府", "每季度"],
        ]
    },
]


def _tasks(document: ParsedDocument) -> list[Any]:
    return [(t.text, t.lead_units, t.support_units, t.deadline_type, t.due_date, t.recurrence) for t in document.tasks]


def _read(data: bytes, name: str) -> ParsedDocument:
    (one,) = open_attachment(data, name=name)
    assert (one.status, one.reason) == ("read", None)
    assert one.document is not None
    return one.document


@pytest.mark.parametrize("form", WRITERS)
def test_a_table_of_duties_gives_the_tasks_of_its_html_twin(form: str) -> None:
    twin = parse(as_html(PLAN).encode(), name=TITLE, whole=True)
    assert len(twin.tasks) == 3
    assert _tasks(_read(WRITERS[form](PLAN), f"{TITLE}.{form}")) == _tasks(twin)


def test_the_same_in_one_archive() -> None:
    twin = parse(as_html(PLAN).encode(), name=TITLE, whole=True)
    archive = gbk_zip({f"附件/{TITLE}{form}.{form}": write(PLAN) for form, write in WRITERS.items()})
    whole, *members = open_attachment(archive, name="附件.zip")
    assert (whole.kind, whole.status, whole.document) == ("zip", "unpacked", None)
    assert [one.extension for one in members] == list(WRITERS)
    assert [one.kind for one in members] == ["docx", "xlsx", "xls", "xls", "ods", "csv", "ofd", "pdf"]
    for one in members:
        assert one.document is not None, one.reason
        assert _tasks(one.document) == _tasks(twin), one.name
        assert one.member_name == f"附件/{TITLE}{one.extension}.{one.extension}"


@pytest.mark.parametrize("plan", [p for p in plans("tables_forms") if not p.get("flattened")][:6], ids=lambda plan: plan["name"])
def test_labelled_plans_in_new_formats_equal_their_html_twins(plan: dict[str, Any]) -> None:
    twin = parse(as_html(plan["doc"]).encode(), name="样例市2021年政务公开工作要点", whole=True)
    for form in ("ods", "ofd"):
        read = _read(WRITERS[form](plan["doc"]), f"样例市2021年政务公开工作要点.{form}")
        assert _tasks(read) == _tasks(twin), form


def _as_doc(body: Body) -> list[Any]:
    """A body as a labelled document: paragraphs, and tables whose merged cells are marked as in the plan fixtures."""
    doc: list[Any] = []
    for block in body.blocks:
        if block.grid is None:
            doc.append(body.text[block.start : block.end])
            continue
        table = [
            [
                "" if cell is None else cell.text if (cell.row, cell.column) == (r, c) else "^" if cell.column == c else "<"
                for c, cell in enumerate(row)
            ]
            for r, row in enumerate(block.grid.rows)
        ]
        doc.append({"table": table})
    return doc


def _metrics(document: ParsedDocument) -> set[Any]:
    cells = (m for m in document.metrics if m.dimensions.get("stated_in") != "narrative")
    return {(m.code, tuple(sorted(m.dimensions.items())), m.value, m.state) for m in cells}


@pytest.mark.parametrize("era", ["A", "B"])
def test_an_annual_report_gives_the_metrics_of_its_html_twin(era: str) -> None:
    title = "样例市财政局2022年政府信息公开工作年度报告"
    html = f"<html><body><h1>{title}</h1>{page(make(era, 2022, 7), {})}</body></html>"
    twin = parse(html.encode(), name=title)
    doc = _as_doc(html_body(html))
    assert len(_metrics(twin)) >= 200
    for form in ("xlsx", "ods"):
        read = _read(WRITERS[form](doc), f"{title}.{form}")
        assert (read.genre, read.report_year) == ("annual_report", 2022)
        assert _metrics(read) == _metrics(twin), form
    # On the drawn pages the narrow columns of table 3 lose the second line of their heads, in both formats alike.
    drawn = _read(as_ofd(doc), f"{title}.ofd")
    assert _metrics(drawn) == _metrics(_read(as_pdf(doc), f"{title}.pdf"))
    assert {m for m in _metrics(twin) if m[0].startswith(("review_", "lit_", "normative_"))} <= _metrics(drawn)


# --- what an attachment takes from its notice, what it claims, how it is told apart --------------------------------------


def test_a_file_in_an_archive_takes_year_and_issuer_from_its_notice() -> None:
    notice = parse(
        "<html><body><h1>样例市人民政府办公室关于印发样例市2021年政务公开工作要点的通知</h1><p>各单位：</p><p>现印发给你们。</p></body></html>".encode()
    )
    table = [["任务", "责任单位", "时限"], ["公开财政预算", "市财政局", "6月底前"], ["公开审计结果", "市审计局", "年底前"]]
    archive = zipped({"fj1.xls": as_xls([{"table": table}])})
    _, one = open_attachment(archive, name="附件.zip", enclosing=notice)
    assert one.document is not None
    assert (one.document.genre, one.document.plan_year) == ("work_plan", 2021)
    assert [str(task.due_date) for task in one.document.tasks] == ["2021-06-30", "2021-12-31"]


def test_members_have_ids_of_their_own_and_old_ids_stay() -> None:
    assert document_id("n", "v", 1) == "61fe4d9177d89a1b66b2"
    ids = {document_id("n", "v", part, member) for part in range(30) for member in range(300)}
    assert len(ids) == 30 * 300
    assert document_id("n", "v", 1, 0) == document_id("n", "v", 1)


def test_numbers_of_members_do_not_shift_with_what_is_left_out() -> None:
    archive = zipped({"a/": b"", "__MACOSX/._x": b"x", "一.csv": TABLE.encode(), ".DS_Store": b"x", "二.csv": TABLE.encode()})
    assert [(one.member, one.name) for one in open_attachment(archive)][1:] == [(2, "一.csv"), (4, "二.csv")]


def _opened(data: bytes, name: str, url: str = "") -> Opened:
    (one,) = open_attachment(data, name=name, url=url)
    return one


def test_the_claim_is_kept_beside_the_fact() -> None:
    one = _opened(as_pdf(PLAN), "责任分解表", "http://www.example.gov.cn/fj/P1.doc")
    assert (one.kind, one.extension, one.status) == ("pdf", "doc", "read")
    assert one.document is not None
    (finding,) = [f for f in one.document.findings if f.rule == "D-TYPE"]
    assert (finding.severity, finding.expected, finding.actual) == ("info", "doc", "pdf")
    for data, name in ((as_docx(PLAN), "a.wps"), (as_xls(PLAN), "a.et"), (as_xlsx(PLAN), "a.xls"), (as_docx(PLAN), "附件")):
        document = _opened(data, name).document
        assert document is not None
        assert [f.rule for f in document.findings if f.rule == "D-TYPE"] == []


@pytest.mark.parametrize(
    ("page", "name", "status"),
    [
        ("<html><body><p>公开财政预算，发布说明。</p></body></html>", "说明.pdf", "refused"),
        ("<html><body><p>公开财政预算，发布说明。</p></body></html>", "说明.docx", "refused"),
        ("<html><body><p>公开财政预算，发布说明。</p></body></html>", "说明.doc", "read"),
        ("<html><body><p>公开财政预算，发布说明。</p></body></html>", "附件1", "read"),
        ("<html><body><script src='/login.js'></script><p>请登录。</p></body></html>", "附件1", "refused"),
        ("<html><body><form><input name='u'></form><p>请登录后下载。</p></body></html>", "说明.doc", "refused"),
        ("<html xmlns:o='urn:schemas-microsoft-com:office:office'><script>x</script><p>公开财政预算。</p></html>", "说明.doc", "read"),
    ],
)
def test_a_web_page_never_passes_for_a_document(page: str, name: str, status: str) -> None:
    one = _opened(page.encode(), name)
    assert (one.kind, one.status, one.document is None) == ("html", status, status == "refused")


def test_a_word_page_saved_in_one_file_is_read() -> None:
    table = as_html(PLAN).encode("gbk")
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset="gb2312"\r\n'
    body = b"Content-Transfer-Encoding: 8bit\r\n\r\n" + table + b"\r\n--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n"
    one = _opened(head + body, f"{TITLE}.doc")
    assert (one.kind, one.status) == ("mhtml", "read"), one.reason
    assert one.document is not None
    assert [task.lead_units for task in one.document.tasks] == [["市财政局"], ["市发展改革委"], ["市生态环境局"]]


def test_a_word_file_of_pictures_waits_for_recognition() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    dots = chunk(b"IDAT", zlib.compress(b"\0\0"))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)) + dots + chunk(b"IEND", b"")
    document = docx.Document()
    document.add_picture(io.BytesIO(png))
    out = io.BytesIO()
    document.save(out)
    one = _opened(out.getvalue(), "样例市2021年工作要点.docx")
    assert (one.kind, one.status, one.document is not None) == ("docx", "needs_ocr", True)


@pytest.mark.parametrize(
    ("name", "url", "extension"),
    [
        ("附件1：责任分解表.XLS ", "http://h/a.pdf", "xls"),
        ("附件1", "http://h/fj/P0.et?x=1", "et"),
        ("附件1", "http://h/down.jsp?file=/x/表.ofd&k=1", "ofd"),
        ("2021.12", "http://h/down.jsp?id=3", None),
        (None, None, None),
    ],
)
def test_the_extension_is_the_name_s_else_the_address_s(name: str | None, url: str | None, extension: str | None) -> None:
    assert extension_of(name, url) == extension


# --- OFD -----------------------------------------------------------------------------------------------------------------


def test_ofd_paragraphs_templates_and_paths_from_the_root() -> None:
    template = page_part(text_object(50, 20, "例市人民政府文件"))
    first = page_part(text_object(50, 60, "公开预算。") * 2, before='<ofd:Template TemplateID="7"/>')
    common = '<ofd:TemplatePage ID="7" BaseLoc="/Doc_0/Tpls/T.xml"/>'
    data = ofd_file([first, page_part(text_object(50, 60, "公开重大项目批准和实施的结果。"))], {"Doc_0/Tpls/T.xml": template}, common)
    document = _read(data, "a.ofd")
    assert document.body_text.split("\n") == ["例市人民政府文件", "公开预算。", "公开重大项目批准和实施的结果。"]
    assert document.findings == []


def test_an_old_workbook_is_told_from_word_and_slides() -> None:
    kinds = {
        stream: _opened(ole_file((stream, bytes(5000))), "a").kind for stream in ("WordDocument", "Workbook", "PowerPoint Document", "x")
    }
    assert kinds == {"WordDocument": "doc", "Workbook": "xls", "PowerPoint Document": "ppt", "x": "ole"}


# --- damaged bytes -------------------------------------------------------------------------------------------------------


def _content(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("content.xml")


_SOUND = [
    as_ods(PLAN),
    as_xls(PLAN),
    as_ofd(PLAN),
    as_csv(PLAN).encode("gbk"),
    gbk_zip({"附件/表.csv": TABLE.encode("gbk"), "附件/表.ofd": as_ofd(PLAN)}),
    # parts that are not packed, so that damage reaches what stands in them
    zipped(
        {"OFD.xml": b"<OFD><DocRoot>D.xml</DocRoot></OFD>", "D.xml": b'<D><Page BaseLoc="P.xml"/></D>', "P.xml": page_part("").encode()}, 0
    ),
    zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": _content(as_ods(PLAN))}, 0),
    b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n--b--',
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(range(len(_SOUND))), st.integers(0, 10_000), st.binary(min_size=1, max_size=12), st.integers(0, 400))
def test_damaged_files_end_in_a_word(which: int, at: int, junk: bytes, cut: int) -> None:
    data = bytearray(_SOUND[which])
    data[at % len(data) : at % len(data) + len(junk)] = junk
    for one in open_attachment(bytes(data[: len(data) - cut if cut < 100 else len(data)]), name="附件1"):
        assert one.status in ReadingStatus
        assert (one.reason is None) == (one.status in ("read", "unpacked"))
        assert "\n" not in (one.reason or "")


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_word(data: bytes) -> None:
    rows = list(open_attachment(data, name="附件1.doc"))
    assert rows[0].status in ReadingStatus

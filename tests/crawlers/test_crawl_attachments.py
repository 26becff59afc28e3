"""Attachments from the portal's page to silver: each ends in its word; one that cannot be read costs neither its notice nor the others."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import pyarrow.parquet as pq
import pytest
from small_servers import RUNS, Answer, Servers

from gongkai.identity import document_id
from stages.crawl import crawl
from stages.extract import extract

pytestmark = pytest.mark.slow  # a crawl is a process of its own
_DOCX = {"Content-Type": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}


def _docx(text: str) -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _zip(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


_TABLE = "序号,工作任务,责任单位,完成时限\n1,公开财政预算,市财政局,6月底前\n2,公开审计结果,市审计局,年底前\n"
_OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le") + bytes(600)
_FILES = {
    "broken.docx": _docx("残缺")[:200],
    "whole.docx": _docx("分工表：由市统计局负责数据报送。"),
    "all.zip": _zip(**{"附件/分工表.csv": _TABLE.encode("gbk"), "附件/旧.doc": _OLD_WORD, "附件/内.zip": _zip(a=b"x")}),
    "old.wps": _OLD_WORD,
    "login.pdf": b"<html><body><form><input name='u'></form>login</body></html>",
    "scan.pdf": b"\xff\xd8\xff\xe0 a picture",
}


def test_each_attachment_ends_in_its_word_and_the_rest_is_read(servers: Servers) -> None:
    site = servers.add("enclosed")
    site.trs(2)
    for name, data in _FILES.items():
        site.paths[f"/zwgk/gzyd/202503/{name}"] = Answer(data, 200, _DOCX)
    page = site.paths["/zwgk/gzyd" + site.path(0)]
    assert isinstance(page, Answer)
    links = "".join(f'<p><a href="./{name}">{name}</a></p>' for name in (*_FILES, "gone.xls")).encode()
    page.body = page.body.replace(b"</p></div>", b"</p>" + links + b"</div>")
    servers.start()
    context = servers.context(RUNS[0], office="")
    (crawled,) = crawl(["enclosed"], context)
    assert (crawled.counts["attachments"], crawled.counts["new"]) == (len(_FILES), 2)
    extract("enclosed", context)

    def silver(table: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = pq.read_table(context.layout.silver(table, "enclosed", RUNS[0]), partitioning=None).to_pylist()
        return found

    assert [(r["seq"], r["member"], r["member_name"], r["kind"], r["status"]) for r in silver("attachment_reading")] == [
        (0, 0, None, "zip", "unreadable"),
        (1, 0, None, "docx", "read"),
        (2, 0, None, "zip", "unpacked"),
        (2, 1, "附件/分工表.csv", "csv", "read"),
        (2, 2, "附件/旧.doc", "doc", "unconverted"),
        (2, 3, "附件/内.zip", "zip", "refused"),
        (3, 0, None, "doc", "unconverted"),
        (4, 0, None, "html", "refused"),
        (5, 0, None, "image", "needs_ocr"),
        (6, 0, None, None, "failed"),
    ]
    readings = {(r["seq"], r["member"]): r for r in silver("attachment_reading")}
    assert (readings[4, 0]["extension"], readings[4, 0]["content_type"]) == ("pdf", _DOCX["Content-Type"])
    assert [readings[6, 0][name] for name in ("size", "content_type")] == [None, None]
    assert "404" in readings[6, 0]["reason"]

    documents = {d["document_id"]: d for d in silver("document")}
    enclosed = [(d["part"], (d["attachment_url"] or "").rpartition("/")[2], d["member_name"]) for d in documents.values() if d["part"]]
    assert enclosed == [(2, "whole.docx", None), (3, "all.zip", "附件/分工表.csv")]
    member = documents[readings[2, 1]["document_id"]]
    assert member["document_id"] == document_id(member["notice_id"], member["version"], 3, 1)
    assert [(t["text"], t["lead_units"]) for t in silver("plan_task") if t["document_id"] == member["document_id"]] == [
        ("公开财政预算", ["市财政局"]),
        ("公开审计结果", ["市审计局"]),
    ]

    findings = {f["document_id"]: f for f in silver("finding") if f["rule"] == "D-READ"}
    told = [(key, f["severity"]) for key, r in readings.items() if (f := findings.get(r["document_id"]))]
    assert told == [
        ((0, 0), "warning"),
        ((2, 2), "info"),
        ((2, 3), "warning"),
        ((3, 0), "info"),
        ((4, 0), "warning"),
        ((5, 0), "warning"),
    ]
    assert "all.zip (附件/内.zip): an archive inside an archive" in findings[readings[2, 3]["document_id"]]["message"]

    before = [silver(table) for table in ("attachment_reading", "document", "plan_task", "finding")]
    extract("enclosed", context)
    assert [silver(table) for table in ("attachment_reading", "document", "plan_task", "finding")] == before

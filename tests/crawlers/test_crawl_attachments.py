"""Attachments from the portal's page to silver: one that cannot be read costs neither its notice nor the others."""

from __future__ import annotations

import io
from typing import Any

import docx
import pyarrow.parquet as pq
import pytest
from small_servers import RUNS, Answer, Servers

from gongkai.status import RunStatus
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


def test_a_broken_attachment_is_a_finding_and_the_rest_is_read(servers: Servers) -> None:
    site = servers.add("enclosed")
    site.trs(2)
    files = {"broken.docx": _docx("残缺")[:200], "whole.docx": _docx("分工表：由市统计局负责数据报送。")}
    for name, data in files.items():
        site.paths[f"/zwgk/gzyd/202503/{name}"] = Answer(data, 200, _DOCX)
    page = site.paths["/zwgk/gzyd" + site.path(0)]
    assert isinstance(page, Answer)
    links = "".join(f'<p><a href="./{name}">{name}</a></p>' for name in files).encode()
    page.body = page.body.replace(b"</p></div>", b"</p>" + links + b"</div>")
    servers.start()
    context = servers.context(RUNS[0])
    (crawled,) = crawl(["enclosed"], context)
    assert (crawled.status, crawled.counts["attachments"], crawled.counts["new"]) == (RunStatus.COMPLETE, 2, 2)
    read = extract("enclosed", context)

    def silver(table: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = pq.read_table(context.layout.silver(table, "enclosed", RUNS[0]), partitioning=None).to_pylist()
        return found

    enclosed = [(d["attachment_url"] or "").rpartition("/")[2] for d in silver("document")]
    assert sorted(enclosed) == ["", "", "whole.docx"]
    (finding,) = [f for f in silver("finding") if f["rule"] == "D-READ"]
    assert finding["severity"] == "warning"
    assert "broken.docx" in finding["message"]
    assert read.status.is_whole

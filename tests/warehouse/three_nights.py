"""Three nights: a page that changes, one that vanishes for good, one that returns to its first text, a newer extractor, a release."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from silver_night import FIRST, SECOND, THIRD, Rows, batch, filled, outcome, portal, write

from gongkai.layout import Layout
from gongkai.status import RunStatus

PORTALS = [portal("lishi"), portal("hushi", "湖市人民政府"), portal("xinshi", "新市人民政府")]
AS_OF = date(2026, 3, 4)


def nights(layout: Layout, load_now: Callable[[], object]) -> None:
    """lishi: n1 changes once and vanishes for a night, n2 for good, n3 changes and returns to its first text; a newer extractor in the
    third night, whose batch is refused and then released. hushi: refused."""
    first = batch("lishi", FIRST, notices=("n1", "n2", "n3"), extractor="0.9.0")
    second = batch("lishi", SECOND, notices=("n1", "n3"), version="v2", title="例市2026年政务公开工作要点（修订）", extractor="0.9.0")
    attachment = {"portal_id": "lishi", "run_id": SECOND, "notice_id": "lishi-n1", "version": "v2"}
    gone = {"portal_id": "lishi", "url": "http://127.0.0.1:8001/x", "last_seen": FIRST}
    for short, cause in (("n1", "http_404"), ("n2", "soft_404")):
        first["removal"].append(filled("removal", **gone, notice_id=f"lishi-{short}", run_id=FIRST, cause=cause, missed=2))
    write(layout, first, extractor="0.9.0")
    load_now()
    second["removal"].append(filled("removal", **gone, notice_id="lishi-n1", run_id=SECOND, cause="restored"))
    second["attachment"].append(
        filled("attachment", **attachment, seq=0, name="任务分工表.docx", url="http://127.0.0.1:8001/a.docx", status="archived")
        | {"warc_file": "files.warc.gz", "warc_offset": 7}
    )
    grain = {**attachment, "document_id": "lishi-n1-v2-1", "extractor_version": "0.9.0"}
    second["document"].append(
        filled(
            "document",
            **grain,
            part=1,
            title=None,
            attachment_url="http://127.0.0.1:8001/a.docx",
            genre="work_plan",
            script="hans",
            body_text="",
        )
    )
    second["plan_task"].append(filled("plan_task", **grain, seq=0, text="附件任务"))
    _readings(second, attachment)
    unread = {**attachment, "document_id": "lishi-n1-v2-2", "extractor_version": "0.9.0"}
    second["finding"].append(filled("finding", **unread, seq=-1, rule="D-READ", severity="warning", message="no reader"))
    write(layout, second, extractor="0.9.0")
    load_now()
    third = batch("lishi", THIRD, notices=("n3",), extractor="0.10.0")
    for passed in (False, True):
        write(layout, third, extractor="0.10.0", passed=passed)
        load_now()
    for run in (FIRST, SECOND, THIRD):
        outcome(layout, "lishi", run, "crawl", RunStatus.COMPLETE, listed=3, declared=3)
        outcome(layout, "lishi", run, "audit", RunStatus.COMPLETE)
    outcome(layout, "lishi", THIRD, "extract", RunStatus.PARTIAL, "one page could not be read")
    write(layout, batch("hushi", SECOND), passed=False)
    outcome(layout, "hushi", SECOND, "crawl", RunStatus.COMPLETE, listed=2)
    outcome(layout, "hushi", SECOND, "audit", RunStatus.QUARANTINED, "no dates")
    load_now()


def _readings(batch: Rows, attachment: dict[str, Any]) -> None:
    """The docx is read, the second attachment is a .doc, the third an archive of a read sheet, a picture and a broken file."""
    word, archive = {"seq": 1, "name": "附件2.doc", "kind": "doc"}, {"seq": 2, "name": "附件.zip", "kind": "zip"}
    for key, status, more in (
        ("1", "read", {"name": "任务分工表.docx", "kind": "docx"}),
        ("2", "unconverted", word),
        ("3", "unpacked", archive),
        ("3.1", "read", archive | {"member": 1, "member_name": "附件/分工表.xls", "kind": "xls"}),
        ("3.2", "needs_ocr", archive | {"member": 2, "member_name": "附件/扫描.jpg", "kind": "image"}),
        ("3.3", "unreadable", archive | {"member": 3, "member_name": "附件/残.pdf", "kind": "pdf"}),
    ):
        own = {**attachment, "document_id": f"lishi-n1-v2-{key}", "extractor_version": "0.9.0", "status": status}
        batch["attachment_reading"].append(filled("attachment_reading", **own, **more))

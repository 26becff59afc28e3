"""Attachments that only the list names (pc_list): fetched with their notice, and no reason for a new version."""

from __future__ import annotations

import json
from pathlib import Path

from one_process import Nights
from small_servers import Answer

from gongkai.status import RunStatus


def test_files_that_only_the_list_names_are_fetched(tmp_path: Path) -> None:
    nights = Nights(
        tmp_path, {"family": "pc_list", "sections": [{"name": "要点", "kind": "work_plan", "entry": "/zf/c01001/pc/list.html"}]}
    )
    site, detail = nights.site, "/zf/c01001/pc/content/content_1000000000000000001.html"
    files = [
        {"fileName": name, "filePath": f"/files/{name}", "fileId": "1", "domainName": "http://127.0.0.1:80"} for name in ("a.pdf", "b.pdf")
    ]
    row = {
        "id": "1000000000000000001",
        "title": "例市工作要点任务分工表",
        "pubDate": "2025-03-04 09:00:00",
        "urls": json.dumps({"pc": detail}),
        "articleFiles": files,
    }
    listed = f"<script>var articleList = {json.dumps([row], ensure_ascii=False)};</script>"
    site.html("/zf/c01001/pc/list.html", listed)
    body = f"<h1>例市工作要点任务分工表</h1><div id='zoom'><p>{'请按分工抓好落实。' * 20}</p><a href='/files/a.pdf'>附件：a.pdf</a></div>"
    site.html(detail, body, extra='<meta name="ArticleTitle" content="例市工作要点任务分工表">')
    for name in ("a.pdf", "b.pdf"):
        site.paths[f"/files/{name}"] = Answer(b"%PDF-1.4 " + name.encode(), 200, {"Content-Type": "application/pdf"})

    outcome = nights.night()
    assert (outcome.status, outcome.counts["attachments"]) == (RunStatus.COMPLETE, 2)
    assert [r["url"].rpartition("/")[2] for r in nights.rows("attachment", 1)] == ["a.pdf", "b.pdf"]
    again = nights.night(rewalk=True)
    assert (again.status, again.counts["rechecked"], again.counts["changed"]) == (RunStatus.COMPLETE, 1, 0)

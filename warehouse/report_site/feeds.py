"""Feeds (Atom, JSON Feed 1.1) of what is new, changed, removed or overdue, of all places and of each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from warehouse.report_site.reading import Row, Source
from warehouse.report_site.rendering import render, web, word
from warehouse.report_site.site import Files

MOST = 60
"""Newest entries of a feed."""
_CHINA = ZoneInfo("Asia/Shanghai")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COLUMNS = ("portal_id", "portal_name", "kind", "id", "title", "url", "happened", "told")
_EVENTS = {
    "notice": """
SELECT portal_id, portal_name, 'new' AS kind, notice_id || '/new' AS id, title, url, first_seen AS happened, source AS told
FROM mart.notice""",
    "notice_version": """
SELECT portal_id, portal_name, 'changed', notice_id || '/' || stretch, title, url, valid_from,
    '+' || coalesce(lines_added, 0) || ' −' || coalesce(lines_removed, 0) FROM mart.notice_version WHERE previous_version IS NOT NULL""",
    "removal": """
SELECT portal_id, portal_name, CASE cause WHEN 'restored' THEN 'restored' ELSE 'removed' END, notice_id || '/' || run_id, title, url,
    known_since, cause FROM mart.removal""",
}
_OVERDUE = """
SELECT portal_id, portal_name, 'overdue', commitment_id, text, url, CAST(due_date AS timestamptz), why FROM mart.commitment
WHERE status = 'overdue'"""
_DUE = """
SELECT portal_id, portal_name, 'due', document_id || '/' || seq, text, url, CAST(due_date AS timestamptz), document_title
FROM mart.plan_commitment WHERE commitment_state = 'due'"""


def read_events(source: Source, portal_ids: Sequence[str] | None = None) -> list[Row]:
    """The newest events, of all places or of each of some; newest first."""
    asked = [sql for mart, sql in _EVENTS.items() if mart in source.columns]
    asked.append(_OVERDUE if "commitment" in source.columns else _DUE)
    together = f"FROM ({' UNION ALL '.join(asked)}) AS e"
    if portal_ids is None:
        return source.rows(_COLUMNS, f"{together} ORDER BY happened DESC, kind, id LIMIT {MOST}")
    placed = f"(SELECT *, row_number() OVER (PARTITION BY portal_id ORDER BY happened DESC, kind, id) AS place_ {together} "
    whose = f"FROM {placed} WHERE portal_id IN (SELECT unnest($1::text[]))) AS t WHERE place_ <= {MOST} ORDER BY portal_id, place_"
    return source.rows(_COLUMNS, whose, list(portal_ids))


def feeds(stem: str, name: str, events: Sequence[Row]) -> Files:
    """Both forms of one feed, at `stem`.atom and `stem`.json."""
    entries = list(_entries(events))
    about = {"id": f"urn:gongkai:feed:{stem}", "title": _clean(name), "updated": max((e["updated"] for e in entries), default=None)}
    yield f"{stem}.atom", render("feed.atom.xml.j2", f"{stem}.atom", about=about, entries=entries)
    yield f"{stem}.json", json.dumps(_json_feed(about, entries), ensure_ascii=False, indent=1) + "\n"


def _entries(events: Sequence[Row]) -> Iterator[dict[str, Any]]:
    for event in events:
        zh, en = word(event["kind"], "change")[:2]
        at = event["happened"]
        moment = at if isinstance(at, datetime) else datetime.combine(at, time.min, tzinfo=_CHINA)
        yield {
            "id": f"urn:gongkai:{event['kind']}:{_clean(event['id'])}",
            "title": _clean(f"【{zh} {en}】{event['portal_name']}：{event['title'] or ''}")[:300],
            "url": web(event["url"]),
            "updated": moment.isoformat(),
            "text": _clean(" · ".join(filter(None, (event["portal_name"], event["told"], event["url"])))),
            "kind": event["kind"],
        }


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _NOT_XML.sub("�", text)


def _json_feed(about: dict[str, Any], entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    items = [
        {"id": e["id"], "title": e["title"], "content_text": e["text"], "date_modified": e["updated"], "tags": [e["kind"]]}
        | ({"url": e["url"]} if e["url"] else {})
        for e in entries
    ]
    return {"version": "https://jsonfeed.org/version/1.1", "title": about["title"], "language": "zh-CN", "items": items}

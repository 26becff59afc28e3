"""Feeds (Atom, JSON Feed 1.1) of what is new, changed, removed or overdue, of all places and of each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from warehouse.report_site.reading import Row, Source
from warehouse.report_site.rendering import render, web
from warehouse.report_site.site import Files
from warehouse.report_site.vocabulary import in_chinese, word

MOST = 25
"""Newest entries of each kind in a feed: many new pages never push out what vanished or fell overdue."""
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
SELECT c.portal_id, c.portal_name, 'overdue', c.commitment_id, c.text, c.url, CAST(coalesce(s.since, c.due_date) AS timestamptz), c.why
FROM mart.commitment AS c LEFT JOIN mart.commitment_status AS s ON s.commitment_id = c.commitment_id AND s.until IS NULL
WHERE c.status = 'overdue' AND coalesce(s.since, c.due_date) IS NOT NULL"""
"""Overdue since the night that found it so: the day on which it was due may be long past, and a recurring duty has none of its own."""
_DUE = """
SELECT portal_id, portal_name, 'due', document_id || '/' || seq, text, url, CAST(due_date AS timestamptz), document_title
FROM mart.plan_commitment WHERE commitment_state = 'due'"""


def read_events(source: Source, portal_ids: Sequence[str] | None = None) -> list[Row]:
    """The newest events, of all places or of each of some; newest first."""
    asked = [sql for mart, sql in _EVENTS.items() if mart in source.columns]
    asked.append(_OVERDUE if "commitment" in source.columns else _DUE)
    whose, group = ("TRUE", "kind") if portal_ids is None else ("portal_id IN (SELECT unnest($1::text[]))", "portal_id, kind")
    numbered = f"row_number() OVER (PARTITION BY {group} ORDER BY happened DESC, id) AS place_"
    inner = f"SELECT *, {numbered} FROM ({' UNION ALL '.join(asked)}) AS e WHERE {whose}"  # noqa: S608
    rest = f"FROM ({inner}) AS t WHERE place_ <= {MOST} ORDER BY happened DESC, kind, id"
    return source.rows(_COLUMNS, rest, *([] if portal_ids is None else [list(portal_ids)]))


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
            "text": _clean(" · ".join(filter(None, (event["portal_name"], _told(event), event["url"])))),
            "kind": event["kind"],
        }


def _told(event: Row) -> str | None:
    """What an event says of itself, in words: why a page vanished, why a promise is overdue."""
    told: str | None = event["told"]
    if told and event["kind"] in ("removed", "restored"):
        return " ".join(word(told, "cause")[:2]).strip()
    said = in_chinese(told) if told and event["kind"] == "overdue" else None
    return f"{said.chinese} {told}" if said else told


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

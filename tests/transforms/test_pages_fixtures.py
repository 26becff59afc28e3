"""Frozen pages of every family: what is read from each, field by field, or which refusal it meets.

A case is a folder with input.* and output.json: {"url", "read": notice | list | index, "params"?, "request"? (page, body, headers, column),
"expect": {field: value} | "refuses": name, "because"?}. Of a list, `findings` are rule ids, and `met` says which reading was met.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from lxml.html import fragment_fromstring

from gongkai.records.document import to_json
from transforms.pages import FAMILIES, read_list, read_notice
from transforms.pages.contract import JumpsTo, ListRequest, NotThisLayout, PastTheEnd, SoftError
from transforms.pages.gkmlpt import read_gkmlpt_index

CASES = sorted((Path(__file__).parents[1] / "fixtures" / "pages").glob("*/*/output.json"))
REFUSALS = {error.__name__: error for error in (JumpsTo, NotThisLayout, PastTheEnd, SoftError)}


def plain(html: str | None) -> str:
    return re.sub(r"\s", "", str(fragment_fromstring(html, create_parent="div").text_content())) if html else ""


def read(case: dict[str, Any], family: str, text: str) -> dict[str, Any]:
    if case["read"] == "index":
        index = read_gkmlpt_index(text, case["url"])
        return {"sid": index.sid, "columns": [[c.id, c.name, c.post_count, c.external, c.leaf, c.parent] for c in index.columns]}
    if case["read"] == "list":
        asked = case.get("request")
        headers = tuple(map(tuple, asked.get("headers", ()))) if asked else ()
        request = ListRequest(**{"url": case["url"], **asked, "headers": headers}) if asked else None
        reading = read_list(text, case["url"], family, request=request, params=case.get("params"))
        found: dict[str, Any] = json.loads(json.dumps(asdict(reading), default=to_json))
        return found | {"findings": [f.rule for f in reading.findings], "met": found["findings"]}
    page = read_notice(text, case["url"], family)
    fields = json.loads(json.dumps(asdict(page), default=to_json))
    fields["body"] = plain(page.body_html)
    fields["attachments"] = [[a.name, a.url] for a in page.attachments]
    fields["findings"] = [f.rule for f in page.findings]
    return fields


@pytest.mark.parametrize("path", CASES, ids=lambda p: f"{p.parent.parent.name}-{p.parent.name}")
def test_page(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    text = next(path.parent.glob("input.*")).read_text(encoding="utf-8")
    family = path.parent.parent.name
    if "refuses" in case:
        with pytest.raises(REFUSALS[case["refuses"]]) as refusal:
            read(case, family, text)
        assert case.get("because", "") in str(refusal.value)
        return
    assert asked_for(read(case, family, text), case["expect"]) == case["expect"]


def asked_for(got: Any, want: Any) -> Any:
    """The part of what was read that a case speaks of."""
    if isinstance(got, dict) and isinstance(want, dict):
        return {key: asked_for(got[key], value) for key, value in want.items()}
    if isinstance(got, list) and isinstance(want, list) and len(got) == len(want):
        return [asked_for(one, value) for one, value in zip(got, want, strict=True)]
    return got


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_fixtures_and_a_broken_one(family: str) -> None:
    mine = [json.loads(p.read_text(encoding="utf-8")) for p in CASES if p.parent.parent.name == family]
    assert len(mine) >= 3
    assert any("refuses" in case for case in mine)

"""Every dialect of the district and every frozen page is recognised as the family it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from samples.dialects import DIALECTS, family_of
from samples.dialects.site import Site
from samples.district import district
from transforms.decode import decode
from transforms.pages import detect

FIXTURES = sorted(
    p for p in (Path(__file__).parents[1] / "fixtures" / "pages").glob("*/*/output.json") if p.parent.parent.name != "generic"
)


@pytest.mark.parametrize("family", DIALECTS)
def test_a_dialects_pages_are_recognised(family: str) -> None:
    ((portal, content),) = district([family])
    site = Site(portal, content, "http://www.example.gov.cn")
    DIALECTS[family].build(site)
    pages = {path: answer for path, answer in site.paths.items() if answer.content_type == "text/html" and path != "/"}
    found = {path: detect(decode(answer.body).text, site.base + path) for path, answer in pages.items()}
    later = {path for path in found if path != portal.sections[0].entry and found[path] is None}
    assert found
    assert all("page=2" in path or "PageNo=2" in path for path in later), "only a list page with a single row may stay unrecognised"
    assert {found[path] for path in found if path not in later} == {family_of(family)}


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: f"{p.parent.parent.name}-{p.parent.name}")
def test_a_frozen_page_is_recognised(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    text = next(path.parent.glob("input.*")).read_text(encoding="utf-8")
    if "refuses" in case:
        return  # what is broken need not be recognised
    assert detect(text, case["url"]) == path.parent.parent.name

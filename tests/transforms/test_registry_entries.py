"""The registered portals' sections fit their families: each first request is an address on the portal's own host."""

from __future__ import annotations

from urllib.parse import urlsplit

from gongkai import registry
from gongkai.registry import load_registry
from gongkai.settings import PROJECT
from transforms.pages import FAMILIES, family_of
from transforms.pages.contract import NotThisLayout


def test_every_section_has_a_first_request_on_its_portal() -> None:
    wrong, without = [], set()
    for portal in load_registry(PROJECT / "portals").values():
        for section in portal.sections:
            try:
                request = family_of(portal.family_in(section.name)).list_page.entry(portal, section)
            except NotThisLayout:
                without.add(str(portal.params.get("dialect", portal.family)))
                continue
            parts = urlsplit(request.url)
            if parts.scheme not in ("http", "https") or parts.netloc != portal.host or not parts.path.startswith("/") or " " in request.url:
                wrong.append((portal.id, portal.family, section.entry, request.url))
    assert wrong == []
    assert without == {"custom_jsonlist", "custom_search_api", "hanweb_jpaas", "x_intertid"}  # ids of services nobody reads yet


def test_the_registry_knows_the_families_that_are_read() -> None:
    assert FAMILIES.keys() == registry.FAMILIES

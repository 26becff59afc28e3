"""The registered portals' sections fit their families: each first request is an address on the portal's own host."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gongkai import registry
from gongkai.errors import RegistryError
from gongkai.registry import load_registry
from gongkai.settings import PROJECT
from transforms.pages import FAMILIES, family_of
from transforms.pages.contract import NotThisLayout


def test_every_section_has_a_first_request_on_its_portal() -> None:
    wrong, without = [], []
    for portal in load_registry(PROJECT / "portals").values():
        for section in portal.sections:
            try:
                request = family_of(portal.family_in(section.name)).list_page.entry(portal, section)
            except NotThisLayout as error:
                without.append((portal.id, section.name, str(error)))
                continue
            parts = urlsplit(request.url)
            if parts.scheme not in ("http", "https") or parts.netloc != portal.host or not parts.path.startswith("/") or " " in request.url:
                wrong.append((portal.id, portal.family, section.entry, request.url))
    assert wrong == []
    assert without == []


def test_ids_of_services_become_their_requests() -> None:
    registry = load_registry(PROJECT / "portals")

    def first(portal_id: str, section: str) -> tuple[str, str | None]:
        portal = registry[portal_id]
        (entry,) = (s for s in portal.sections if s.name == section)
        request = family_of(portal.family).list_page.entry(portal, entry)
        return request.url, request.body

    assert first("wxd-liangxi", "规范性文件") == (
        "http://www.wxlx.gov.cn/info_open/search",
        "siteId=184&channelIds=37767&pageIndex=1&pageSize=20&searchType=1&order=writeTime",
    )
    assert first("cn-cac", "政策法规") == ("https://www.cac.gov.cn/cms/JsonList", "channelCode=A093703&perPage=20&pageno=1")
    assert first("cn-miit", "文件发布") == (
        "https://www.miit.gov.cn/search-front-server/api/search/info?websiteid=110000000000000&category=51&pg=15&p=1&q=",
        None,
    )
    assert first("cn-gov", "最新政策") == ("https://www.gov.cn/zhengce/zuixin/ZUIXINZHENGCE.json", None)


def test_a_service_without_its_parameter_is_refused_in_words() -> None:
    portal = load_registry(PROJECT / "portals")["wxd-liangxi"].model_copy(update={"params": {"dialect": "x_intertid"}})
    with pytest.raises(NotThisLayout, match="the registry gives no parameter site_id, which /info_open/search wants"):
        family_of("generic").list_page.entry(portal, portal.sections[0])


def test_an_unknown_dialect_is_an_error_of_the_registry(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    entry = "{id: a, name: a, level: city, province: a, base_url: 'http://a.example', family: generic, params: {dialect: x_nothing}}"
    path.write_text(f"portals:\n  - {entry}\n", encoding="utf-8")
    with pytest.raises(RegistryError, match=r"p\.yaml:2: .*unknown dialect x_nothing"):
        load_registry(path)


def test_the_registry_knows_the_families_that_are_read() -> None:
    assert FAMILIES.keys() == registry.FAMILIES

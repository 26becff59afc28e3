"""The registry against its seed, portals.csv of the reference: every portal, family, id and column is accounted for."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit

import pytest

from gongkai.registry import Portal, load_registry
from gongkai.settings import PROJECT

SEED = PROJECT.parent / "shared" / "reference" / "portals.csv"
pytestmark = pytest.mark.skipif(not SEED.exists(), reason="the reference is not beside the project")

OTHERWISE = {
    "cn-gov": "the seed's custom_search_api is two services: this one is a JSON file of its own, dialect custom_feed",
    "cn-samr": "page ids of the block server stand in the column pages themselves: entries are those pages, the ids their comments",
    "he-handan": "the column lies on the disclosure subtree's own host, which is the portal's base_url here",
    "gd-zhanjiang": "the column's name in the seed carries a remark",
    "wxd-jiangyin": "the seed begins with the second file (index_2); the entry here is page one, which is noted as unread (L-SHELL)",
}
"""Portals whose seed is said in other words, and why: the only rows that need not agree letter by letter."""
NO_COLUMN = 83
"""Portals of which the seed knows no column: listed, and not readable until somebody finds one."""
_WORDS = frozenset(("col", "category", "channelid", "organid", "catid", "catids", "number", "tid", "uid", "wbtreeid", "categorynum"))


def seed() -> list[dict[str, str]]:
    with SEED.open(encoding="utf-8") as file:
        return [{key.partition("(")[0]: value for key, value in row.items()} for row in csv.DictReader(file)]


@cache
def registry() -> dict[str, Portal]:
    return {p.id: p for p in load_registry(PROJECT / "portals").values() if not p.allow_private}


def columns(row: dict[str, str]) -> Iterator[tuple[str, str]]:
    for column in filter(None, (part.strip() for part in row["key_columns"].split(";"))):
        name, _, value = column.partition("=")
        yield name.strip(), value.strip()


def test_every_row_is_registered_and_nothing_else() -> None:
    assert {row["portal_id"] for row in seed()} == registry().keys()
    assert len(seed()) == 553


def test_names_codes_addresses_and_families_agree() -> None:
    wrong = []
    for row in seed():
        portal = registry()[row["portal_id"]]
        family = {"trs_was5": "trs_wcm"}.get(row["cms_family"], row["cms_family"])
        said = (portal.params.get("dialect") if portal.family == "generic" else portal.family, portal.base_url)
        same = said == (family, row["base_url"].rstrip("/")) or portal.id in OTHERWISE
        if not same or (portal.name, portal.division_code or "", portal.level) != (
            row["name_zh"],
            row["admin_division_code"],
            row["level"],
        ):
            wrong.append((portal.id, said, family, row["base_url"]))
    assert wrong == []


def test_every_column_has_a_section_that_holds_its_ids() -> None:
    wrong = []
    for row in seed():
        portal = registry()[row["portal_id"]]
        entries = {section.name: section.entry for section in portal.sections}
        for name, value in columns(row):
            ids = [part.lower() for part in re.findall(r"[\w.-]+", value) if part.lower() not in _WORDS]
            entry = entries.get(name, "").lower()
            if portal.id not in OTHERWISE and not (entry and all(part.removesuffix("vc_xxgkarea") in entry for part in ids)):
                wrong.append((portal.id, name, value, entry))
    assert wrong == []


def test_every_site_id_is_a_parameter() -> None:
    for row in seed():
        params = {str(value) for value in registry()[row["portal_id"]].params.values()}
        assert {pair.rpartition("=")[2] for pair in row["sid"].split()} <= params, row["portal_id"]


def test_what_is_said_in_other_words_is_said() -> None:
    for portal_id, why in OTHERWISE.items():
        assert len(why) > 20
        (row,) = (row for row in seed() if row["portal_id"] == portal_id)
        assert len(registry()[portal_id].sections) == len(list(columns(row)))


def test_portals_without_a_known_column_are_counted() -> None:
    without = [row["portal_id"] for row in seed() if not list(columns(row))]
    assert len(without) == NO_COLUMN
    assert [portal_id for portal_id in without if registry()[portal_id].sections] == []


@pytest.mark.parametrize(
    ("host", "whose", "not_whose"),
    [
        ("www.suzhou.gov.cn", "苏州", "宿州"),
        ("www.qianjiang.gov.cn", "黔江", "潜江"),
        ("www.fuzhou.gov.cn", "福州", "抚州"),
        ("www.taizhou.gov.cn", "泰州", "台州"),
        ("www.yulin.gov.cn", "榆林", "玉林"),
        ("www.yichun.gov.cn", "宜春", "伊春"),
        ("www.huanggang.gov.cn", "", "黄冈"),
        ("jxt.zj.gov.cn", "经", "教育"),
        ("www.hainan.gov.cn", "海南省", "海南藏族自治州"),
    ],
)
def test_no_domain_stands_under_the_wrong_body(host: str, whose: str, not_whose: str) -> None:
    """cms-families.md section 16: domains that a public crawler gave to the wrong body."""
    there = [p.name for p in registry().values() if urlsplit(p.base_url).hostname == host]
    assert all(whose in name and not_whose not in name for name in there), there
    if not whose:
        assert there == []


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("宿州", "www.ahsz.gov.cn"),
        ("潜江", "www.hbqj.gov.cn"),
        ("伊春", "www.yc.gov.cn"),
        ("黄冈市", "www.hg.gov.cn"),
        ("海南藏族", "www.hainanzhou.gov.cn"),
    ],
)
def test_the_right_domain_where_the_body_is_registered(name: str, host: str) -> None:
    there = {urlsplit(p.base_url).hostname for p in registry().values() if p.level == "city" and p.name.startswith(name)}
    assert there <= {host}


def test_the_five_cities_of_the_first_documents() -> None:
    cities = {"gd-zhanjiang": "440800", "hb-huanggang": "421100", "ln-panjin": "211100", "gs-longnan": "621200", "hlj-tongjiang": "230881"}
    for portal_id, code in cities.items():
        portal = registry()[portal_id]
        assert (portal.division_code, portal.status) == (code, "unverified")
        assert portal.sections
    assert registry()["gd-zhanjiang"].params == {"sid": "759001"}
    assert registry()["hb-huanggang"].params == {"site_id": "6799394", "platform_code": "hg-szf"}
    assert registry()["gs-longnan"].params == {"site_id": "4448177"}

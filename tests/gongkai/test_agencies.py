"""The agencies vocabulary: its own file is sound, names lead to the agency of their time and on to its holder, a broken file is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.agencies import agencies, load_agencies
from gongkai.errors import RegistryError


def _ids(agency_id: str, day: str) -> set[str]:
    return {agency.id for agency in agencies().holders(agency_id, dt.date.fromisoformat(day))}


def test_packaged_vocabulary_covers_the_functions_of_a_city() -> None:
    known = agencies()
    assert len(known.by_id) >= 140
    assert {agency.kind for agency in known.by_id.values()} == {
        *("government", "party", "parallel", "central", "institution", "place", "collective", "internal", "coordination")
    }


@pytest.mark.parametrize(
    ("printed", "agency_id"),
    [
        ("财政厅", "finance"),
        ("税务总局", "taxation"),
        ("教育部", "education"),
        ("环保局", "environmental_protection"),
        ("生态环境局", "environment"),
        ("文广新局", "culture_old"),
        ("文化广电旅游局", "culture_tourism"),  # two that one body followed: 文化 and 旅游
        ("卫生和人口计生局", "health_planning"),
        ("教育科技和体育局", "education"),  # otherwise the first function leads
        ("发展改革和商务局", "development_reform"),
        ("住房建设和水务局", "housing_construction"),
    ],
)
def test_a_bare_name_finds_its_agency(printed: str, agency_id: str) -> None:
    found = agencies().find(printed)
    assert found is not None
    assert found.id == agency_id


@pytest.mark.parametrize(
    ("name", "before", "agency_id"),
    [
        ("象州生态环境局", "象州", "environment"),
        ("市委网信办", "市委", "cyberspace"),
        ("云溪县教育和体育局", "云溪县", "education"),
        ("云溪县发展改革和科技局", "云溪县", "development_reform"),
    ],
)
def test_what_stands_before_a_known_name(name: str, before: str, agency_id: str) -> None:
    ending = agencies().ending(name)
    assert ending is not None
    assert (ending[0], ending[1].id) == (before, agency_id)


@pytest.mark.parametrize(
    ("printed", "agency_id"),
    [
        ("各县(市、区)政府", "county_governments"),
        ("各县、市、区人民政府", "county_governments"),
        ("各区县(自治县)人民政府", "county_governments"),
        ("市、县两级政府", "county_governments"),
        ("各镇(街道)", "township_governments"),
        ("各乡镇人民政府", "township_governments"),
        ("云溪镇人民政府", "township_governments"),
        ("各功能区管委会", "zones"),
        ("云溪高新区管委会", "zone_committee"),
        ("云溪县人民政府", "government"),
        ("市直有关部门", "departments"),
        ("市政府各部门", "departments"),
        ("各级财政部门", "finance"),
        ("市县教育行政主管部门", "education"),
        ("教育", "education"),
        ("人行云溪市中心支行", "central_bank"),
        ("云溪银监分局", "banking_commission"),
        ("国家金融监督管理总局云溪监管分局", "financial_regulation"),
        ("国网云溪供电公司", "power_supply"),
        ("中国移动云溪分公司", "telecom"),
        ("团市委", "youth_league"),
        ("共青团云溪市委", "youth_league"),
        ("市住房和城乡建设局(市人防办)", "housing_construction"),
        ("公安局(含治安、交警)", "public_security"),
        ("政策法规科", "internal_room"),
        ("办公室", "internal_room"),
        ("市防汛工作领导小组办公室", "coordination"),
    ],
)
def test_printed_units_are_resolved(printed: str, agency_id: str) -> None:
    found = agencies().resolve(printed)
    assert found is not None
    assert found.id == agency_id


@pytest.mark.parametrize("printed", ["云溪协同坊", "张三", "推进公开"])
def test_the_unknown_stays_unknown(printed: str) -> None:
    assert agencies().resolve(printed) is None


@given(st.text(alphabet="市县区各局委办部门、()政府教育管理和领导小组公司", max_size=200))
def test_any_text_may_be_asked(printed: str) -> None:
    found = agencies().resolve(printed)
    assert found is None or agencies().by_id[found.id] is found


@pytest.mark.parametrize(
    ("agency_id", "day", "held_by"),
    [
        ("industry_commerce", "2018-12-31", {"industry_commerce"}),
        ("industry_commerce", "2019-01-01", {"market_regulation"}),
        ("market_regulation", "2016-06-01", {"industry_commerce", "quality_supervision", "commerce_quality", "food_drug", "price", "salt"}),
        ("health", "2013-01-01", {"health_old", "birth_planning"}),
        ("health_old", "2025-01-01", {"health"}),
        ("state_tax", "2018-06-30", {"state_tax"}),
        ("local_tax", "2018-07-05", {"taxation"}),
        ("banking_commission", "2024-01-01", {"financial_regulation"}),
        ("poverty_relief", "2022-01-01", {"rural_revitalisation"}),
        ("poverty_relief", "2025-01-01", {"agriculture"}),
        ("price", "2020-01-01", {"development_reform", "market_regulation"}),
        ("veterans", "2017-01-01", {"civil_affairs", "human_resources"}),
        ("supervision_old", "2018-03-01", {"discipline"}),
        ("finance", "2010-01-01", {"finance"}),
    ],
)
def test_who_held_a_function_on_a_day(agency_id: str, day: str, held_by: set[str]) -> None:
    assert _ids(agency_id, day) == held_by


@pytest.mark.parametrize("day", ["2008-05-01", "2012-01-01", "2016-01-01", "2018-10-01", "2019-06-01", "2024-12-31"])
def test_every_function_is_held_on_every_day(day: str) -> None:
    on = dt.date.fromisoformat(day)
    for agency_id in agencies().by_id:
        held = agencies().holders(agency_id, on)
        assert held, agency_id
        assert all(agency.stands(on) for agency in held)


_ONE = "agencies:\n  - {id: a, name: 工商局, until: 2019-01, successors: [b]}\n"


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        ("agencies:\n  - {id: a, name: 财政局}\n  - {id: b, name: 财政局}\n", 3, "already belongs"),
        ("agencies:\n  - {id: a, name: 财政局}\n  - {id: a, name: 税务局}\n", 3, "duplicate agency id"),
        ("agencies:\n  - {id: a, name: 财政局, colour: red}\n", 2, "colour"),
        ("agencies:\n  - {id: a\n", 3, "not YAML"),
        ("offices: []\n", 1, "expected one key"),
        (_ONE, 2, "unknown agency id 'b'"),
        (_ONE + "  - {id: b, name: 市场监管局, from: 2019-03}\n", 2, "ends before its successor"),
        (_ONE + "  - {id: b, name: 市场监管局, from: 2018-06}\n", 3, "overlapping dates"),
        (_ONE + "  - {id: b, name: 市场监管局, until: 2020-01, successors: [a]}\n", 2, "circle"),
        ("agencies:\n  - {id: a, name: 工商局, from: 2019-01, until: 2018-01, successors: [a]}\n", 2, "until is not after from"),
        ("agencies:\n  - {id: a, name: 工商局, until: 2019-01}\n", 2, "go together"),
        ("agencies:\n  - {id: a, name: 工商局, from: 2019-13}\n", 2, "expected a month"),
        ("agencies:\n  - {id: a, name: 工商局, pattern: '('}\n", 2, "pattern"),
        (_ONE + "  - {id: b, name: 市场监管局}\n  - {id: c, name: 医保局, from: 2020-01, drawn_from: [a]}\n", 4, "did not stand"),
    ],
)
def test_refused_with_file_and_line(tmp_path: Path, text: str, line: int, cause: str) -> None:
    file = tmp_path / "agencies.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RegistryError, match=cause) as caught:
        load_agencies(file)
    assert str(caught.value).startswith(f"{file}:{line}:")

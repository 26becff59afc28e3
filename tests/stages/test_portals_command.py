"""`gongkai portals detect | check | new | schema` against the running district: what a person sees who adds a portal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from gongkai.errors import GongkaiError
from gongkai.registry import load_registry
from gongkai.settings import PROJECT
from samples.dialects import ALL_DIALECTS
from samples.district import running_district
from samples.town import Town
from stages.cli import gongkai


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running_district(tmp_path_factory.mktemp("district"), list(ALL_DIALECTS)) as running:
        yield running


@pytest.fixture(autouse=True)
def settings(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_PORTALS", str(town.registry))


def ask(*arguments: str) -> str:
    done = CliRunner().invoke(gongkai, ["portals", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_check_says_what_works_and_keeps_nothing(town: Town) -> None:
    found = json.loads(ask("check", "district-trs-wcm-1", "--details", "2", "--json"))
    assert (found["status"], found["family"], found["reasons"]) == ("complete", "trs_wcm", [])
    assert [(s["name"], s["rows"], len(s["notices"])) for s in found["sections"]] == [("规范性文件", 5, 2), ("通知公告", 5, 2)]
    first = found["sections"][0]["notices"][0]
    assert (first["title"], first["published"][:10]) == ("关于印发公共服务事项清单的通知（第1期）", "2026-03-02")
    assert first["characters"] > 50
    assert len([r for r in town.requests if r.portal_id == "district-trs-wcm-1"]) == 7  # robots, two lists, four notices


def test_detect_names_the_family_at_an_address_and_of_a_saved_page(town: Town, tmp_path: Path) -> None:
    base = town.addresses["district-hanweb-jcms-1"]
    assert ask("detect", f"{base}/col/col11/index.html") == "hanweb_jcms\n"
    page = tmp_path / "page.html"
    page.write_text('<html><body><div class="TRS_Editor">x</div></body></html>', encoding="utf-8")
    assert ask("detect", str(page)) == "trs_wcm\n"
    page.write_text("<html><body>nothing</body></html>", encoding="utf-8")
    assert CliRunner().invoke(gongkai, ["portals", "detect", str(page)]).exit_code == 1


@pytest.mark.parametrize("no_address", ["nonsense", "http://[x", "http://127.0.0.1:885020001/", "ftp://127.0.0.1/"])
def test_what_is_no_address_is_said_in_a_line(no_address: str) -> None:
    done = CliRunner().invoke(gongkai, ["portals", "detect", no_address])
    assert isinstance(done.exception, GongkaiError)
    assert str(done.exception).startswith(f"{no_address} is neither a file here nor the address of a page: ")


def test_detect_believes_good_answers_alone(town: Town) -> None:
    """An address that fits a family proves nothing where no page stands: `/gkmlpt/index` of a portal that has none."""
    url = f"{town.addresses['district-trs-wcm-1']}/gkmlpt/index"
    done = CliRunner().invoke(gongkai, ["portals", "detect", url])
    assert isinstance(done.exception, GongkaiError)
    assert "HTTP 404" in str(done.exception)


def test_a_front_page_leads_to_the_index_that_names_the_system(town: Town) -> None:
    assert ask("detect", f"{town.addresses['district-gkmlpt-1']}/") == "gkmlpt\n"


def test_detect_names_the_url_dialect(town: Town) -> None:
    base = town.addresses["district-generic-x-shhex-1"]
    assert ask("detect", f"{base}/nw11407/") == "generic (x_shhex)\n"


def test_new_proposes_the_dialect_and_what_the_page_says(town: Town, tmp_path: Path) -> None:
    url = f"{town.addresses['district-generic-x-intertid-shell-1']}/xxgk/lm1/index.shtml"
    entry = ask("new", "lj-example", url, "--name", "例镇人民政府", "--level", "township", "--province", "岚江省")
    file = tmp_path / "new.yaml"
    file.write_text(entry, encoding="utf-8")
    portal = load_registry(file)["lj-example"]
    assert (portal.family, portal.params) == ("generic", {"dialect": "x_intertid", "site_id": "4"})


def test_new_takes_the_sections_from_a_tree(town: Town, tmp_path: Path) -> None:
    url = f"{town.addresses['district-gkmlpt-1']}/gkmlpt/index"
    file = tmp_path / "new.yaml"
    file.write_text(ask("new", "lj-example", url, "--name", "例镇人民政府", "--province", "岚江省"), encoding="utf-8")
    portal = load_registry(file)["lj-example"]
    assert (portal.family, portal.params) == ("gkmlpt", {"sid": "990001"})
    assert [(s.name, s.kind.value, s.entry) for s in portal.sections] == [("规范性文件", "normative", "10001")]


def test_check_says_in_plain_words_why_not(town: Town) -> None:
    done = CliRunner().invoke(gongkai, ["portals", "check", "district-generic-x-glist-1"])
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("district-generic-x-glist-1: broken (")
    assert lines[1] == "  a page came, but not one that this family and these parameters can read: look at `entry`, `family` and `params`"
    assert lines[2].startswith("  规范性文件: rows are drawn by script ($.ajax(): no list rows found in ")


def test_new_prints_an_entry_that_the_registry_takes(town: Town, tmp_path: Path) -> None:
    url = f"{town.addresses['district-trs-wcm-1']}/zwgk/lm1/"
    entry = ask("new", "lj-example", url, "--name", "例镇人民政府", "--level", "township", "--province", "岚江省")
    file = tmp_path / "new.yaml"
    file.write_text(entry, encoding="utf-8")
    portal = load_registry(file)["lj-example"]
    assert (portal.family, portal.sections[0].entry, portal.followed) == ("trs_wcm", "/zwgk/lm1/", False)
    assert (portal.site_id_code, portal.allow_private) == ("9909000001", True)  # as its pages say; as the registry says of this host


def test_what_new_prints_passes_check_under_its_new_id(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/add-a-portal.md, as a stranger follows it: the shell makes the file first, which the registry must bear."""
    registry = tmp_path / "portals"
    registry.mkdir()
    (registry / "town.yaml").write_text(town.registry.read_text(encoding="utf-8"), encoding="utf-8")
    (registry / "new.yaml").touch()
    monkeypatch.setenv("GONGKAI_PORTALS", str(registry))
    url = f"{town.addresses['district-ucap-1']}{load_registry(town.registry)['district-ucap-1'].sections[0].entry}"
    (registry / "new.yaml").write_text(ask("new", "lj-example", url, "--name", "例镇", "--province", "岚江省"), encoding="utf-8")
    found = json.loads(ask("check", "lj-example", "--details", "1", "--json"))
    assert (found["status"], found["family"], found["sections"][0]["rows"]) == ("complete", "ucap", 5)
    assert found["identity"]["meaning"] == "pages say whose they are, and the entry says the same"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Lj_Example", "http://x.example/"), "'Lj_Example' is no portal id: small letters, digits and hyphens, as in gd-exampletown"),
        (("district-ucap-1", "http://x.example/"), "district-ucap-1 is registered already in "),
    ],
)
def test_a_slip_is_said_in_a_line_before_anybody_is_asked(arguments: tuple[str, str], said: str) -> None:
    done = CliRunner().invoke(gongkai, ["portals", "new", *arguments, "--name", "例镇", "--province", "岚江省"])
    assert isinstance(done.exception, GongkaiError)
    assert str(done.exception).startswith(said)


def test_check_of_an_entry_without_sections_says_where_to_find_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """83 portals of the reference are known by their address alone."""
    entry = {"id": "lj-bare", "name": "例市", "level": "city", "province": "岚江省", "base_url": "http://bare.invalid", "family": "gkmlpt"}
    (tmp_path / "bare.yaml").write_text(yaml.safe_dump({"portals": [entry]}, allow_unicode=True), encoding="utf-8")
    monkeypatch.setenv("GONGKAI_PORTALS", str(tmp_path / "bare.yaml"))
    done = CliRunner().invoke(gongkai, ["portals", "check", "lj-bare"])
    assert done.exit_code == 1
    assert done.stdout.splitlines()[1].startswith(
        "  nobody was asked, for the entry names no section: `gongkai portals new SOME-ID http://bare.invalid/ "
    )


def test_check_tells_what_would_guard_the_entry(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = yaml.safe_load(town.registry.read_text(encoding="utf-8"))["portals"]
    bare = [{k: v for k, v in e.items() if k not in ("site_id_code", "site_name")} for e in entries if e["id"] == "district-vsb-1"]
    (tmp_path / "bare.yaml").write_text(yaml.safe_dump({"portals": bare}, allow_unicode=True), encoding="utf-8")
    monkeypatch.setenv("GONGKAI_PORTALS", str(tmp_path / "bare.yaml"))
    lines = ask("check", "district-vsb-1", "--details", "1").splitlines()
    assert 'with `site_id_code: "9909000001"` a crawl would notice another body\'s site' in lines[2]


def test_the_published_schema_is_the_registrys_own() -> None:
    assert json.loads((PROJECT / "docs" / "portals.schema.json").read_text(encoding="utf-8")) == json.loads(ask("schema"))
    for file in sorted((PROJECT / "portals").glob("*.yaml")):
        assert file.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=../docs/portals.schema.json\n"), file.name
        assert yaml.safe_load(file.read_text(encoding="utf-8"))["portals"]

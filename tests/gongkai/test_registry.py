"""The registry refuses what is wrong before anything runs, and says where."""

from pathlib import Path

import pytest
import yaml

from gongkai.errors import RegistryError
from gongkai.registry import SectionKind, load_registry
from gongkai.settings import PROJECT

GOOD = """\
portals:
  - id: xx-testcity
    name: 测试市人民政府
    level: city
    province: 测试省
    division_code: "999901"
    base_url: http://www.example.com/
    family: trs_wcm
    sections:
      - {name: 年度报告, kind: annual_report, entry: /nb/, since: 2015}
"""


def write(folder: Path, text: str, name: str = "p.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_portal_is_read_with_its_defaults(tmp_path: Path) -> None:
    portal = load_registry(write(tmp_path, GOOD))["xx-testcity"]
    assert portal.base_url == "http://www.example.com"
    assert portal.host == "www.example.com"
    assert portal.sections[0].kind is SectionKind.ANNUAL_REPORT
    assert portal.sections[0].since == 2015
    assert (portal.manners.delay, portal.manners.concurrency) == (1.0, 1)
    assert portal.status == "unverified"
    assert portal.allow_private is False


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("    family: trs_wcm", "    familly: trs_wcm"), 8, "familly: unknown key (known: id, name, "),
        (('"999901"', '"99990"'), 6, "division_code: String should match pattern"),
        (("level: city", "level: village"), 4, "level: Input should be"),
        (("entry: /nb/", "entri: /nb/"), 10, "sections.0.entri: unknown key (known: name, kind, entry, since, family)"),
        (("kind: annual_report", "kind: reports"), 10, "sections.0.kind"),
        (("http://www.example.com/", "ftp://www.example.com/"), 7, "base_url must be http(s)"),
        (("http://www.example.com/", "http://me:secret@www.example.com/"), 7, "without credentials"),
        (("http://www.example.com/", "http://:secret@www.example.com/"), 7, "without credentials"),
        (("http://www.example.com/", "http://www.example .com/"), 7, "base_url must be http(s)"),
        (("id: xx-testcity", "id: XX testcity"), 2, "id: String should match pattern"),
        (("    name: 测试市人民政府\n", ""), 2, "name: Field required"),
        (("    level: city", "    level: city\n    level: county"), 5, "key 'level' stands twice"),
        (("family: trs_wcm", "family: trs_wmc"), 8, "family: Value error, unknown family trs_wmc"),
        (("since: 2015", "family: ucpa"), 10, "sections.0.family: Value error, unknown family ucpa"),
        (("family: trs_wcm", "family: generic\n    params: {dialect: x_no}"), 9, "params: Value error, unknown dialect x_no"),
        (("since: 2015}", "since: 2015}\n      - {name: 年度报告, kind: news, entry: /a/}"), 9, "the same name, 年度报告"),
        (("portals:", "portal:"), 1, "unknown key 'portal'"),
        (("      - {name: 年度报告", "portals: []\n#     - {name: 年度报告"), 10, "key 'portals' stands twice"),
        (("portals:\n", "portals: [\n"), None, "not YAML"),
        (("province: 测试省", "province: \a"), 5, "a control character (U+0007)"),
        (("name: 测试市人民政府", "name: !!python/name:os.system"), 3, "not YAML: could not determine a constructor"),
        (("name: 测试市人民政府", "name: 2024-02-30"), 2, "day is out of range"),
        (("name: 测试市人民政府", "? [a, b]\n    : x"), 3, "a key must be a word"),
        (("www.example.com/", "www.example.com:99999/"), 7, "Port out of range"),
    ],
)
def test_a_mistake_names_file_and_line(tmp_path: Path, change: tuple[str, str], line: int | None, words: str) -> None:
    assert change[0] in GOOD
    path = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(RegistryError) as caught:
        load_registry(path)
    message = str(caught.value)
    assert words in message
    assert "\n" not in message
    assert message.startswith(f"{path}:{line}: " if line else f"{path}:")


def test_a_duplicate_id_names_both_places(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "a.yaml")
    write(tmp_path, "\n" + GOOD, "b.yaml")
    with pytest.raises(RegistryError, match=r"b\.yaml:3: duplicate portal id 'xx-testcity', first used at .*a\.yaml:2"):
        load_registry(tmp_path)


def test_an_empty_folder_is_no_registry(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="no registry file"):
        load_registry(tmp_path)


def test_the_shipped_registry_loads_and_portals_stay_small() -> None:
    registry = load_registry(PROJECT / "portals")
    assert len(registry) >= 4
    for file in (PROJECT / "portals").glob("*.yaml"):
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))["portals"]
        assert {entry["id"] for entry in entries} <= set(registry)
    assert all(p.status == "unverified" or p.status.startswith("verified ") for p in registry.values())


def test_the_real_portals_are_known_and_not_followed() -> None:
    registry = load_registry(PROJECT / "portals")
    real = [portal for portal in registry.values() if not portal.allow_private]
    assert len(real) == 553
    assert [portal.id for portal in real if portal.followed] == []
    assert {"gd-zhanjiang", "ln-panjin"} <= {portal.id for portal in real}
    assert len({(portal.base_url, tuple(portal.sections), portal.name) for portal in real}) == 553


def test_a_file_in_which_nothing_stands_lists_nothing(tmp_path: Path) -> None:
    """`gongkai portals new … > portals/new.yaml`: the shell makes the file before the registry is read."""
    write(tmp_path, GOOD)
    write(tmp_path, "", "new.yaml")
    assert list(load_registry(tmp_path)) == ["xx-testcity"]

"""The agencies vocabulary: its own file is sound, and a broken one is refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gongkai.agencies import agencies, load_agencies
from gongkai.errors import RegistryError


def test_packaged_vocabulary() -> None:
    known = agencies()
    assert len({agency.id for agency in known.by_name.values()}) >= 80
    environment = known.find("环保局")
    assert environment is not None
    assert environment.id == "environment"
    ending = known.ending("象州生态环境局")
    assert ending is not None
    assert (ending[0], ending[1].id) == ("象州", "environment")
    province = known.find("财政厅")
    assert province is not None
    assert province.id == "finance"


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        ("agencies:\n  - {id: a, name: 财政局}\n  - {id: b, name: 财政局}\n", 3, "already belongs"),
        ("agencies:\n  - {id: a, name: 财政局}\n  - {id: a, name: 税务局}\n", 3, "duplicate agency id"),
        ("agencies:\n  - {id: a, name: 财政局, colour: red}\n", 2, "colour"),
        ("agencies:\n  - {id: a\n", 3, "not YAML"),
        ("offices: []\n", 1, "expected one key"),
    ],
)
def test_refused_with_file_and_line(tmp_path: Path, text: str, line: int, cause: str) -> None:
    file = tmp_path / "agencies.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RegistryError, match=cause) as caught:
        load_agencies(file)
    assert str(caught.value).startswith(f"{file}:{line}:")

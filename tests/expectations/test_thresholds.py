"""Bounds: the shipped file loads, every mistake names its file and line."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from expectations.thresholds import FILE, Thresholds, load_thresholds
from gongkai.errors import RegistryError

GOOD = FILE.read_text(encoding="utf-8")


def test_shipped_file() -> None:
    limits = load_thresholds()
    assert limits.shrink_ratio == 0.8
    assert all(isinstance(getattr(limits, f.name), float) for f in fields(Thresholds) if f.name != "edition")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (GOOD + "surprise: {value: 1, reason: because somebody wanted it}\n", r":\d+: unknown bound 'surprise'"),
        (GOOD + "shrink_ratio: {value: 1, reason: because somebody wanted it}\n", r":\d+: repeated bound 'shrink_ratio'"),
        (GOOD.replace("value: 0.8", "value: high"), r":7: shrink_ratio.value: "),
        (GOOD.replace("value: 0.8", "value: -1"), r":7: shrink_ratio.value: "),
        ("shrink_ratio: {value: 1, reason: short}\n", r":1: shrink_ratio.reason: "),
        ("shrink_ratio: {value: 1, reason: long enough to be a reason}\n", r"bounds missing: archived_attachments, "),
        ("- 1\n", r":1: expected a mapping"),
        ("a: [\n", r":2: not YAML"),
    ],
)
def test_mistakes_name_file_and_line(text: str, cause: str, tmp_path: Path) -> None:
    path = tmp_path / "thresholds.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RegistryError, match=cause) as caught:
        load_thresholds(path)
    assert str(path) in str(caught.value)


def test_absent_file(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="cannot be read"):
        load_thresholds(tmp_path / "none.yaml")


def test_edition_follows_the_content(tmp_path: Path) -> None:
    path = tmp_path / "thresholds.yaml"
    path.write_text(GOOD.replace("value: 0.8", "value: 0.7"), encoding="utf-8")
    assert load_thresholds(path).edition != load_thresholds().edition

"""docs/threat-model.md names tests that exist."""

from __future__ import annotations

import re

from gongkai.settings import PROJECT


def test_every_test_that_the_threat_model_names_exists() -> None:
    text = (PROJECT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    named, path = [], ""
    for file, test in re.findall(r"`(tests/[\w/]+\.py)?(?:::(\w+))?`", text):
        path = file or path
        if path:
            named.append((path, test))
    assert len(named) > 40
    for path, test in named:
        source = (PROJECT / path).read_text(encoding="utf-8")
        assert f"def {test}(" in source or not test, f"{path}::{test}"

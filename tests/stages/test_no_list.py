"""`gongkai rows` names what a file is that holds no list."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from gongkai.errors import UnreadableInput
from stages.cli import gongkai


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b" \n", "an empty file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "no text"),
        (b'<html><script>$_ts=window["$_ts"];$_ts.cd="q";</script><body></body></html>', "challenge"),
        (b'<form action="/cas"><input name="u"><input type="password"></form>', "a login page"),
    ],
)
def test_what_is_no_list_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "list.html"
    path.write_bytes(data)
    with pytest.raises(UnreadableInput, match=said):
        CliRunner().invoke(gongkai, ["rows", str(path), "--url", "http://www.example.gov.cn/a/"], catch_exceptions=False)

"""Old office files through a converter: what it makes is read; one that fails, hangs or floods ends in its word."""

from __future__ import annotations

import ast
import io
import os
import shutil
import sys
import textwrap
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import docx
import pytest

import stages.convert
from gongkai.errors import UnreadableInput
from stages.convert import Office
from transforms.opened import CONVERTIBLE, open_attachment

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le") + bytes(600)
RTF = rb"{\rtf1\ansi hello}"


def _docx(*lines: str) -> bytes:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _program(folder: Path, body: str) -> str:
    """An executable that stands for soffice: `out` is the file it should write, `given` the bytes it was handed."""
    path = folder / "soffice"
    head = f"""\
        #!{sys.executable}
        import os, subprocess, sys, time
        if "--version" in sys.argv:
            print("Fake Office 1.2 build 3")
            sys.exit()
        out = os.path.join(sys.argv[sys.argv.index("--outdir") + 1], "input.docx")
        given = open(sys.argv[-1], "rb").read()
        os.makedirs(os.path.dirname(out), exist_ok=True)
        """
    path.write_text(textwrap.dedent(head) + textwrap.dedent(body), encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_a_converted_file_is_read_and_says_by_what(tmp_path: Path) -> None:
    made = tmp_path / "made.docx"
    made.write_bytes(_docx("样例市2021年政务公开工作要点", "一、公开预算。（责任单位：市财政局）"))
    office = Office(_program(tmp_path, f"open(out, 'wb').write(open({str(made)!r}, 'rb').read())"))
    (one,) = open_attachment(OLE, office, name="工作要点.wps")
    assert (one.kind, one.extension, one.status, one.converter) == ("doc", "wps", "read", "Fake Office")
    assert one.document is not None
    assert [(task.text, task.lead_units) for task in one.document.tasks] == [("公开预算。", ["市财政局"])]
    assert [f.rule for f in one.document.findings if f.rule == "D-TYPE"] == []


def test_the_converter_sees_an_empty_home_and_a_name_of_ours(tmp_path: Path) -> None:
    seen = tmp_path / "seen.txt"
    office = Office(_program(tmp_path, f"open({str(seen)!r}, 'w').write(repr((sorted(os.environ), sys.argv[-1], given)))"))
    with pytest.raises(UnreadableInput, match="conversion failed"):
        office(RTF, "rtf")
    variables, name, given = ast.literal_eval(seen.read_text())
    assert set(variables) <= {"PATH", "HOME", "TMPDIR", "LANG", "LC_CTYPE", "PWD", "OLDPWD", "SHLVL", "_"}
    assert Path(name).name == "input.rtf"
    assert given == RTF
    assert not Path(name).parent.exists(), "its folder is thrown away"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("sys.stderr.write('source file could not be loaded\\n'); sys.exit(3)", "exit status 3.*could not be loaded"),
        ("sys.exit(0)", "exit status 0.*nothing said"),
        ("os.kill(os.getpid(), 11)", "exit status -11"),
    ],
)
def test_a_conversion_that_fails_says_why(tmp_path: Path, body: str, reason: str) -> None:
    (one,) = open_attachment(OLE, Office(_program(tmp_path, body)), name="a.doc")
    assert (one.kind, one.status, one.document) == ("doc", "failed", None)
    with pytest.raises(UnreadableInput, match=reason):
        Office(_program(tmp_path, body))(OLE, "doc")


def test_a_conversion_that_hangs_is_ended_with_all_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages.convert, "_SECONDS", 1)
    left = tmp_path / "left.txt"
    office = Office(
        _program(tmp_path, f"p = subprocess.Popen(['sleep', '600']); open({str(left)!r}, 'w').write(str(p.pid)); time.sleep(600)")
    )
    began = time.monotonic()
    (one,) = open_attachment(OLE, office, name="a.doc")
    assert (one.status, one.reason) == ("failed", "its conversion did not end within 1 s")
    assert time.monotonic() - began < 20
    child = int(left.read_text())
    deadline = time.monotonic() + 10
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)
    monkeypatch.setattr(stages.convert, "_MAX_HUNG", 1)
    (one,) = open_attachment(OLE, office, name="b.doc")
    assert (one.status, one.reason) == ("failed", "not tried: 1 conversions of this portal did not end")


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_conversion_that_floods_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages.convert, "_MAX_OUTPUT", 1000)
    (one,) = open_attachment(OLE, Office(_program(tmp_path, "open(out, 'wb').write(b'x' * 5000)")), name="a.doc")
    assert one.status == "too_large"
    monkeypatch.setattr(stages.convert, "_MAX_INPUT", 100)
    (one,) = open_attachment(OLE, Office(_program(tmp_path, "")), name="a.doc")
    assert one.status == "too_large"


def test_what_it_makes_is_no_more_trusted_than_what_it_was_given(tmp_path: Path) -> None:
    (one,) = open_attachment(OLE, Office(_program(tmp_path, "open(out, 'wb').write(b'PK\\x03\\x04 broken')")), name="a.doc")
    assert (one.kind, one.status) == ("doc", "unreadable")


@pytest.mark.parametrize("program", ["", "no-such-program-of-ours"])
def test_without_a_converter_the_file_waits(program: str) -> None:
    for kind in sorted(CONVERTIBLE):
        with pytest.raises(UnreadableInput, match="LibreOffice") as refused:
            Office(program)(b"x", kind)
        assert refused.value.status == "unconverted"


# --- the real one --------------------------------------------------------------------------------------------------------

real = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed here; it is optional")


@pytest.fixture
def requests() -> Iterator[list[str]]:
    """A loopback server; paths asked of it. The first entry is its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        seen = [f"http://127.0.0.1:{server.server_address[1]}"]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield seen
        server.shutdown()


@real
def test_libreoffice_makes_a_table_of_an_old_word_file_that_gives_its_tasks() -> None:
    rows = (("工作任务", "责任单位", "完成时限"), ("公开财政预算", "市财政局", "6月底前"), ("公开审计结果", "市审计局", "12月底前"))
    cells = "".join(
        r"\trowd\cellx3000\cellx6000\cellx9000 "
        + "".join(r"\intbl " + "".join(rf"\u{ord(c)}?" for c in text) + r"\cell " for text in row)
        + r"\row "
        for row in rows
    )
    title = "".join(rf"\u{ord(c)}?" for c in "样例市2021年政务公开工作要点责任分解表")
    rtf = rb"{\rtf1\ansi\uc1 \pard " + title.encode() + rb"\par " + cells.encode() + rb"\pard\par}"
    (one,) = open_attachment(rtf, Office("soffice"), name="责任分解表.doc")
    assert (one.kind, one.status) == ("rtf", "read"), one.reason
    assert one.converter is not None
    assert one.converter.startswith("LibreOffice ")
    assert one.document is not None
    assert [(t.text, t.lead_units, str(t.due_date)) for t in one.document.tasks] == [
        ("公开财政预算", ["市财政局"], "2021-06-30"),
        ("公开审计结果", ["市审计局"], "2021-12-31"),
    ]


@real
@pytest.mark.parametrize(("isolated", "settled"), [(True, False), (False, True), (False, False)])
def test_libreoffice_follows_no_link(requests: list[str], monkeypatch: pytest.MonkeyPatch, isolated: bool, settled: bool) -> None:
    """Neither its settings nor the missing network lets it: each is tried without the other; the last case shows that the link works."""
    if not isolated:
        monkeypatch.setattr(stages.convert, "_without_network", lambda: ())
    elif not stages.convert._without_network():
        pytest.skip("this system does not let us take a process's network away")
    if not settled:
        monkeypatch.setattr(stages.convert, "_SETTINGS", ())
    (one,) = open_attachment(_linked(requests[0]), Office("soffice"), name="a.odt")
    assert one.kind == "odt"
    assert one.document is not None, one.reason
    assert "正文" in one.document.body_text
    assert bool(requests[1:]) == (not isolated and not settled)


def _linked(address: str) -> bytes:
    """An OpenDocument text with a picture on another host."""
    oasis = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = (("office", "office"), ("text", "text"), ("draw", "drawing"), ("svg", "svg-compatible"), ("manifest", "manifest"))
    names = " ".join(f'xmlns:{name}="{oasis}:{place}:1.0"' for name, place in spaces) + ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    image = f'<draw:image xlink:href="{address}/picture.png" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/>'
    frame = f'<draw:frame svg:width="2cm" svg:height="2cm" text:anchor-type="as-char">{image}</draw:frame>'
    content = (
        f'<?xml version="1.0"?><office:document-content {names} office:version="1.2"><office:body><office:text>'
        f"<text:p>正文{frame}</text:p></office:text></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.text"
    parts = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{media}"/>'
        for path, media in (("/", kind), ("content.xml", "text/xml"))
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", f'<manifest:manifest {names} manifest:version="1.2">{parts}</manifest:manifest>')
        archive.writestr("content.xml", content)
    return out.getvalue()


@real
@pytest.mark.parametrize("data", [b"{\\rtf1" + b"{" * 50_000, OLE + os.urandom(20_000)], ids=["braces", "rubbish"])
def test_libreoffice_at_bad_files_ends_in_a_word(data: bytes) -> None:
    (one,) = open_attachment(data, Office("soffice"), name="a.doc")
    assert one.status in {"read", "failed", "empty", "unreadable"}

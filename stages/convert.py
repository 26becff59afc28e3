"""Old office files to docx by LibreOffice, where it is installed: a process of its own for each file, without network, in bounds.

The file comes from a stranger and LibreOffice is large: it gets an empty home and profile that are thrown away, macros and links
switched off, no network where the system can take it away (Linux namespaces), and limits on time, memory and what it writes.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from pathlib import Path

from gongkai.errors import UnreadableInput
from gongkai.status import ReadingStatus
from transforms.formats.sniff import Format
from transforms.opened import Converted

_SECONDS = 60
"""A page takes a hundredth of it."""
_MAX_HUNG = 10
"""Conversions that may run into the time limit before no more are tried: an archive can hold 300 files that hang."""
_MAX_INPUT = 50_000_000
_MAX_OUTPUT = 100_000_000
_LIMITS = "ulimit -t 60; ulimit -v 6000000; ulimit -f 400000"
"""CPU seconds; kilobytes of address space; blocks of 512 bytes in one file."""
_NAMES: dict[str, str] = {"doc": "input.doc", "rtf": "input.rtf", "odt": "input.odt", "word_xml": "input.xml"}
_SPOKEN: dict[str, str] = {
    "doc": "a Word file of the old binary format (.doc, .wps)",
    "rtf": "an RTF file",
    "odt": "an OpenDocument text (.odt)",
    "word_xml": "a Word 2003 XML file",
}
_WITHOUT_NETWORK = (("unshare", "--net"), ("unshare", "--user", "--map-root-user", "--net"))
_OPTIONS = ("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck", "--convert-to", "docx:MS Word 2007 XML")
_SETTINGS = (
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Writer/Content/Update", "Link", "0"),
)


class Office:
    """LibreOffice as a converter. `program`: its name or path; where there is none, every file stays unconverted."""

    def __init__(self, program: str) -> None:
        self._program = shutil.which(program) if program else None
        self._hung = 0

    @cached_property
    def version(self) -> str:
        """What the program says it is."""
        if self._program is None:
            return ""
        with tempfile.TemporaryDirectory(prefix="gongkai-office-") as folder:
            code, said = _run([self._program, f"-env:UserInstallation={Path(folder).as_uri()}", "--version"], Path(folder))
        return " ".join(said.split()[:2])[:80] if code == 0 and said.strip() else Path(self._program).name

    def __call__(self, data: bytes, kind: Format) -> Converted:
        """The file as docx.

        Raises:
            UnreadableInput: no converter here (`unconverted`), the file is larger than the bound (`too_large`), or the conversion
                failed (`failed`).
        """
        if self._program is None:
            raise UnreadableInput(f"{_SPOKEN[kind]}: read by way of LibreOffice only, which is not here", ReadingStatus.UNCONVERTED)
        if self._hung >= _MAX_HUNG:
            raise UnreadableInput(f"not tried: {_MAX_HUNG} conversions of this portal did not end", ReadingStatus.FAILED)
        if len(data) > _MAX_INPUT:
            raise UnreadableInput(f"larger than the {_MAX_INPUT // 1_000_000} MB that are converted", ReadingStatus.TOO_LARGE)
        with tempfile.TemporaryDirectory(prefix="gongkai-office-") as name:
            folder = Path(name)
            source, out = folder / _NAMES[kind], folder / "out"
            source.write_bytes(data)
            _write_profile(folder / "profile")
            own = [f"-env:UserInstallation={(folder / 'profile').as_uri()}", *_OPTIONS, "--outdir", str(out), str(source)]
            code, said = _run([*_without_network(), self._program, *own], folder)
            made = out / "input.docx"
            if code is None:
                self._hung += 1
                raise UnreadableInput(f"its conversion did not end within {_SECONDS} s", ReadingStatus.FAILED)
            if not made.is_file():
                cause = " ".join(said.split())[-150:]
                raise UnreadableInput(f"its conversion failed (exit status {code}): {cause or 'nothing said'}", ReadingStatus.FAILED)
            if made.stat().st_size > _MAX_OUTPUT:
                raise UnreadableInput(f"converted it is larger than {_MAX_OUTPUT // 1_000_000} MB", ReadingStatus.TOO_LARGE)
            return Converted(made.read_bytes(), self.version)


def _write_profile(profile: Path) -> None:
    items = "".join(
        f'<item oor:path="/org.openoffice.Office.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>',
        encoding="utf-8",
    )


@lru_cache(maxsize=1)
def _without_network() -> Sequence[str]:
    """The words that start a program without network; none where this system does not let us."""
    for words in _WITHOUT_NETWORK:
        if shutil.which(words[0]) and subprocess.run([*words, "true"], capture_output=True, timeout=20, check=False).returncode == 0:
            return words
    return ()


def _run(command: Sequence[str], home: Path) -> tuple[int | None, str]:
    """Exit status and the end of what was said; None where it did not end in time. Nothing it started outlives this call."""
    environment = {"PATH": os.defpath, "HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8"}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            ["/bin/sh", "-c", f'{_LIMITS}; exec "$@"', "sh", *command],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd=home,
            env=environment,
            start_new_session=True,
        )
        try:
            code: int | None = process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            with suppress(ProcessLookupError):  # all of them have ended
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        said.seek(max(0, said.tell() - 4096))
        return code, said.read().decode("utf-8", "replace")

"""Bytes to text: byte order mark, HTTP charset, meta charset, then detection. The declared charset is a claim, not a fact.

Chinese portals declare utf-8 on GBK pages and the other way round, cut texts in the middle of a character, and call GBK "gb2312".
So: what is valid UTF-8 is UTF-8; everything of the GB family is read as GB18030 (their superset); where a declaration and the bytes
disagree, the reading with fewer holes and more everyday characters wins and the lie is a finding.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from gongkai.records.document import Finding

_HEAD = 8192  # where a declaration is looked for
_SAMPLE = 1_000_000  # how much is weighed when candidates compete
_DECLARED = re.compile(rb"""(?:charset|encoding)\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9_.:\-]{2,40})""", re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CANDIDATES = ("utf-8", "gb18030", "big5hkscs")
_SAME = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "cp950": "big5hkscs", "utf-8-sig": "utf-8"}
# Everyday characters of government prose, simplified and traditional: a wrong reading yields rare ones instead.
_EVERYDAY = re.compile("[的一是在不了有和人中大为上个国我以要于年月日府市公息信关政部知通為於個國關務開與]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_COMMON = re.compile("[\t\n\r\x20-\x7e\u2010-\u2027\u3000-\u301f\u4e00-\u9fff\uff01-\uff5e]")
_IDEOGRAPH = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text as read, the codec that read it (a Python name), and what was wrong with the bytes or their declaration."""

    text: str
    encoding: str
    findings: tuple[Finding, ...] = ()


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Read `data`; `declared` is the charset of the HTTP header. Never raises: unreadable bytes become U+FFFD, counted in `D-DECODE`.

    `D-CHARSET` tells that the declaration was wrong. NUL characters are dropped.
    """
    claim = _known(declared) or _known(_declared_inside(data))
    encoding, data = _choose(data, claim)
    text = data.decode(encoding, "replace")
    if encoding != "utf-8" or b"\0" in data:  # UTF-8 makes neither NUL of another byte nor surrogates
        text = without_surrogates(text.replace("\0", ""))
    findings = []
    if claim and not encoding.startswith(claim) and not text.isascii():
        findings.append(
            Finding(
                rule="D-CHARSET", severity="warning", message="the declared charset is not the real one", expected=claim, actual=encoding
            )
        )
    holes = text.count("\ufffd")
    if holes:
        share = holes / max(1, sum(len(run) for run in re.findall(r"[^\x00-\x7f]+", text)))
        findings.append(
            Finding(
                rule="D-DECODE",
                severity="error" if share > 0.05 else "warning" if share > 0.002 else "info",
                message=f"{holes} unreadable characters ({share:.2%} of the text beyond ASCII)",
                expected="0",
                actual=str(holes),
            )
        )
    return Decoded(text, encoding, tuple(findings))


def utf16_of(head: bytes) -> str | None:
    """The codec of UTF-16 text, with a mark or without. NULs alone are no proof: they also stray into other texts."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16-le" if head.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
    nuls = head.count(0)
    if not nuls or (nuls <= len(head) // 5 and _is_utf8(head.replace(b"\0", b""))):
        return None
    encoding = "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"
    text = head[: len(head) // 2 * 2].decode(encoding, "replace")
    return encoding if len(_COMMON.findall(text)) > 0.9 * len(text) else None


def without_surrogates(text: str) -> str:
    """The text with lone surrogates (from JSON escapes, say) as U+FFFD: no UTF-8 writer accepts them."""
    try:
        text.encode()  # five times as fast as a search, and hardly any text has one
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def _declared_inside(data: bytes) -> str | None:
    found = _DECLARED.search(data[:_HEAD])
    return found.group(1).decode("ascii") if found else None


def _known(name: str | None) -> str | None:
    """Python's name for a charset that can hold Chinese; None for an unknown one and for Latin, which servers send by default."""
    if not name:
        return None
    try:
        python_name = codecs.lookup(name.strip().strip("\"'")).name
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return None
    if not python_name.startswith(("utf", "gb", "big5", "cp950", "hz", "euc", "shift_jis")):
        return None
    return _SAME.get(python_name, python_name)


def _choose(data: bytes, claim: str | None) -> tuple[str, bytes]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, data[len(mark) :]
    wide = utf16_of(data[:_HEAD])
    if wide:
        return wide, data
    if data.isascii() and claim != "hz":
        return "utf-8", data
    if claim in {None, *_CANDIDATES} and _is_utf8(data) and not (claim == "gb18030" and _is_false_utf8(data)):
        return "utf-8", data
    sample = data[:_SAMPLE]
    candidates = dict.fromkeys([claim, *_CANDIDATES] if claim else _CANDIDATES)
    best = max(candidates, key=lambda name: _worth(sample, name) + (0.02 if name == claim else 0.0))
    return best, data


def _is_utf8(data: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)  # not final: a cut last character is no evidence against UTF-8
    except UnicodeDecodeError:
        return False
    return True


def _is_false_utf8(data: bytes) -> bool:
    """A few GBK characters can be valid UTF-8 (医药, say), but then they give no ideograph."""
    return not _IDEOGRAPH.search(data[:_SAMPLE].decode("utf-8", "replace")) and bool(
        _IDEOGRAPH.search(data[:_SAMPLE].decode("gb18030", "replace"))
    )


def _worth(sample: bytes, encoding: str) -> float:
    """Share of everyday characters among what is not ASCII, less the share of holes, which weigh five times."""
    text = sample.decode(encoding, "replace")
    wide = "".join(re.findall(r"[^\x00-\x7f]+", text))
    if not wide:
        return 0.0
    return (len(_EVERYDAY.findall(wide)) - 5 * wide.count("\ufffd")) / len(wide)

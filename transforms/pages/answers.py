"""Answers of services as data: JSON, JSONP, JSON that is not valid, and answers that report an error.

A service may say *error* in a dozen ways and still send an empty list; such an answer is an error, never an empty list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gongkai.json_names import json_names, lowered
from transforms.decode import without_surrogates
from transforms.pages.contract import NotThisLayout, SoftError

_WRAPPED = re.compile(
    r"(?:/\*.{0,200}?\*/)?\s{0,20}(?:(?:var|let|const)\s{1,9})?[A-Za-z_$][\w$.]{0,99}\s{0,9}(?P<by>[(=])\s{0,20}(?=[\[{])", re.DOTALL
)
_TOKEN = re.compile(
    r""""(?P<double>(?:[^"\\]|\\.)*+)(?:"|\\?\Z)|'(?P<single>(?:[^'\\]|\\.)*+)(?:'|\\?\Z)|(?P<last>,)(?=\s{0,99}[}\]])"""
    r"""|(?<![\w"'.])(?P<word>[A-Za-z_$][\w$]{0,60})(?=\s{0,9}:)"""
    r"|\b(?P<nothing>undefined|NaN)\b",
    re.DOTALL,
)
_BRACKET = re.compile(r"""[\[\]{}]|"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|'(?:[^'\\]|\\.)*+(?:'|\\?\Z)""", re.DOTALL)
_BAD_ESCAPE = re.compile(r"""\\(?:u(?![0-9a-fA-F]{4})|x|[^"\\/bfnrtu])""")
_WELL = re.compile(r"成功|正常|完成|^ok$|success", re.IGNORECASE)
_ILL = re.compile(
    r"失败|无效|错误|异常|出错|不存在|无权|拒绝|非法|过期|频繁|超时|繁忙|error|fail|denied|forbidden|invalid|exception|timeout",
    re.IGNORECASE,
)
_FAILED = frozenset(("false", "n", "no", "fail", "failed", "failure", "error"))
_CLEAR = re.compile(r"-\d+|[45]\d\d|[45]\d{3,5}|.*(?:err|fail|exception|denied).*")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service sent. `mended` says why it could not be read as it is, "" where it could."""

    value: dict[str, Any] | list[Any]
    mended: str = ""


def is_answer(text: str) -> bool:
    """Whether a text is the answer of a service and not a page: an object, an array, or either of them in a call (JSONP)."""
    start = text.lstrip("\ufeff \t\r\n")[:400]
    return start[:1] in ("{", "[") or _WRAPPED.match(start) is not None


def load_answer(text: str) -> Answer:
    """The object or array that an answer is. Raises NotThisLayout: neither, even after mending."""
    text = text.strip("\ufeff \t\r\n")
    call = None if text[:1] in ("{", "[") else _WRAPPED.match(text)
    if call:
        end = text.rfind(")") if call["by"] == "(" else len(text.rstrip("; \r\n\t"))
        text = text[call.end() : end if end > call.end() else len(text)]
    try:
        return Answer(_container(json.loads(text, strict=False)))
    except (ValueError, RecursionError) as first:
        try:
            value = json.loads(_TOKEN.sub(_mended, text), strict=False)
        except (ValueError, RecursionError):
            raise NotThisLayout(f"the answer is no JSON: {str(first)[:80]}") from first
        return Answer(_container(value), mended=getattr(first, "msg", type(first).__name__))


def array_at(text: str, start: int, most: int) -> str | None:
    """The text of the array that begins at `start` (rows inside a page), at most `most` characters; None where it never ends."""
    depth = 0
    for found in _BRACKET.finditer(text, start, min(len(text), start + most)):
        depth += (found[0] in "[{") - (found[0] in "]}")
        if depth == 0 and found[0] in "]}":
            return text[start : found.end()]
    return None


def _container(value: object) -> dict[str, Any] | list[Any]:
    if not isinstance(value, dict | list):
        raise NotThisLayout(f"the answer is a JSON {type(value).__name__}, not an object or a list")
    return value


def _mended(token: re.Match[str]) -> str:
    """Single quotes, bare names, commas too many, escapes that JSON does not have.

    A string without an end reaches to the end of the text: looked for again behind each of its quotes, it would cost the square of it.
    """
    if token["double"] is not None:
        return f'"{_BAD_ESCAPE.sub(_unescaped, token["double"])}"'
    if token["single"] is not None:
        inside = _BAD_ESCAPE.sub(_unescaped, token["single"].replace("\\'", "'"))
        return '"' + re.sub(r'(?<!\\)"', r"\"", inside) + '"'
    if token["last"]:
        return ""
    return "null" if token["nothing"] else f'"{token["word"]}"'


def _unescaped(escape: re.Match[str]) -> str:
    return "'" if escape[0] == "\\'" else "\\\\" + escape[0][1:]


def refuse_error(nodes: Iterable[Mapping[str, Any]], *, rows: bool) -> None:
    """Raise SoftError where one of the answer's objects reports an error.

    Without rows a complaint in words is one, and so is a code that no system uses for *well*; with rows only what leaves no doubt.
    """
    names = json_names()
    for node in nodes:
        named = {lowered(key): value for key, value in node.items()}
        said = next((str(named[key]) for key in names.said if isinstance(named.get(key), str) and named[key]), "")
        for key in names.codes:
            if key in named and (bad := _bad(key, named[key], said, rows)):
                raise SoftError(_told(f"{key}={bad} {said}"))
        for key in names.fails:
            if not rows and isinstance(named.get(key), bool | str) and (failed := str(named[key]).lower()) in _FAILED:
                raise SoftError(_told(f"{key}={failed} {said}"))
        if not rows and (mark := next((key for key in ("haserror", "iserror", "error") if named.get(key) is True), None)):
            raise SoftError(_told(f"{mark}=true {said}"))
        error = named.get("error", named.get("exception"))
        worded = isinstance(error, str | int) and str(error).lower() not in {*names.good, "false"}
        if worded or (isinstance(error, Mapping) and error):
            raise SoftError(_told(f"error={error} {said}"))
        if not rows and _ILL.search(said) and not _WELL.search(said):
            raise SoftError(_told(said))


def _told(said: str) -> str:
    return without_surrogates(f"the API answers {said}".strip())[:200]


def _bad(key: str, code: object, said: str, rows: bool) -> str | None:
    """The code as text where it reports an error. 1 is good in one system and bad in the next: then the words decide."""
    if isinstance(code, bool) or not isinstance(code, int | str):
        return "false" if code is False and not rows else None
    text = str(code).strip().lower()
    if text in json_names().good:
        return None
    if _CLEAR.fullmatch(text):
        return text
    if rows or _WELL.search(said):
        return None
    return text if text.lstrip("-").isdigit() and (said or key.startswith(("err", "ret", "rtn"))) else None

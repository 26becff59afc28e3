"""Answers of services as data: JSON, JSONP, JSON that is not valid, and answers that report an error.

A service may say *error* in a dozen ways and still send an empty list; such an answer is an error, never an empty list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from gongkai.json_names import json_names, lowered
from transforms.decode import without_surrogates
from transforms.pages.contract import NotThisLayout, SoftError

_WRAPPED = re.compile(
    r"(?:/\*.{0,200}?\*/)?\s{0,20}(?:(?:var|let|const)\s{1,9})?[A-Za-z_$][\w$.]{0,99}\s{0,9}(?P<by>[(=])\s{0,20}(?=[\[{])", re.DOTALL
)
_SHOWN = re.compile(
    r"\s{0,20}(?:<html\b(?:(?!<a\s|<script\b|<pre\b).){0,900})?<pre\b[^<>]{0,200}>\s{0,20}(?=[{\[])", re.DOTALL | re.IGNORECASE
)
"""An answer that a browser saved as the page in which it showed it."""
_TOKEN = re.compile(
    r""""(?P<double>(?:[^"\\]|\\.)*+)(?:"|\\?\Z)|'(?P<single>(?:[^'\\]|\\.)*+)(?:'|\\?\Z)|(?P<last>,)(?=\s{0,99}[}\]])"""
    r"""|(?<![\w"'.])(?P<word>[A-Za-z_$][\w$]{0,60})(?=\s{0,9}:)"""
    r"|\b(?P<nothing>undefined|NaN)\b",
    re.DOTALL,
)
_INNER_QUOTE = re.compile(r"""(?<![{\[,:\s\\])"(?!\s{0,9}[,:}\]])""")
"""A quotation mark in the middle of words, which a template did not escape."""
_BRACKET = re.compile(r"""[\[\]{}]|"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|'(?:[^'\\]|\\.)*+(?:'|\\?\Z)""", re.DOTALL)
_BAD_ESCAPE = re.compile(r"""\\(?:u(?![0-9a-fA-F]{4})|x|[^"\\/bfnrtu])""")
_WELL = re.compile(r"成功|正常|完成|^ok$|success", re.IGNORECASE)
_ILL = re.compile(
    r"失败|错误|异常|出错|不存在|无权|拒绝|非法|过期|频繁|超时|繁忙|无效|有误|缺少|不能为空|不正确|不合法|未授权|未登录|先登录|禁止|受限|拦截|验证码"
    r"|error|fail|denied|forbidden|invalid|exception|timeout|unauthorized|illegal|missing|unavailable",
    re.IGNORECASE,
)
_FAILED = frozenset(("false", "n", "no", "fail", "failed", "failure", "error"))
_CLEAR = re.compile(r"-\d+|[45]\d\d|[45]\d{3,5}|[a-z]{1,4}[-_]?\d{3,6}|.*(?:err|fail|exception|denied).*")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service sent. `mended` says why it could not be read as it is, "" where it could."""

    value: dict[str, Any] | list[Any]
    mended: str = ""


def is_answer(text: str) -> bool:
    """Whether a text is the answer of a service and not a page: an object, an array, or either of them in a call (JSONP)."""
    start = text.lstrip("\ufeff \t\r\n")[:2000]
    return start[:1] in ("{", "[") or _WRAPPED.match(start[:400]) is not None or _SHOWN.match(start) is not None


def load_answer(text: str) -> Answer:
    """The object or array that an answer is. Raises NotThisLayout: neither, even after mending."""
    shown = _SHOWN.match(text[:2000])
    if shown:
        end = text.find("</pre>", shown.end())
        text = unescape(text[shown.end() : end if end > 0 else len(text)])
    text = text.strip("\ufeff \t\r\n")
    call = None if text[:1] in ("{", "[") else _WRAPPED.match(text)
    if call:
        end = text.rfind(")") if call["by"] == "(" else len(text.rstrip("; \r\n\t"))
        text = text[call.end() : end if end > call.end() else len(text)]
    try:
        return Answer(_container(json.loads(text, strict=False)))
    except (ValueError, RecursionError) as first:
        for candidate in (text, _TOKEN.sub(_mended, text), _INNER_QUOTE.sub(r'\\"', text)):
            try:  # what stands behind the value (a comment, a semicolon) is no part of it
                value, _ = json.JSONDecoder(strict=False).raw_decode(candidate)
            except (ValueError, RecursionError):
                continue
            return Answer(_container(value), mended=getattr(first, "msg", type(first).__name__))
        raise NotThisLayout(f"the answer is no JSON: {str(first)[:80]}") from first


def parsed(text: str) -> object:
    """The JSON value that a text is; None where it is none."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


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

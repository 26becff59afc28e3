"""Numbers of persons taken out of a document before anything is read in it, so that no task, diff, index or export can repeat them.

Masked are the body with its cells, what the page's own fields say and the names of files; the archive keeps the page as it was. Each kind
is one finding a document, with how many and where the first stands:

P-ID     identity-card number (公民身份号码)     error
P-CARD   bank card (银行卡号)                    error
P-PHONE  mobile phone (手机号码)                 warning: it may be an office's contact
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, Literal

from gongkai.records.document import Finding
from transforms.body import Block, Body, Cell, Grid
from transforms.pages.contract import PageFields
from transforms.personal import Kind, Leak, find_personal, mask, may_hold

_RULES: dict[Kind, tuple[str, Literal["error", "warning"], str]] = {
    "identity": ("P-ID", "error", "identity-card numbers (公民身份号码)"),
    "card": ("P-CARD", "error", "bank card numbers (银行卡号)"),
    "phone": ("P-PHONE", "warning", "mobile phone numbers (手机号码)"),
}
_NO_WORDS = frozenset(
    ("url", "body_html", "candidates", "meta_tags", "index_number", "doc_number", "native_id", "site_id_code", "published_at")
)
"""Fields that name things: a masked address or number would lead nowhere. What was made of markup and candidates is masked itself."""


def conceal(page: PageFields | None, body: Body, found: list[Finding]) -> tuple[PageFields | None, Body, list[Finding]]:
    """All three without numbers of persons, and with a finding for each kind that there was."""
    leaks = find_personal(body.text)
    elsewhere: list[Leak] = []
    page, links, found, of_body = (_masked(part, elsewhere) for part in (page, body.attachments, found, body.findings))
    if leaks or elsewhere:
        body = replace(_masked_body(body, leaks), attachments=links, findings=of_body)
        found = [*found, *_findings(leaks, elsewhere)]
    return page, body, found


def _findings(leaks: Sequence[Leak], elsewhere: Iterable[Leak]) -> list[Finding]:
    """The page's fields repeat its body and each other (title, links), so they are counted only where the body shows none."""
    counted, others = Counter(leak.kind for leak in leaks), Counter(leak.kind for leak in elsewhere)
    told = []
    for kind in (counted | others).keys() & _RULES.keys():
        rule, severity, words = _RULES[kind]
        first = next((leak for leak in leaks if leak.kind == kind), None)
        told.append(
            Finding(
                rule=rule,
                severity=severity,
                message=f"{words} of persons are printed here; masked in all that was read, the archive keeps the page",
                expected="0",
                actual=str(counted[kind] or others[kind]),
                start=first.start if first else None,
                end=first.end if first else None,
            )
        )
    return sorted(told, key=lambda finding: finding.rule)


def _masked_body(body: Body, leaks: list[Leak]) -> Body:
    """Every offset stays; a merged cell stays one object."""
    if not leaks:
        return body
    text = mask(body.text, leaks)
    cells: dict[int, Cell] = {}

    def cell(old: Cell | None) -> Cell | None:
        if old is None:
            return None
        return cells.setdefault(id(old), replace(old, text=text[old.start : old.end]))

    def block(old: Block) -> Block:
        if old.grid is None:
            return old
        grid = Grid(tuple(tuple(map(cell, row)) for row in old.grid.rows), mask(old.grid.caption) if old.grid.caption else None)
        return replace(old, grid=grid)

    return replace(body, text=text, folded=mask(body.folded, leaks), blocks=tuple(map(block, body.blocks)))


def _masked(value: Any, leaks: list[Leak]) -> Any:
    """A record, or a collection of them, with its texts masked; the same object where nothing is in it. `leaks` gathers what was met."""
    if isinstance(value, str):
        if not may_hold(value):
            return value
        met = find_personal(value)
        leaks += met
        return mask(value, met)
    if isinstance(value, list | tuple):
        return type(value)(_masked(item, leaks) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        old = {f.name: getattr(value, f.name) for f in fields(value) if f.name not in _NO_WORDS}
        new = {key: _masked(item, leaks) for key, item in old.items()}
        return replace(value, **new) if new != old else value
    return value

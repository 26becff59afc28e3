"""Genre of a document: by the titles (data/genres.yaml), else by its structure."""

from __future__ import annotations

import re

from gongkai.document_words import genre_rules
from gongkai.records.document import Genre
from transforms.body import Body
from transforms.script import fold

_RESPONSIBILITY = re.compile(r"\([^()]{2,200}(?:负责|牵头|落实|配合|参加)[^()]{0,12}\)|[\(\n](?:责任|牵头|主办|配合)(?:单位|部门)\s{0,2}:")
_ARTICLE = re.compile(r"^第[一二三四五六七八九十百]{1,5}条", re.M)
_INTERPRETS = re.compile(r"解读如下|政策解读:|现(?:就|将|对)[^。\n]{2,60}解读")
_ENOUGH = 3
"""Clauses of a kind that make a genre."""


def read_genre(title: str | None, issued_title: str | None, body: Body, hint: Genre | None = None) -> Genre:
    """Genre by the issued document's title, then the notice's, then structure; `hint` is the enclosing notice's genre."""
    by_structure = _structure(body)
    for text in (issued_title, title):
        folded = fold(text)[0] if text else ""
        for rule in genre_rules():
            if folded and rule.pattern.search(folded):
                # opinions (若干意见) that share out their measures among units are plans, whatever they are called
                return "work_plan" if rule.genre == "regulation" and by_structure == "work_plan" else rule.genre
    return by_structure or hint or "other"


def _structure(body: Body) -> Genre | None:
    if len(_ARTICLE.findall(body.folded)) >= _ENOUGH:
        return "regulation"
    if _INTERPRETS.search(body.folded, 0, 600):
        return "interpretation"
    return "work_plan" if len(_RESPONSIBILITY.findall(body.folded)) >= _ENOUGH else None

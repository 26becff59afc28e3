"""Whether anybody outside could see that a promise was kept: a word such as 公布 in it, outside of names such as 政务公开."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from gongkai.commitments import commitment_rules
from transforms.search_fold import search_fold

Visible = Literal["outward", "inward", "open"]
"""outward: something is published; inward: work inside the administration; open: neither is said, or it is
published elsewhere, so a notice may show it, and need not."""


def visibility(text: str) -> Visible:
    """What kind of promise a text is."""
    rules, folded = commitment_rules(), search_fold(text)
    bare = _names().sub("\n", folded)
    if any(word in bare for word in rules.outward):
        return "open" if any(word in folded for word in rules.elsewhere) else "outward"
    return "inward" if any(word in folded for word in rules.inward) else "open"


@lru_cache(maxsize=1)
def _names() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(commitment_rules().not_outward, key=len, reverse=True))))

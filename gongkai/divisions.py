"""Administrative divisions (`data/divisions.csv`, 行政区划): the six digits of GB/T 2260 with their names.

Source of the codes: the table in PyPI's cpca 0.5.5 (MIT), which follows the state's list of 2020; four newer ones from portals.csv.
Codes that begin with 99 are the sample town's and stand for no place.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal

from gongkai.errors import RegistryError

Level = Literal["province", "prefecture", "county"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Division:
    """One division."""

    code: str
    name_zh: str
    name_en: str | None
    """Provinces only."""

    @property
    def level(self) -> Level:
        return "province" if self.code.endswith("0000") else "prefecture" if self.code.endswith("00") else "county"

    @property
    def province_code(self) -> str:
        return f"{self.code[:2]}0000"


@lru_cache(maxsize=1)
def divisions() -> dict[str, Division]:
    """All divisions by code, read once.

    Raises:
        RegistryError: a row is no division, or stands twice; names file and line.
    """
    found: dict[str, Division] = {}
    with (resources.files("gongkai") / "data" / "divisions.csv").open(encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            code, name = row["code"], row["name_zh"]
            if not re.fullmatch(r"[1-9]\d{5}", code) or not name or code in found:
                raise RegistryError("divisions.csv", line, f"{code!r} is no code of six digits with a name, or stands twice")
            found[code] = Division(code=code, name_zh=name, name_en=row["name_en"] or None)
    return found


def parent_code(code: str) -> str | None:
    """The division above; None for a province. Counties right under a province (419001) lie in the standard's collective (419000)."""
    if code.endswith("0000"):
        return None
    prefecture = f"{code[:4]}00"
    return prefecture if prefecture != code and prefecture in divisions() else f"{code[:2]}0000"

"""The prefix that a unit list shares: 市物价局、财政局."""

from __future__ import annotations

import re

from gongkai.agencies import Agencies, agencies

SUFFIX = re.compile(
    r"(?:局|委|办|厅|部|院|署|中心|办公室|委员会|政府|管委会|公司|集团|[银分支]行|人行|站|队|所|社|会|馆|台|校|大学|学院|处|科|股|室|组"
    r"|单位|部门|街道|镇|乡|县|区|市|州|省|村|园|党委|组织|[妇残工侨科文社]联|网|企业|国企|机构|地区|各地|各级|海关|关|行业|场|庭|政协|人大|基地)$"
)
"""How the name of a body ends."""
_PREFIX = re.compile(r"(?:[\u4e00-\u9fff]{2,6})?[省市县区州旗盟]委?$")
_NOTE = re.compile(r"\([^()]{0,30}\)$")


class Carry:
    """The prefix that a list shares: 市物价局、财政局."""

    def __init__(self, region: str | None) -> None:
        self._prefix = ""
        self._stem = re.sub(r"[省市县区州旗盟]$", "", region or "")

    def apply(self, name: str) -> str:
        """The prefix to put before `name`; remembers the prefix that `name` itself prints."""
        vocabulary = agencies()
        name = _NOTE.sub("", name)
        known = vocabulary.find(name) or vocabulary.by_word.get(name)
        if known:
            if known.prefix == "none" or not self._prefix:
                return ""
            return self._prefix if known.prefix == "party" or not self._prefix.endswith("委") else self._prefix[:-1]
        ending = vocabulary.ending(name)
        if ending and _PREFIX.fullmatch(ending[0]):
            self._prefix = ending[0]
            return ""
        if name[:1] in tuple("省市县区州旗盟") and name[1:] in vocabulary.by_word:  # 市教育、财政等部门
            self._prefix = name[0]
            return ""
        if self._bare(name, vocabulary):
            return self._prefix.removesuffix("委")
        if re.match(r"[市县区省州旗盟][^场域级直属]", name) and SUFFIX.search(name) and not re.match(r"[市县区][县区委]?[、两各]", name):
            self._prefix = name[0]
        return ""

    def _bare(self, name: str, vocabulary: Agencies) -> bool:
        """An unknown short name without any place of its own: 校合作办, 水库移民局."""
        if not self._prefix or len(name) > 7 or not re.search(r"[局办]$|(?<!管)委$", name):
            return False
        if (self._stem and name.startswith(self._stem)) or re.match(r"[各有相其省市县区州旗盟驻中国原团乡镇]", name):
            return False
        return vocabulary.ending(name) is None

"""Who must do it: unit lists with their roles, from a responsibility note (责任单位：A、B；配合单位：C / A牵头，B、C配合) or a cell.

Units are kept as printed, with a shared prefix carried over (市物价局、财政局 → 市物价局, 市财政局); a collective (各县、市、区人民政府)
is one unit. Works on folded text; names are quoted from the printed one.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from gongkai.agencies import agencies
from gongkai.records.document import Mode
from transforms.plans.carry import SUFFIX, Carry
from transforms.plans.deadline_cells import read_deadline_line

Role = Literal["lead", "neutral", "support", "deadline", "ignore"]

_BODY = r"(?:单位|部门|处室|科室|股室|机构|主体|处|站所|地区|领导小组)"
_LABELS: list[tuple[Role, str]] = [
    (
        "deadline",
        r"(?:完成|办结|公开|整改|推进|实施)?(?:时限|时间|期限|时间节点|时间要求)(?:要求|安排)?|进度要求|完成日期|完\s{1,2}成\s{1,2}时\s{1,2}限",
    ),
    (
        "ignore",
        r"(?:分管|责任|牵头|包抓|主管|市|包联|联系)?(?:省|市|县|区)?领导|(?:第一)?责任人|联系人|联系电话|备注|监督单位|督办单位|负责人",
    ),
    (
        "support",
        rf"(?:配合|协办|协助|协同|参与|参加|支持|协作|成员|会办)(?:责任)?{_BODY}?(?:及(?:各)?单位)?|配\s{{1,2}}合\s{{1,2}}单\s{{1,2}}位",
    ),
    ("lead", rf"(?:具体|总)?(?:牵头|主办|主责|主管|主要责任|第一责任|首要责任)(?:责任|负责)?{_BODY}?|牵\s{{1,2}}头\s{{1,2}}单\s{{1,2}}位"),
    (
        "neutral",
        rf"(?:其他|相关|[省市县区]级)?(?:责任|负责|承办|落实|实施|执行|完成|工作|承担|具体责任|主体责任)(?:落实)?{_BODY}(?:及责任人)?|(?:责任|任务|部门|单位|职责)分工|责任落实|分工|责\s{{1,2}}任\s{{1,2}}单\s{{1,2}}位",
    ),
]
_LABEL = re.compile("|".join(rf"(?P<{role}>{pattern})" for role, pattern in _LABELS))
_BOX = r"[【〔\[]"
_LABEL_AT = re.compile(
    rf"[\s*·—▲●★◆■-]{{0,6}}(?P<box>{_BOX})?(?:{_LABEL.pattern})"
    r"(?(box)\s?[】〕\]]\s?:?|(?:\s{0,3}:|(?<=单位|部门|科室|股室|处室|时限|时间)(?=\s|$)))\s{0,4}"
)
"""责任单位: / 【责任单位】 / 责任单位 with a gap behind it."""
_BOXED = re.compile(_BOX + rf"(?:{_LABEL.pattern})\s?[】〕\]]")

_WORDS = (
    r"(?:按照?|依据?|根据|各自|部门职责|工作职责|部门分工|工作分工|职责|职能|权限|范围|分工|分别|共同|联合|具体|负责|牵头|主办|主责|承担|承办"
    r"|落实|配合|协助|协同|协办|参与|参加|组织|实施|指导|推进|督促|抓好|做好|完成|予以|执行|结合实际|统筹|协调|为主|密切|积极|相互|归口|总|的|和|并)"
)
_WORDING = re.compile(rf"{_WORDS}{{1,12}}$")
_VERB = re.compile(r"负责|牵头|主办|主责|承担|承办|落实|配合|协助|协同|协办|参与|参加|实施|推进|为主|指导|执行|完成")
_LEAD_VERB = re.compile(r"牵头|主办|主责|为主")
_SUPPORT_VERB = re.compile(r"配合|协助|协同|协办|参与|参加")
_OWN_ROLE = re.compile(r"\((?:为)?(牵头|主办|主责|总牵头|负责|配合|协办|协助|参与)(?:单位|部门)?\)$")
_ASIDE = re.compile(r"\([^()]{0,20}(?:下同|为牵头(?:单位|部门)?|排名第一)[^()]{0,12}\)$")
"""(第一责任单位为牵头单位，下同): said of the list, not of the unit before it."""
_LEADS_ON = re.compile(r"(?<=牵头)(?=(?:各|有关|相关|其他|[省市县区州旗])[\u4e00-\u9fff]{2})")
"""A牵头B配合 without a comma."""
_DUTY = re.compile(r"按.{0,4}(?:职责|职能|分工|权限)|各负其责|各司其职|依职责|根据.{0,4}(?:职责|职能|分工)|职责分工")
_EACH = re.compile(r"分别")
_KINDS = (
    r"(?:[市县区省旗州]直|[市县区]级|相关|有关|各|其他|职能|责任|成员|主管|行业|监管|执法|金融"
    r"|驻[市县区]|直属|、|和|及|与|县区|市县)"
)
_OPEN = re.compile(
    rf"等(?:共?[\d一二三四五六七八九十]{{1,3}}[个家])?{_KINDS}{{0,4}}(?:部门|单位|机构|地区|方面|企业|局办|委办局|成员|和|及|、){{0,4}}$"
)
_OPEN_NAMED = re.compile(r"等[^、,;等()]{2,16}(?:部门|单位|机构)$")
"""等市级联席会议成员单位: a described set behind units that are named."""
_COUNTED = re.compile(r"(?:等)?[\d一二三四五六七八九十]{1,3}[个家](?:部门|单位|地区)$")
_SKIP = re.compile(r"排在|列在|列第一|下同|为牵头|以下|不再|见附|详见|略$|(?:省|市|县|区|州|旗|盟|秘书)长$")
_LEVEL = r"[省市县区州旗盟乡镇街道园场社村]"
_COLLECTIVE = re.compile(
    rf"(?:各|全[市县区州]各|有关|相关)(?:(?:{_LEVEL}|特区|开发区|管委会|园区|功能区|管理区|街办|农场|地|办事处){{1,4}}(?:\([市县区、]{{1,5}}\))?[、,]"
    rf"(?!(?<=[道乡镇村办街][、,])[省市县区州旗])){{1,5}}"  # 各街道、区政府: the second is another body
    rf"(?!各|市[^县区、政]|[省市县区州旗][直级属])(?:{_LEVEL}|开发区|功能区|管理区|园区|街办){{1,4}}"
    rf"|(?<![街乡])(?!街){_LEVEL}{{1,2}}(?:、{_LEVEL}{{1,2}}){{1,3}}(?:\([市县区、]{{1,5}}\))?(?=两级|三级|四级|各|有关|相关|级|人民政府)"
    r"|部门、(?:各?单位|机构)(?![\u4e00-\u9fff])|[委办厅局](?:、[委办厅局]){1,3}(?![\u4e00-\u9fff])"
    r"|党(?:\(工\))?委[、和](?:人民)?政府"
    r"|(?:中央|国家|部|省|中直)、[省市州]{1,2}(?:属|驻|直)"
)
_COMMON = re.compile(
    r"^(?:各|全[市县区州省]|有关|相关|其他|所有|市|县|区|省|州|旗|盟|乡|镇|[局委厅院办]?机关|[局委厅院](?:办公室|各|直属|属))"
)
_SEPARATOR = re.compile(r"[、,;。/|\s]|(?<=[局委办厅会府院心部门位])(?:以及|和|及|与|暨)(?=\S{2})")
_WITH = re.compile(r"会同|(?<=[局委办厅部院会室])商(?=(?:各|有关|[省市县区州旗]).)")


_TIME = re.compile(r"\d|[年月季周日旬]|长期|持续|及时|实时|常态|适时|定期|动态|贯穿")
"""Characters without which no item of a note is a time limit."""
_MARK = 2


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """A unit of a list; two are equal when their names are. `text[start:end]` prints it, without the prefix its list shares."""

    name: str
    folded: str = field(compare=False)
    """The name in simplified characters."""
    start: int = field(compare=False)
    end: int = field(compare=False)
    open_ended: bool = field(default=False, compare=False)
    """等部门 follows it."""


@dataclass(slots=True)
class Responsibility:
    """The doers of one task."""

    lead: list[NamedUnit] = field(default_factory=list)
    support: list[NamedUnit] = field(default_factory=list)
    mode: Mode = "unspecified"
    open_ended: bool = False
    limits: list[tuple[int, int]] = field(default_factory=list)
    """Spans of time limits that stand among the units."""

    def add_limit(self, start: int, end: int) -> None:
        """Keep a span; one that only a mark separates from the span before goes on with it (2021年3月底前，长期坚持)."""
        if self.limits and 0 <= start - self.limits[-1][1] <= _MARK:
            start = self.limits.pop()[0]
        self.limits.append((start, end))

    @property
    def empty(self) -> bool:
        return not (self.lead or self.support)


@dataclass(slots=True)
class _Group:
    role: Role
    units: list[NamedUnit]
    wording: str = ""


def read_responsibility(
    text: str, folded: str, start: int, end: int, region: str | None = None, *, first_leads: bool = False
) -> Responsibility:
    """Read the note or cell `text[start:end]`; see `read_parts`."""
    return read_parts(text, folded, [(start, end)], region, first_leads=first_leads)


def read_parts(
    text: str, folded: str, parts: Iterable[tuple[int, int]], region: str | None = None, *, first_leads: bool = False
) -> Responsibility:
    """Read a note that stands in several parts: (牵头单位：A)(配合单位：B), lines that follow one another.

    `first_leads`: the plan says that the first unit named is the lead (排在第一位的为牵头部门).
    """
    groups: list[_Group] = []
    out = Responsibility()
    role: Role = "neutral"
    labelled = False
    pending: list[NamedUnit] = []
    carry = Carry(region)
    for begin, stop in itertools.chain.from_iterable(_items(folded, *part) for part in parts):
        label = _LABEL_AT.match(folded, begin, stop)
        if label:
            _close(groups, role, pending, "")
            role, labelled, begin = _label_role(label), True, label.end()
        if role == "ignore" or begin >= stop:
            continue
        if role == "deadline":
            out.add_limit(begin, stop)
            continue
        if _TIME.search(folded, begin, stop) and not is_unit(folded[begin:stop]) and read_deadline_line(folded, begin, stop, None):
            out.add_limit(begin, stop)  # （市财政局牵头，持续推进）
            continue
        aside = _ASIDE.search(folded, begin, stop)
        stop = aside.start() if aside else stop
        own = _OWN_ROLE.search(folded, begin, stop)
        if own:  # 市住建局（牵头）: says so of this unit alone
            _close(groups, role, pending, "")
            stop = own.start()
        name, wording, joined = _split_wording(folded, begin, stop)
        wording = own[1] if own else wording
        if joined:  # 会同B, 联合B
            _close(groups, "lead", pending, "牵头")
            role = "support"
        if name and not _SKIP.search(folded[name[0] : name[1]]):
            unit, is_open = _unit(text, folded, *name, carry)
            out.open_ended |= is_open
            if unit and not _is_time(folded[name[0] : name[1]].partition("等")[0]):
                pending.append(unit)
            elif unit:
                out.add_limit(begin, stop)
        if wording:
            _close(groups, _verb_role(wording, role if labelled else "neutral"), pending, wording)
    _close(groups, role, pending, "")
    _settle(out, groups, first_leads)
    return out


def unit_names(text: str, folded: str, start: int, end: int, region: str | None = None) -> tuple[list[NamedUnit], bool]:
    """The units of a plain list and whether it is open-ended."""
    read = read_responsibility(text, folded, start, end, region)
    return [*read.lead, *read.support], read.open_ended


def is_unit(name: str) -> bool:
    """Whether a folded name looks like a body or a collective of bodies."""
    bare = re.sub(r"\([^()]{0,30}\)$", "", name)
    return 2 <= len(name) <= 40 and not re.search(r"[。,;:!?《》“”\d]", bare) and bool(agencies().ending(bare) or SUFFIX.search(bare))


def is_certain_unit(name: str) -> bool:
    """Stricter: a known agency, or a body whose name begins with its level or 各; for words inside a sentence."""
    bare = re.sub(r"\([^()]{0,30}\)$", "", name)
    return is_unit(name) and len(name) <= 24 and bool(_COMMON.match(bare) or agencies().ending(bare))


def is_label(folded: str, start: int, end: int) -> bool:
    """Whether a responsibility label (责任单位：) stands at `start`; a lone deadline label does not count."""
    label = _LABEL_AT.match(folded, start, end)
    return label is not None and label.lastgroup in ("lead", "neutral", "support")


def is_lead_label(folded: str, start: int, end: int) -> bool:
    """Whether a label that opens a note (牵头单位：, 责任单位：) stands at `start`; 配合单位： and 完成时限： only add to one."""
    label = _LABEL_AT.match(folded, start, end)
    return label is not None and label.lastgroup == "lead"


def any_label(folded: str, start: int, end: int) -> bool:
    """Whether any label of a note stands at `start`, a deadline's or a person's too."""
    return _LABEL_AT.match(folded, start, end) is not None


def is_bare_label(folded: str, start: int, end: int) -> bool:
    """Whether a label stands there and nothing else: what it names follows on the next line."""
    label = _LABEL_AT.match(folded, start, end)
    return label is not None and label.end() == end


def _label_role(label: re.Match[str]) -> Role:
    for role, _ in _LABELS:
        if label[role] is not None:
            return role
    raise AssertionError("a label always has a role")


def _items(folded: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    """Spans between separators that stand outside brackets and outside a collective's own commas."""
    kept: set[int] = set()
    for match in _COLLECTIVE.finditer(folded, start, end):
        kept.update(range(match.start(), match.end()))
    depth, begin = 0, start
    at = start
    while at < end:
        char = folded[at]
        if at == begin and (label := _LABEL_AT.match(folded, at, end)):
            at = label.end()
            continue
        if depth == 0 and at > begin and char in "【〔[" and _BOXED.match(folded, at, end):
            yield begin, at
            begin = at
            continue
        if char in "(〔[":
            depth += 1
        elif char in ")〕]":
            depth = max(0, depth - 1)
        elif depth == 0 and at > begin and (_WITH.match(folded, at, end) or _leads_on(folded, begin, at, end)):
            yield begin, at
            begin = at
        elif depth == 0 and at not in kept and (cut := _SEPARATOR.match(folded, at, end)):
            joins = char in "和及与以暨" and not _splits_pair(folded, begin, at, cut.end(), end)
            if joins or (char == "\n" and _broken(folded, begin, at, end)):
                at += 1
                continue
            if begin < at:
                yield begin, at
            begin = cut.end()
            at = begin
            continue
        at += 1
    if begin < end:
        yield begin, end


def _leads_on(folded: str, begin: int, at: int, end: int) -> bool:
    return _LEADS_ON.match(folded, at, end) is not None and is_unit(folded[begin : at - len("牵头")])


def _broken(folded: str, begin: int, at: int, end: int) -> bool:
    """Whether the line break at `at` cuts a name in two: 市/财政局."""
    label = _LABEL_AT.match(folded, begin, at)
    left = folded[label.end() if label else begin : at].strip()
    right = re.split(r"[、,;。()\s]", folded[at + 1 : min(end, at + 30)], maxsplit=1)[0]
    return bool(left) and not is_unit(left) and not _VERB.search(left) and is_unit(left + _WORDING.sub("", right))


def _splits_pair(folded: str, begin: int, at: int, after: int, end: int) -> bool:
    """和 joins two units (市财政局和市税务局) or stands inside one name (市文化和旅游局)."""
    left = folded[begin:at]
    nearest = min((cut for char in "、,;。()" if (cut := folded.find(char, after, end)) >= 0), default=end)
    right = _WORDING.sub("", folded[after:nearest])
    vocabulary = agencies()
    if vocabulary.find(folded[begin:nearest].lstrip("市县区省州")):
        return False
    if right in ("单位", "部门", "机构", "企业", "个人", "地区") or not is_unit(left):
        return False
    named = is_unit(right) or right.startswith("各") or _OPEN.search(right) is not None
    return named and bool(vocabulary.ending(left) or _COMMON.match(left) or "等" in left)


def _split_wording(folded: str, begin: int, stop: int) -> tuple[tuple[int, int] | None, str, bool]:
    """(span of the name, the wording behind it, whether 会同 stands before it)."""
    item = folded[begin:stop]
    joined = re.match(r"\s{0,3}(?:会同|联合|会商|商(?=[各有省市县区州旗][^务]))(?=\S{2})", item)
    lead_in = joined or re.match(
        r"\s{0,3}(?:(?:[省市县区州]级?(?:层面|本级)?|以上[\u4e00-\u9fff]{0,4}?)?由|以及|及|和|与|请)(?=\S{2})", item
    )
    offset = lead_in.end() if lead_in else 0
    named = agencies().ending(item[offset:]) is not None  # 县政协办 is no 协办
    tail = _WORDING.search(item, offset, len(item)) if len(item) <= 120 and not named else None
    wording = tail.group() if tail and _VERB.search(tail.group()) else ""
    cut = tail.start() if tail and wording else len(item)
    if cut > offset and agencies().ending(item[offset:cut]) is None and not is_unit(item[offset:cut]) and wording:
        cut = _shrink(item, offset, cut)
    name = (begin + offset, begin + cut) if cut > offset else None
    return name, wording, joined is not None


def _shrink(item: str, offset: int, cut: int) -> int:
    """The wording took a word too many from the name's end (…成员单位 + 按职责) or too few; give back while it helps."""
    for more in range(cut, min(len(item), cut + 6)):
        if is_unit(item[offset:more]):
            return more
    return cut


def _verb_role(wording: str, label: Role) -> Role:
    if _LEAD_VERB.search(wording):
        return "lead"
    if _SUPPORT_VERB.search(wording) and not re.search("负责|落实", wording):
        return "support"
    return label


def _close(groups: list[_Group], role: Role, pending: list[NamedUnit], wording: str) -> None:
    if pending:
        groups.append(_Group(role, list(pending), wording))
        pending.clear()


def _settle(out: Responsibility, groups: list[_Group], first_leads: bool) -> None:
    named = any(group.role == "lead" for group in groups)
    if first_leads and not named and groups and groups[0].role == "neutral":
        first = groups[0]
        groups = [_Group("lead", first.units[:1], "牵头"), _Group("support", first.units[1:], ""), *groups[1:]]
        named = True
    wording = ""
    for group in groups:
        to_support = group.role == "support" or (named and group.role == "neutral")
        target = out.support if to_support else out.lead
        target.extend(unit for unit in group.units if unit not in target)
        if not to_support:
            wording += group.wording
    out.support = [unit for unit in out.support if unit not in out.lead]
    if not out.lead:
        return
    if _DUTY.search(wording):
        out.mode = "by_duty"
    elif _EACH.search(wording):
        out.mode = "each"
    else:
        out.mode = "lead" if named or len(out.lead) == 1 else "joint"


def _unit(text: str, folded: str, begin: int, stop: int, carry: Carry) -> tuple[NamedUnit | None, bool]:
    """A unit as it is kept, and whether 等部门 closes it; no unit where 等部门 stands alone."""
    name = folded[begin:stop]
    closing = _OPEN.search(name) or _COUNTED.search(name)
    if not closing and (described := _OPEN_NAMED.search(name)) and is_unit(name[: described.start()]):
        closing = described
    if closing:
        stop = begin + closing.start()
    while begin < stop and folded[begin].isspace():
        begin += 1
    while stop > begin and folded[stop - 1].isspace():
        stop -= 1
    if begin == stop:
        return None, closing is not None
    prefix = carry.apply(folded[begin:stop].replace("\n", ""))
    shown, name = (printed[begin:stop].replace("\n", "") for printed in (text, folded))
    unit = NamedUnit(prefix + shown, prefix + name, begin, stop, closing is not None)
    return unit, closing is not None


def _is_time(name: str) -> bool:
    return bool(re.search(r"\d|年底|年内|季度|月底", name)) and not is_unit(name)

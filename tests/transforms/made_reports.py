"""Whole annual reports of every era from a seed and a compact description: balanced figures, then the errors planted in them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from report_pages import APPLICANTS, CODES_B, GROUPS, table2_a, table2_b, table3, table4

FRAME = ("app_new_received", "app_carried_in", "app_outcome_total", "app_carried_out")
PARTS = tuple(code for _, rows in GROUPS for _, code in rows if code != "app_outcome_total")
T4_CODES = tuple(
    f"{kind}_{r}" for kind in ("review", "lit_direct", "lit_after_review") for r in ("upheld", "corrected", "other", "pending", "total")
)
CHAPTERS = ("一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、政府信息公开行政复议、行政诉讼情况")
PROBLEMS = ("五、存在的主要问题及改进情况", "个别单位更新不够及时，将加强督促，改进培训方式。")
OTHER = ("六、其他需要报告的事项", "没有其他需要报告的事项。")

STAT_LINES: tuple[tuple[str, str, str | None], ...] = (
    ("一、主动公开情况", "——", None),
    ("（一）主动公开政府信息数<br>（不同渠道和方式公开相同信息计1条）", "条", "disclosed_items"),
    ("其中：主动公开规范性文件数", "条", "disclosed_normative_docs"),
    ("制发规范性文件总数", "件", "normative_docs_made"),
    ("（二）通过不同渠道和方式公开政府信息的情况", "——", None),
    ("1.政府公报公开政府信息数", "条", "disclosed_via_gazette"),
    ("2.政府网站公开政府信息数", "条", "disclosed_via_website"),
    ("3.政务微博公开政府信息数", "条", "disclosed_via_weibo"),
    ("4.政务微信公开政府信息数", "条", "disclosed_via_wechat"),
    ("5.其他方式公开政府信息数", "条", "disclosed_via_other"),
    ("二、回应解读情况", "——", None),
    ("1.参加或举办新闻发布会总次数", "次", "press_conferences"),
    ("其中：主要负责同志参加新闻发布会次数", "次", "press_conferences_by_head"),
    ("2.政府网站在线访谈次数", "次", "web_interviews"),
    ("其中：主要负责同志参加政府网站在线访谈次数", "次", "web_interviews_by_head"),
    ("三、依申请公开情况", "——", None),
    ("（一）收到申请数", "件", "app_received_total"),
    ("1.当面申请数", "件", "app_recv_in_person"),
    ("2.传真申请数", "件", "app_recv_fax"),
    ("3.网络申请数", "件", "app_recv_online"),
    ("4.信函申请数", "件", "app_recv_letter"),
    ("（二）申请办结数", "件", "app_completed_total"),
    ("1.按时办结数", "件", "app_completed_on_time"),
    ("2.延期办结数", "件", "app_completed_extended"),
    ("（三）申请答复数", "件", "app_replied_total"),
    ("1.属于已主动公开范围数", "件", "app_reply_already_public"),
    ("2.同意公开答复数", "件", "app_reply_agreed"),
    ("3.同意部分公开答复数", "件", "app_reply_partly_agreed"),
    ("4.不同意公开答复数", "件", "app_reply_refused"),
    ("其中：涉及国家秘密", "件", "app_refused_state_secret"),
    ("涉及商业秘密", "件", "app_refused_trade_secret"),
    ("涉及个人隐私", "件", "app_refused_privacy"),
    ("危及国家安全、公共安全、经济安全和社会稳定", "件", "app_refused_security"),
    ("不是《条例》所指政府信息", "件", "app_refused_not_gov_info"),
    ("法律法规规定的其他情形", "件", "app_refused_other_law"),
    ("5.不属于本行政机关公开数", "件", "app_reply_not_this_organ"),
    ("6.申请信息不存在数", "件", "app_reply_not_exist"),
    ("7.告知作出更改补充数", "件", "app_reply_clarify"),
    ("8.告知通过其他途径办理数", "件", "app_reply_other_route"),
    ("四、行政复议数量", "件", "review_total"),
    ("（一）维持具体行政行为数", "件", "review_upheld"),
    ("（二）被依法纠错数", "件", "review_corrected"),
    ("（三）其他情形数", "件", "review_other"),
    ("五、行政诉讼数量", "件", "lit_total"),
    ("（一）维持具体行政行为或者驳回原告诉讼请求数", "件", "lit_upheld"),
    ("（二）被依法纠错数", "件", "lit_corrected"),
    ("（三）其他情形数", "件", "lit_other"),
    ("（三）从事政府信息公开工作人员数", "人", "staff_total"),
    ("1.专职人员数（不包括政府公报及政府网站工作人员数）", "人", "staff_full_time"),
    ("2.兼职人员数", "人", "staff_part_time"),
)
_SUMS = {
    "app_received_total": ("app_recv_in_person", "app_recv_fax", "app_recv_online", "app_recv_letter"),
    "app_completed_total": ("app_completed_on_time", "app_completed_extended"),
    "app_reply_refused": tuple(c for _, _, c in STAT_LINES if c and c.startswith("app_refused_")),
    "review_total": ("review_upheld", "review_corrected", "review_other"),
    "lit_total": ("lit_upheld", "lit_corrected", "lit_other"),
    "staff_total": ("staff_full_time", "staff_part_time"),
}


@dataclass
class Made:
    """A report under construction: figures by code (a list of seven for table 3) and its prose."""

    era: str
    year: int
    values: dict[str, Any] = field(default_factory=dict)

    def total(self, code: str) -> int:
        value = self.values[code]
        return int(value[-1] if isinstance(value, list) else value)


def make(era: str, year: int, seed: int) -> Made:
    """A report without any error."""
    rng = random.Random(seed)
    made = Made(era, year)
    if era in ("A", "B"):
        _applications(made, rng)
        _disputes(made, rng)
        _disclosure(made, rng)
    else:
        _statistics(made, rng)
    return made


def _row(rng: random.Random, most: int) -> list[int]:
    six = [rng.randint(0, most), *(rng.choice((0, 0, 0, 1, 2)) for _ in range(5))]
    return [*six, sum(six)]


def _add(*rows: list[int]) -> list[int]:
    return [sum(column) for column in zip(*rows, strict=True)]


def _applications(made: Made, rng: random.Random) -> None:
    parts = {code: _row(rng, 12) for code in PARTS}
    if made.era == "A":
        for code in ("app_other_no_correction", "app_other_fee_unpaid", "app_other_misc"):
            del parts[code]
        parts["app_other_total"] = _row(rng, 4)
    outcome, out = _add(*parts.values()), _row(rng, 3)
    carried = [min(have, left) for have, left in zip(outcome[:-1], _row(rng, 2)[:-1], strict=True)]
    carried.append(sum(carried))
    new = [done + left - before for done, left, before in zip(outcome, out, carried, strict=True)]
    made.values |= parts | {"app_outcome_total": outcome, "app_carried_out": out, "app_carried_in": carried, "app_new_received": new}


def _disputes(made: Made, rng: random.Random) -> None:
    for kind in ("review", "lit_direct", "lit_after_review"):
        four = [rng.randint(0, 4) + (kind == "review") for _ in range(4)]
        made.values |= dict(zip((c for c in T4_CODES if c.startswith(kind)), [*four, sum(four)], strict=True))


def _disclosure(made: Made, rng: random.Random) -> None:
    made.values |= {
        "docs": [rng.randint(20, 40), rng.randint(0, 9), rng.randint(100, 300)], "rules": [1, 0, 12],
        "decisions": [rng.randint(100, 9000) for _ in range(3)], "fee": f"{rng.randint(900, 9000)}.{rng.randint(100000, 999999)}",
        "normative_docs_issued": 0,
    }  # fmt: skip
    made.values["normative_docs_issued"] = made.values["docs"][0]


def _statistics(made: Made, rng: random.Random) -> None:
    v = made.values
    for _, _, code in STAT_LINES:
        if code:
            v[code] = rng.randint(1, 6)
    for total, parts in _SUMS.items():
        v[total] = sum(v[part] for part in parts)
    v["app_recv_online"] += 12
    v["app_received_total"] += 12
    done = v["app_received_total"]
    v["app_completed_on_time"], v["app_completed_extended"], v["app_completed_total"], v["app_replied_total"] = done - 1, 1, done, done
    replies = [c for _, _, c in STAT_LINES if c and c.startswith("app_reply_")]
    while sum(v[c] for c in replies) > done:  # the refusals may exceed the small total: shrink them
        code = max((c for c in v if c.startswith("app_refused_")), key=lambda c: v[c])
        v[code] -= 1
        v["app_reply_refused"] = sum(v[c] for c in v if c.startswith("app_refused_"))
        if not v["app_reply_refused"]:
            break
    v["app_received_total"] = done = max(done, sum(v[c] for c in replies))
    v["app_recv_online"] = done - sum(v[c] for c in ("app_recv_in_person", "app_recv_fax", "app_recv_letter"))
    v["app_completed_total"] = v["app_replied_total"] = done
    v["app_completed_on_time"] = done - 1
    v["app_reply_agreed"] += done - sum(v[c] for c in replies)
    v["disclosed_items"], v["disclosed_via_website"] = 2000 + rng.randint(0, 900), 1900
    v["disclosed_via_gazette"], v["disclosed_via_wechat"] = 200, 1200
    v["normative_docs_made"] = v["disclosed_normative_docs"] + 2
    v["press_conferences"], v["web_interviews"] = v["press_conferences_by_head"] + 9, v["web_interviews_by_head"] + 5
    v["disclosed_cumulative"] = 20_000 + v["disclosed_items"]


def plant(made: Made, changes: Mapping[str, Any]) -> None:
    """Apply changes: `code: +2` adds, `code: [..]` or `code: "text"` replaces, `code.applicant: +1` touches one cell."""
    for key, change in changes.items():
        code, _, applicant = key.partition(".")
        if applicant:
            row = list(made.values[code])
            at = APPLICANTS.index(applicant)
            row[at] = row[at] + change if isinstance(change, int) else change
            made.values[code] = row
        elif isinstance(change, int | float) and not isinstance(made.values.get(code), list):
            made.values[code] = made.values.get(code, 0) + change
        else:
            made.values[code] = change


def page(made: Made, options: Mapping[str, Any]) -> str:
    """The report as HTML; planted.yaml explains the options."""
    when = options.get("period", f"{made.year}年1月1日起至{made.year}年12月31日")
    lead = f"<p>本报告所列数据的统计期限自{when}止。</p>"
    prose = options.get("prose", "")
    if made.era in ("A", "B"):
        return lead + _form_page(made, options)
    chapter = f"<p>一、概述</p><p>{prose or _old_prose(made)}</p><p>二、存在问题和改进措施</p><p>网站栏目有待完善。</p>"
    table = {"S": _stat_table, "P": _provincial_table, "N": lambda made: ""}[made.era](made)
    return f"{lead}{chapter}<p>三、附表</p>{table}"


def _old_prose(made: Made) -> str:
    return "主动公开和办理申请的情况见统计表。未收取费用。行政复议和行政诉讼见附表。"


def _form_page(made: Made, options: Mapping[str, Any]) -> str:
    v, say = made.values, options.get("say", {})
    sentences = {
        "app_new_received": "全年共收到政府信息公开申请{}件。", "app_outcome_total": "申请已办结{}件。",
        "app_carried_out": "结转下年度继续办理{}件。", "app_granted": "对申请予以公开{}件。", "review_total": "全年发生行政复议{}件。",
        "normative_docs_issued": "制发行政规范性文件{}件。",
    }  # fmt: skip
    told = [words.format(made.total(code) + say.get(code, 0)) for code, words in sentences.items() if code != options.get("mute")]
    text = "" if options.get("zero3") else "".join(told)
    three = {code: v[code] for code in (*CODES_B, "app_other_total") if code in v}
    if options.get("zero3"):
        three = {}
    two = table2_b(v["rules"], v["docs"], v["decisions"], v["fee"]) if made.era == "B" else table2_a(_two_a(made))
    blocks = [two, _altered(table3(three, made.era), options), table4([v[code] for code in T4_CODES])]
    names = CHAPTERS if options.get("chapters", True) else (*CHAPTERS[:2], "", *CHAPTERS[3:])
    body = f"<p>{names[0]}</p><p>{text}{options.get('prose', '')}</p>"
    body += "".join(f"<p>{name}</p>{block}" for name, block in zip(names[1:], blocks, strict=True))
    return body + f"<p>{PROBLEMS[0]}</p><p>{options.get('problems', PROBLEMS[1])}</p><p>{OTHER[0]}</p><p>{OTHER[1]}</p>"


def _altered(table: str, options: Mapping[str, Any]) -> str:
    """Lines and columns that some reports print beside those of the form."""
    seven = "".join(f"<td>{options.get('group_line', options.get('subtotal'))}</td>" for _ in APPLICANTS)
    if "group_line" in options:
        group = '<td rowspan="3">（六）其他处理</td>'
        table = table.replace(group, f"<td colspan=2>（六）其他处理</td>{seven}</tr><tr>{group}").replace('rowspan="22"', 'rowspan="23"')
    if "subtotal" in options:
        group = '<td rowspan="8">（三）不予公开</td>'
        table = table.replace(group, f"<td colspan=2>（三）不予公开</td>{seven}</tr><tr>{group}").replace('rowspan="22"', 'rowspan="23"')
    if "extra" in options:
        table = table.replace("</table>", f"<tr><td colspan=3>{options['extra']}</td>{'<td>9</td>' * 7}</tr></table>")
    if "org_subtotal" in options:
        head, _, rows = table.partition("<td>其他</td></tr>")
        head = head.replace("colspan=5>法人", "colspan=6>法人").replace("colspan=7>申请人", "colspan=8>申请人")
        lines = rows.split("</tr>")
        lines[0] = lines[0][: lines[0].rfind("<td>")] + f"<td>{options['org_subtotal']}</td>" + lines[0][lines[0].rfind("<td>") :]
        lines[1:-1] = [line[: line.rfind("<td>")] + "<td></td>" + line[line.rfind("<td>") :] for line in lines[1:-1]]
        table = f"{head}<td>其他</td><td>小计</td></tr>" + "</tr>".join(lines)
    return table


def _two_a(made: Made) -> dict[str, list[Any]]:
    v = made.values
    docs, items = v["docs"][0], v.get("items", [400, 60, 900, 40, 30])
    stock = v.get("stock", docs + 50)
    return {
        "规章": [0, 0, 0], "规范性文件": [docs, v.get("opened", docs), stock], "行政许可": [items[0], "-3", v["decisions"][0]],
        "其他对外管理服务事项": [items[1], "+2", 77],
        "行政处罚": [items[2], 0, v["decisions"][1]], "行政强制": [items[3], "减1", v["decisions"][2]],
        "行政事业性收费": [items[4], 0], "政府集中采购": [v.get("projects", 120), v.get("amount", "48213350.6元")],
    }  # fmt: skip


def _stat_table(made: Made) -> str:
    rows = "".join(
        f"<tr><td>{label}</td><td>{unit}</td><td>{'——' if code is None else made.values[code]}</td></tr>"
        for label, unit, code in STAT_LINES
        if code is None or made.values[code] != "drop"
    )
    return f"<table><tr><td>统计指标</td><td>单位</td><td>统计数</td></tr>{rows}</table>"


def _provincial_table(made: Made) -> str:
    v = made.values
    total = v["disclosed_items"]
    lines = (
        ("主动公开信息数", total, v["disclosed_cumulative"]),
        ("其中：1.网站公开", v.get("by_website", total - 9), v["disclosed_cumulative"] - 30),
        ("2.政府公报公开", 9, 30),
        ("受理依申请公开信息总数", v["app_received_total"], 900),
        ("其中：1.当面申请数", v["app_recv_in_person"], 200),
        ("2.传真申请数", v["app_recv_fax"], 100),
        ("3.网上申请数", v["app_recv_online"], 500),
        ("4.信函申请数", v["app_recv_letter"], 100),
        ("行政复议数", 0, 3),
    )
    rows = "".join(f"<tr><td>{label}</td><td>条</td><td>{year}</td><td>{every}</td></tr>" for label, year, every in lines)
    return f"<table><tr><td>指标名称</td><td>计量单位</td><td>{made.year}年度</td><td>历年累计</td></tr>{rows}</table>"

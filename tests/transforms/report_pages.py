"""Writes the standard tables of annual reports as HTML, in the official layout, from plain values; for tests only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

APPLICANTS = (
    "natural_person",
    "commercial_enterprise",
    "research_institute",
    "public_welfare_org",
    "legal_service_org",
    "other_org",
    "total",
)

ROWS_HEAD = (("一、本年新收政府信息公开申请数量", "app_new_received"), ("二、上年结转政府信息公开申请数量", "app_carried_in"))
GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("（一）予以公开", (("", "app_granted"),)),
    ("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", (("", "app_partial"),)),
    (
        "（三）不予公开",
        (
            ("1.属于国家秘密", "app_denied_state_secret"),
            ("2.其他法律行政法规禁止公开", "app_denied_other_law"),
            ("3.危及“三安全一稳定”", "app_denied_security_stability"),
            ("4.保护第三方合法权益", "app_denied_third_party"),
            ("5.属于三类内部事务信息", "app_denied_internal_affairs"),
            ("6.属于四类过程性信息", "app_denied_process_info"),
            ("7.属于行政执法案卷", "app_denied_enforcement_file"),
            ("8.属于行政查询事项", "app_denied_admin_query"),
        ),
    ),
    (
        "（四）无法提供",
        (
            ("1.本机关不掌握相关政府信息", "app_unavailable_not_held"),
            ("2.没有现成信息需要另行制作", "app_unavailable_needs_creation"),
            ("3.补正后申请内容仍不明确", "app_unavailable_unclear"),
        ),
    ),
    (
        "（五）不予处理",
        (
            ("1.信访举报投诉类申请", "app_unprocessed_petition"),
            ("2.重复申请", "app_unprocessed_repeat"),
            ("3.要求提供公开出版物", "app_unprocessed_publication"),
            ("4.无正当理由大量反复申请", "app_unprocessed_abusive"),
            ("5.要求行政机关确认或重新出具已获取信息", "app_unprocessed_reconfirm"),
        ),
    ),
    (
        "（六）其他处理",
        (
            ("1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请", "app_other_no_correction"),
            ("2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请", "app_other_fee_unpaid"),
            ("3.其他", "app_other_misc"),
        ),
    ),
    ("（七）总计", (("", "app_outcome_total"),)),
)
GROUPS_A = (*GROUPS[:5], ("（六）其他处理", (("", "app_other_total"),)), GROUPS[6])
CODES_B = tuple(code for _, code in ROWS_HEAD) + tuple(code for _, rows in GROUPS for _, code in rows) + ("app_carried_out",)

Values3 = Mapping[str, Sequence[str | int]]


def _td(text: object, rows: int = 1, columns: int = 1) -> str:
    spans = (f' rowspan="{rows}"' if rows > 1 else "") + (f' colspan="{columns}"' if columns > 1 else "")
    return f"<td{spans}>{text}</td>"


def table3(values: Values3, form: str = "B") -> str:
    """Table 3; a code that `values` lacks is a row of zeros, a code with the value () is left out."""
    groups = GROUPS if form == "B" else GROUPS_A
    head = (
        "<tr><td colspan=3 rowspan=3>（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）</td>"
        "<td colspan=7>申请人情况</td></tr>"
        "<tr><td rowspan=2>自然人</td><td colspan=5>法人或其他组织</td><td rowspan=2>总计</td></tr>"
        "<tr><td>商业<br>企业</td><td>科研<br>机构</td><td>社会公益组织</td><td>法律服务机构</td><td>其他</td></tr>"
    )
    out = [head]
    shown = {group: [(label, code) for label, code in rows if values.get(code, (0,))] for group, rows in groups}
    height = sum(len(rows) for rows in shown.values())
    for label, code in ROWS_HEAD:
        out.append(f"<tr>{_td(label, columns=3)}{_cells(values, code)}</tr>")
    first = True
    for group, rows in shown.items():
        for index, (label, code) in enumerate(rows):
            line = _td("三、本年度办理结果", rows=height) if first else ""
            first = False
            if not label:
                line += _td(group, columns=2)
            else:
                line += (_td(group, rows=len(rows)) if index == 0 else "") + _td(label)
            out.append(f"<tr>{line}{_cells(values, code)}</tr>")
    out.append(f"<tr>{_td('四、结转下年度继续办理', columns=3)}{_cells(values, 'app_carried_out')}</tr>")
    return f"<table>{''.join(out)}</table>"


def _cells(values: Values3, code: str) -> str:
    return "".join(_td(v) for v in values.get(code, (0,) * len(APPLICANTS)))


def table2_b(regulations: Sequence[object], papers: Sequence[object], decisions: Sequence[object], fee: object) -> str:
    """Table 2 of the 2021 form as one grid. `decisions`: licences, penalties, coercion."""
    return (
        "<table><tr><td colspan=4>第二十条第（一）项</td></tr>"
        "<tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>"
        f"<tr><td>规章</td>{''.join(map(_td, regulations))}</tr><tr><td>行政规范性文件</td>{''.join(map(_td, papers))}</tr>"
        "<tr><td colspan=4>第二十条第（五）项</td></tr><tr><td>信息内容</td><td colspan=3>本年处理决定数量</td></tr>"
        f"<tr><td>行政许可</td>{_td(decisions[0], columns=3)}</tr>"
        "<tr><td colspan=4>第二十条第（六）项</td></tr><tr><td>信息内容</td><td colspan=3>本年处理决定数量</td></tr>"
        f"<tr><td>行政处罚</td>{_td(decisions[1], columns=3)}</tr><tr><td>行政强制</td>{_td(decisions[2], columns=3)}</tr>"
        "<tr><td colspan=4>第二十条第（八）项</td></tr><tr><td>信息内容</td><td colspan=3>本年收费金额（单位：万元）</td></tr>"
        f"<tr><td>行政事业性收费</td>{_td(fee, columns=3)}</tr></table>"
    )


def table2_a(values: Mapping[str, Sequence[object]]) -> str:
    """Table 2 of the 2019 form as five grids, one a block."""
    made = ("本年新<br/>制作数量", "本年新公开数量", "对外公开总数量")
    items = ("上一年项目数量", "本年增/减", "处理决定数量")
    blocks = (
        ("一", made, ("规章", "规范性文件")),
        ("五", items, ("行政许可", "其他对外管理服务事项")),
        ("六", items, ("行政处罚", "行政强制")),
        ("八", items[:2], ("行政事业性收费",)),
        ("九", ("采购项目数量", "采购总金额"), ("政府集中采购",)),
    )
    out = []
    for number, columns, rows in blocks:
        body = "".join(f"<tr><td>{row}</td>{''.join(map(_td, values[row]))}</tr>" for row in rows)
        caption = f"<tr><td colspan={len(columns) + 1}>第二十条第（{number}）项</td></tr>"
        out.append(f"<table>{caption}<tr><td>信息内容</td>{''.join(map(_td, columns))}</tr>{body}</table>")
    return "".join(out)


def table4(values: Sequence[object]) -> str:
    """Table 4: fifteen values in the official order."""
    five = "<td>结果<br>维持</td><td>结果纠正</td><td>其他结果</td><td>尚未审结</td><td>总&nbsp;计</td>"
    head = (
        "<tr><td colspan=5>行政复议</td><td colspan=10>行政诉讼</td></tr>"
        + "<tr>"
        + five.replace("<td>", "<td rowspan=2>")
        + "<td colspan=5>未经复议直接起诉</td><td colspan=5>复议后起诉</td></tr>"
        + f"<tr>{five}{five}</tr>"
    )
    return f"<table>{head}<tr>{''.join(map(_td, values))}</tr></table>"

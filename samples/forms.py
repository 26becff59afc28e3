"""The standard tables of annual reports, printed from their figures: forms A (2019-2020), B (2021-) and the 统计表 S (2014-2018).

Layout and codes: reference annual-reports.md sections 1.3, 1.4 and 2. Keys of `Form.values`:
A, B: `t2` codes alone; table 3 by row code, six applicants each (missing rows are zero); `review`, `lit_direct`, `lit_after_review`
four results each. Totals are computed. `printed` replaces a row, totals included, so that a contradiction is planted on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from samples.model import Figure, Form
from samples.paper import Block, Cell, Paragraph, Table, row

APPLICANTS = ("natural_person", "commercial_enterprise", "research_institute", "public_welfare_org", "legal_service_org", "other_org")
ZERO = Decimal(0)
_RESULTS = ("upheld", "corrected", "other", "pending", "total")
_RESULT_WORDS = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")

# (code, group label or None, printed label); a group label opens a merged cell over its rows
_OUTCOMES_B: tuple[tuple[str, str | None, str], ...] = (
    ("app_granted", None, "（一）予以公开"),
    ("app_partial", None, "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"),
    ("app_denied_state_secret", "（三）不予公开", "1.属于国家秘密"),
    ("app_denied_other_law", "（三）不予公开", "2.其他法律行政法规禁止公开"),
    ("app_denied_security_stability", "（三）不予公开", "3.危及“三安全一稳定”"),
    ("app_denied_third_party", "（三）不予公开", "4.保护第三方合法权益"),
    ("app_denied_internal_affairs", "（三）不予公开", "5.属于三类内部事务信息"),
    ("app_denied_process_info", "（三）不予公开", "6.属于四类过程性信息"),
    ("app_denied_enforcement_file", "（三）不予公开", "7.属于行政执法案卷"),
    ("app_denied_admin_query", "（三）不予公开", "8.属于行政查询事项"),
    ("app_unavailable_not_held", "（四）无法提供", "1.本机关不掌握相关政府信息"),
    ("app_unavailable_needs_creation", "（四）无法提供", "2.没有现成信息需要另行制作"),
    ("app_unavailable_unclear", "（四）无法提供", "3.补正后申请内容仍不明确"),
    ("app_unprocessed_petition", "（五）不予处理", "1.信访举报投诉类申请"),
    ("app_unprocessed_repeat", "（五）不予处理", "2.重复申请"),
    ("app_unprocessed_publication", "（五）不予处理", "3.要求提供公开出版物"),
    ("app_unprocessed_abusive", "（五）不予处理", "4.无正当理由大量反复申请"),
    ("app_unprocessed_reconfirm", "（五）不予处理", "5.要求行政机关确认或重新出具已获取信息"),
    ("app_other_no_correction", "（六）其他处理", "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"),
    ("app_other_fee_unpaid", "（六）其他处理", "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"),
    ("app_other_misc", "（六）其他处理", "3.其他"),
)
_OUTCOMES_A = (*_OUTCOMES_B[:18], ("app_other_total", None, "（六）其他处理"))

_S_ROWS: tuple[tuple[str | None, str, str], ...] = (
    (None, "一、主动公开情况", "——"),
    ("disclosed_items", "（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）", "条"),
    ("disclosed_normative_docs", "其中：主动公开规范性文件数", "条"),
    ("normative_docs_made", "制发规范性文件总数", "件"),
    (None, "（二）通过不同渠道和方式公开政府信息的情况", "——"),
    ("disclosed_via_gazette", "1.政府公报公开政府信息数", "条"),
    ("disclosed_via_website", "2.政府网站公开政府信息数", "条"),
    ("disclosed_via_weibo", "3.政务微博公开政府信息数", "条"),
    ("disclosed_via_wechat", "4.政务微信公开政府信息数", "条"),
    ("disclosed_via_other", "5.其他方式公开政府信息数", "条"),
    (None, "二、回应解读情况", "——"),
    ("hot_topics_answered", "（一）回应公众关注热点或重大舆情数（不同方式回应同一热点或舆情计1次）", "次"),
    (None, "（二）通过不同渠道和方式回应解读的情况", "——"),
    ("press_conferences", "1.参加或举办新闻发布会总次数", "次"),
    ("press_conferences_by_head", "其中：主要负责同志参加新闻发布会次数", "次"),
    ("web_interviews", "2.政府网站在线访谈次数", "次"),
    ("web_interviews_by_head", "其中：主要负责同志参加政府网站在线访谈次数", "次"),
    ("interpretations", "3.政策解读稿件发布数", "篇"),
    ("weibo_wechat_answers", "4.微博微信回应事件数", "次"),
    ("other_answers", "5.其他方式回应事件数", "次"),
    (None, "三、依申请公开情况", "——"),
    ("app_received_total", "（一）收到申请数", "件"),
    ("app_recv_in_person", "1.当面申请数", "件"),
    ("app_recv_fax", "2.传真申请数", "件"),
    ("app_recv_online", "3.网络申请数", "件"),
    ("app_recv_letter", "4.信函申请数", "件"),
    ("app_completed_total", "（二）申请办结数", "件"),
    ("app_completed_on_time", "1.按时办结数", "件"),
    ("app_completed_extended", "2.延期办结数", "件"),
    ("app_replied_total", "（三）申请答复数", "件"),
    ("app_reply_already_public", "1.属于已主动公开范围数", "件"),
    ("app_reply_agreed", "2.同意公开答复数", "件"),
    ("app_reply_partly_agreed", "3.同意部分公开答复数", "件"),
    ("app_reply_refused", "4.不同意公开答复数", "件"),
    ("app_refused_state_secret", "其中：涉及国家秘密", "件"),
    ("app_refused_trade_secret", "涉及商业秘密", "件"),
    ("app_refused_privacy", "涉及个人隐私", "件"),
    ("app_refused_security", "危及国家安全、公共安全、经济安全和社会稳定", "件"),
    ("app_refused_not_gov_info", "不是《条例》所指政府信息", "件"),
    ("app_refused_other_law", "法律法规规定的其他情形", "件"),
    ("app_reply_not_this_organ", "5.不属于本行政机关公开数", "件"),
    ("app_reply_not_exist", "6.申请信息不存在数", "件"),
    ("app_reply_clarify", "7.告知作出更改补充数", "件"),
    ("app_reply_other_route", "8.告知通过其他途径办理数", "件"),
    ("review_total", "四、行政复议数量", "件"),
    ("review_upheld", "（一）维持具体行政行为数", "件"),
    ("review_corrected", "（二）被依法纠错数", "件"),
    ("review_other", "（三）其他情形数", "件"),
    ("lit_total", "五、行政诉讼数量", "件"),
    ("lit_upheld", "（一）维持具体行政行为或者驳回原告诉讼请求数", "件"),
    ("lit_corrected", "（二）被依法纠错数", "件"),
    ("lit_other", "（三）其他情形数", "件"),
    ("complaints_total", "六、举报投诉数量", "件"),
    ("fees_collected", "七、依申请公开信息收取的费用", "万元"),
    (None, "八、机构建设和保障经费情况", "——"),
    ("disclosure_offices", "（一）政府信息公开工作专门机构数", "个"),
    ("reading_points", "（二）设置政府信息公开查阅点数", "个"),
    ("staff_total", "（三）从事政府信息公开工作人员数", "人"),
    ("staff_full_time", "1.专职人员数（不包括政府公报及政府网站工作人员数）", "人"),
    ("staff_part_time", "2.兼职人员数", "人"),
    ("special_budget", "（四）政府信息公开专项经费（不包括用于政府公报编辑管理及政府网站建设维护等方面的经费）", "万元"),
    (None, "九、政府信息公开会议和培训情况", "——"),
    ("meetings_held", "（一）召开政府信息公开工作会议或专题会议数", "次"),
    ("trainings_held", "（二）举办各类培训班数", "次"),
    ("trainees", "（三）接受培训人员数", "人次"),
)  # fmt: skip


def figure(code: str, value: Decimal, unit: str, **dimensions: str) -> Figure:
    """A printed number's truth; a printed zero has a state of its own."""
    return Figure(code=code, value=value, unit=unit, state="zero_printed" if value == 0 else "number", dimensions=dimensions)


def _rows_of(form: Form, code: str, width: int) -> tuple[Decimal, ...]:
    values = form.printed.get(code, form.values.get(code, (ZERO,) * width))
    if not isinstance(values, tuple) or len(values) not in (width, width + 1):
        raise ValueError(f"{code}: expected {width} figures, found {values}")
    return values if len(values) == width + 1 else (*values, sum(values, ZERO))


def _single(form: Form, code: str) -> Decimal:
    value = form.printed.get(code, form.values.get(code, ZERO))
    if isinstance(value, tuple):
        raise ValueError(f"{code}: expected one figure")
    return value


class _Scribe:
    """Collects the truth while cells are printed."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.figures: list[Figure] = []

    def cell(self, code: str, unit: str, column_span: int = 1) -> Cell:
        value = _single(self.form, code)
        self.figures.append(figure(code, value, unit))
        return Cell(f"{value}", column_span=column_span)

    def applicants(self, code: str) -> tuple[Cell, ...]:
        values = _rows_of(self.form, code, len(APPLICANTS))
        for name, value in zip((*APPLICANTS, "total"), values, strict=True):
            self.figures.append(figure(code, value, "件", applicant=name))
        return tuple(Cell(f"{v}") for v in values)

    def results(self, prefix: str) -> tuple[Cell, ...]:
        values = _rows_of(self.form, prefix, 4)
        for name, value in zip(_RESULTS, values, strict=True):
            self.figures.append(figure(f"{prefix}_{name}", value, "件"))
        return tuple(Cell(f"{v}") for v in values)


def report_form(form: Form, era: str) -> tuple[list[Block], list[Figure]]:
    """Tables 2, 3 and 4 of form A or B with their chapter headings, and the truth about each cell."""
    scribe = _Scribe(_with_outcome_total(form, era))
    table2 = _table2_b(scribe) if era == "B" else _table2_a(scribe)
    blocks: list[Block] = [
        Paragraph("二、主动公开政府信息情况", "heading"),
        Table(tuple(table2)),
        Paragraph("三、收到和处理政府信息公开申请情况", "heading"),
        Table(tuple(_table3(scribe, _OUTCOMES_B if era == "B" else _OUTCOMES_A))),
        Paragraph("四、政府信息公开行政复议、行政诉讼情况", "heading"),
        Table(tuple(_table4(scribe))),
    ]
    return blocks, scribe.figures


def _with_outcome_total(form: Form, era: str) -> Form:
    outcomes = [_rows_of(form, code, 6)[:6] for code, _, _ in (_OUTCOMES_B if era == "B" else _OUTCOMES_A)]
    totals = tuple(sum(column, ZERO) for column in zip(*outcomes, strict=True))
    return form.model_copy(update={"values": {**form.values, "app_outcome_total": totals}})


def _caption(item: str) -> tuple[Cell, ...]:
    return (Cell(f"第二十条第（{item}）项", column_span=4),)


def _table2_b(scribe: _Scribe) -> Iterator[tuple[Cell, ...]]:
    yield _caption("一")
    yield row("信息内容", "本年制发件数", "本年废止件数", "现行有效件数")
    for name, prefix in (("规章", "regulations"), ("行政规范性文件", "normative_docs")):
        yield (Cell(name), *(scribe.cell(f"{prefix}_{part}", "件") for part in ("issued", "repealed", "in_force")))
    for item, entries in (
        ("五", (("行政许可", "licensing_decisions"),)),
        ("六", (("行政处罚", "penalty_decisions"), ("行政强制", "coercion_decisions"))),
    ):
        yield _caption(item)
        yield (Cell("信息内容"), Cell("本年处理决定数量", column_span=3))
        for name, code in entries:
            yield (Cell(name), scribe.cell(code, "件", 3))
    yield _caption("八")
    yield (Cell("信息内容"), Cell("本年收费金额（单位：万元）", column_span=3))
    yield (Cell("行政事业性收费"), scribe.cell("admin_fee_amount", "万元", 3))


def _table2_a(scribe: _Scribe) -> Iterator[tuple[Cell, ...]]:
    yield _caption("一")
    yield row("信息内容", "本年新制作数量", "本年新公开数量", "对外公开总数量")
    for name, prefix in (("规章", "regulations"), ("规范性文件", "normative_docs")):
        yield (Cell(name), *(scribe.cell(f"{prefix}_{part}", "件") for part in ("newly_made", "newly_disclosed", "disclosed_stock")))
    for item, entries in (
        ("五", (("行政许可", "licensing"), ("其他对外管理服务事项", "other_service"))),
        ("六", (("行政处罚", "penalty"), ("行政强制", "coercion"))),
    ):
        yield _caption(item)
        yield row("信息内容", "上一年项目数量", "本年增/减", "处理决定数量")
        for name, prefix in entries:
            items = (scribe.cell(f"{prefix}_items_prev", "项"), scribe.cell(f"{prefix}_items_delta", "项"))
            yield (Cell(name), *items, scribe.cell(f"{prefix}_decisions", "件"))
    yield _caption("八")
    yield (Cell("信息内容"), Cell("上一年项目数量"), Cell("本年增/减", column_span=2))
    yield (Cell("行政事业性收费"), scribe.cell("admin_fee_items_prev", "项"), scribe.cell("admin_fee_items_delta", "项", 2))
    yield _caption("九")
    yield (Cell("信息内容"), Cell("采购项目数量"), Cell("采购总金额", column_span=2))
    amount = scribe.cell("procurement_amount", "万元", 2)
    yield (Cell("政府集中采购"), scribe.cell("procurement_projects", "个"), Cell(f"{amount.text}万元", column_span=2))


def _table3(scribe: _Scribe, outcomes: tuple[tuple[str, str | None, str], ...]) -> Iterator[tuple[Cell, ...]]:
    rule = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
    yield (Cell(rule, row_span=3, column_span=3), Cell("申请人情况", column_span=7))
    yield (Cell("自然人", row_span=2), Cell("法人或其他组织", column_span=5), Cell("总计", row_span=2))
    yield row("商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")
    yield (Cell("一、本年新收政府信息公开申请数量", column_span=3), *scribe.applicants("app_new_received"))
    yield (Cell("二、上年结转政府信息公开申请数量", column_span=3), *scribe.applicants("app_carried_in"))
    above: str | None = None
    for number, (code, group, label) in enumerate(outcomes):
        head: list[Cell] = [Cell("三、本年度办理结果", row_span=len(outcomes) + 1)] if number == 0 else []
        if group is None:
            head.append(Cell(label, column_span=2))
        else:
            if group != above:
                head.append(Cell(group, row_span=sum(g == group for _, g, _ in outcomes)))
            head.append(Cell(label))
        above = group
        yield (*head, *scribe.applicants(code))
    yield (Cell("（七）总计", column_span=2), *scribe.applicants("app_outcome_total"))
    yield (Cell("四、结转下年度继续办理", column_span=3), *scribe.applicants("app_carried_out"))


def _table4(scribe: _Scribe) -> Iterator[tuple[Cell, ...]]:
    yield (Cell("行政复议", column_span=5), Cell("行政诉讼", column_span=10))
    review = [Cell(w, row_span=2) for w in _RESULT_WORDS]
    yield (*review, Cell("未经复议直接起诉", column_span=5), Cell("复议后起诉", column_span=5))
    yield row(*_RESULT_WORDS, *_RESULT_WORDS)
    yield (*scribe.results("review"), *scribe.results("lit_direct"), *scribe.results("lit_after_review"))


def statistics_table(form: Form) -> tuple[list[Block], list[Figure]]:
    """政府信息公开情况统计表 (form S); every code of the table must have a figure or it prints 0."""
    scribe = _Scribe(form)
    rows = [row("统计指标", "单位", "统计数", header=True)]
    for code, label, unit in _S_ROWS:
        rows.append((Cell(label), Cell(unit), scribe.cell(code, unit) if code else Cell("——")))
    _refuse_unknown(form.values, {code for code, _, _ in _S_ROWS if code})
    return [Table(tuple(rows))], scribe.figures


def _refuse_unknown(values: Mapping[str, object], known: set[str]) -> None:
    if unknown := set(values) - known:
        raise ValueError(f"figures for no row of this form: {sorted(unknown)}")

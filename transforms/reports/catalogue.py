"""All checks of reports by id: what they compare, how severe a break is, and what they need (annual-reports.md section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Needs = Literal["report", "years", "bodies"]
Severities = tuple[Literal["error", "warning", "info"], ...]


@dataclass(frozen=True, slots=True)
class CheckInfo:
    """`formula` in metric codes and plain words; `severities` a finding of it may have."""

    severities: Severities
    formula: str
    needs: Needs = "report"


_E: Severities = ("error",)
_W: Severities = ("warning",)
_I: Severities = ("info",)
_EW: Severities = ("error", "warning")

CHECKS: dict[str, CheckInfo] = {
    "T3-BAL": CheckInfo(_E, "app_new_received + app_carried_in = app_outcome_total + app_carried_out, in every column"),
    "T3-SUM": CheckInfo(
        _E, "app_outcome_total = app_granted + app_partial + Σ app_denied_* + Σ app_unavailable_* + Σ app_unprocessed_* + app_other_*"
    ),
    "T3-OTH": CheckInfo(_E, "app_other_total = app_other_no_correction + app_other_fee_unpaid + app_other_misc, where it is printed (B)"),
    "T3-GRP": CheckInfo(_E, "a printed subtotal (app_denied_total, app_unavailable_total, app_unprocessed_total) = its rows"),
    "T3-ROW": CheckInfo(_E, "[total] = [natural_person] + the five organisation columns, in every row"),
    "T3-ORG": CheckInfo(_E, "[org_subtotal] = the five organisation columns, where it is printed"),
    "T3-CHAIN": CheckInfo(_W, "app_carried_in(y) = app_carried_out(y-1)", "years"),
    "T3-ALLZERO": CheckInfo(_E, "table 3 is not all 0 while the text counts applications"),
    "T4-REV": CheckInfo(_E, "review_total = review_upheld + review_corrected + review_other + review_pending"),
    "T4-DIR": CheckInfo(_E, "lit_direct_total = its four parts"),
    "T4-AFT": CheckInfo(_E, "lit_after_review_total = its four parts"),
    "T4-LIT": CheckInfo(_I, "derived: lit_x = lit_direct_x + lit_after_review_x; compared with the text under X-T4"),
    "T4-CAP": CheckInfo(_W, "lit_after_review_total(y) ≤ review_total(y) + review_total(y-1)", "years"),
    "T2-ROLL": CheckInfo(_W, "*_in_force(y) = *_in_force(y-1) + *_issued(y) - *_repealed(y)", "years"),
    "T2-POWER": CheckInfo(_W, "regulations_* = 0 for counties, townships and local departments"),
    "T2-STOCK": CheckInfo(_E, "*_newly_disclosed ≤ *_disclosed_stock (A)"),
    "T2-NEW": CheckInfo(_W, "*_newly_disclosed ≤ *_newly_made (A)"),
    "T2-ITEMS": CheckInfo(_W, "x_items_prev(y) = x_items_prev(y-1) + x_items_delta(y-1) (A)", "years"),
    "T2-PROC": CheckInfo(_W, "procurement_projects = 0 ⇔ procurement_amount = 0; 1e3 to 1e9 元 a project (A)"),
    "T2-FEE": CheckInfo(_W, "admin_fee_amount(y) / admin_fee_amount(y-1) in 0.01 to 100 (B)", "years"),
    "S-DOC": CheckInfo(_EW, "disclosed_normative_docs ≤ disclosed_items (E); ≤ normative_docs_made (W)"),
    "S-CHAN": CheckInfo(_EW, "each disclosed_via_* ≤ disclosed_items ≤ Σ disclosed_via_* (W); P: disclosed_items = Σ channels (E)"),
    "S-HEAD": CheckInfo(_E, "press_conferences_by_head ≤ press_conferences; web_interviews_by_head ≤ web_interviews"),
    "S-RECV": CheckInfo(_E, "app_received_total = Σ app_recv_*"),
    "S-DONE": CheckInfo(_E, "app_completed_total = app_completed_on_time + app_completed_extended"),
    "S-REPLY": CheckInfo(_E, "app_replied_total = Σ app_reply_* (8)"),
    "S-REFUSE": CheckInfo(_E, "app_reply_refused = Σ app_refused_* (6)"),
    "S-FLOW": CheckInfo(_W, "app_replied_total = app_completed_total ≤ app_received_total"),
    "S-REV": CheckInfo(_E, "review_total and lit_total = upheld + corrected + other"),
    "S-STAFF": CheckInfo(_E, "staff_total = staff_full_time + staff_part_time"),
    "S-CUM": CheckInfo(_W, "disclosed_cumulative(y) = disclosed_cumulative(y-1) + disclosed_items(y); never falls", "years"),
    "N-PARTS": CheckInfo(_EW, "a total = the parts listed behind it; E where the list closes with 其他 or exceeds the total"),
    "N-INFO": CheckInfo(_E, "info_made_total = disclosed_items + info_on_request + info_not_public"),
    "N-SUB": CheckInfo(_E, "a figure behind 其中 ≤ its total"),
    "N-FEE": CheckInfo(_E, "fees_receivable = fees_collected + fees_waived"),
    "N-RATE": CheckInfo(_E, "a printed share = 100 · part / base within half of its last digit, for one plausible base"),
    "N-SHARES": CheckInfo(_W, "the shares of one partition add to 100 ± 0.05 each"),
    "N-GROWTH": CheckInfo(_W, "growth_rate = 100 · (y / (y-1) - 1)", "years"),
    "N-ENUM": CheckInfo(_W, "N类 / N项 / N个部分 = the number of items listed"),
    "N-TRAIN": CheckInfo(_W, "trainees / trainings_held in 5 to 500"),
    "X-NEW": CheckInfo(_EW, "received in the text = app_new_received, or + app_carried_in"),
    "X-DONE": CheckInfo(_EW, "answered or completed in the text = app_outcome_total; carried over = app_carried_in / app_carried_out"),
    "X-GRP": CheckInfo(_EW, "groups of outcomes in the text = those of table 3"),
    "X-T4": CheckInfo(_EW, "reviews and lawsuits in the text = table 4; 均获维持 leaves nothing to other results"),
    "X-T2": CheckInfo(_W, "规章 and normative documents in the text = table 2"),
    "X-SCOPE": CheckInfo(_I, "an X-check failed for a figure of another body: it is only a warning"),
    "R-PARENT": CheckInfo(_W, "the jurisdiction's total ≥ any child's", "bodies"),
    "R-SIB": CheckInfo(_W, "one organ's report of one year gives the same figures at every address", "bodies"),
    "Q-FULL": CheckInfo(_EW, "all cells of the form: table 2 10 (B) or 22 (A), table 3 175 or 161, table 4 15"),
    "Q-BLANK": CheckInfo(_W, "no blank, / or — where the form wants a number"),
    "Q-READ": CheckInfo(_W, "every cell could be read: these are ours, not the source's"),
    "Q-LABEL": CheckInfo(_W, "every line with figures has a metric"),
    "Q-INT": CheckInfo(_E, "counts are whole and not negative"),
    "Q-JUMP": CheckInfo(_W, "y / (y-1) in 0.2 to 5, or the difference at most 20", "years"),
    "Q-PERIOD": CheckInfo(_EW, "statistics period = 1 January to 31 December of the report's year"),
    "Q-CHAP": CheckInfo(_EW, "six chapters, none empty (A, B); the matters of 2007 art. 32 (N, S, P)"),
    "Q-COPY": CheckInfo(_W, "less than 0.9 of the text is last year's, digits apart", "years"),
    "Q-DATE": CheckInfo(("warning", "info"), "published by the legal date of the law in force"),
    "Q-ERA": CheckInfo(_W, "the form is the one of its year"),
}

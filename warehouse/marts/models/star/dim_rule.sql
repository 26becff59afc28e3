-- Grain: rule × edition. Answers: what is a portal judged by, since when, on which text, and how sure are we of it?
select
    rule,
    valid_from,
    valid_to,
    name_zh,
    name_en,
    family as rule_family,
    subject_kind,
    severity,
    dates,
    time_window,
    evidence,
    counted_by,
    instrument,
    clause,
    confidence,
    thresholds,
    ordinal
from {{ source('silver', 'rule') }}

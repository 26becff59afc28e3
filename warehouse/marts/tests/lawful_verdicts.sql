-- A fail has its archived page, a rule whose text was seen, and a portal that was seen whole. Whatever a judgement says, no other row may fail anybody.
select v.portal_id, v.rule, v.subject
from {{ ref('verdict') }} as v
left join {{ ref('portal_status') }} as s on s.portal_id = v.portal_id
where v.verdict = 'fail'
    and (
        v.evidence_url is null or v.evidence_run_id is null or v.evidence_warc_file is null or v.evidence_warc_offset is null or v.evidence_at is null
        or v.confidence is null or v.confidence = 'M' or v.severity = 'info'
        or s.status is null or s.status not in ('complete', 'empty')
    )

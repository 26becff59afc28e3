-- Grain: plan task, or obligation with a due date, of a current document. Answers: was it kept, by the evidence we could see?
-- `overdue` is said only where we looked after the due date, whole, where such a notice would stand, and none comes near; else the row says why
-- nobody can tell. A day counts in the portals' zone (UTC+8).
with walked as (
    -- the newest accepted run whose crawl was whole: until then we saw what there was
    select l.portal_id, max(l.run_id) as run_id
    from {{ source('silver', 'load_log') }} as l
    join {{ source('silver', 'stage_outcome') }} as o
        on o.portal_id = l.portal_id and o.run_id = l.run_id and o.stage = 'crawl' and o.status in ('complete', 'empty')
    left join (
        select distinct portal_id, run_id from {{ source('silver', 'section_outcome') }} where not complete
    ) as torn on torn.portal_id = l.portal_id and torn.run_id = l.run_id
    where l.passed and torn.run_id is null
    group by l.portal_id
),

seen as (
    select
        w.portal_id,
        {{ china_day('w.run_id') }} as until,
        max(case when s.kind in ('normative', 'news') then 1 else 0 end) as has_notices
    from walked as w
    left join {{ source('silver', 'section_outcome') }} as s on s.portal_id = w.portal_id and s.run_id = w.run_id
    group by w.portal_id, w.run_id
),

evidence as (
    select
        commitment_id,
        count(case when counts then 1 end) as evidence_count,
        count(case when not counts and decision is null then 1 end) as candidates,
        count(distinct case when counts then period end) as periods_seen,
        count(distinct case when counts or decision is null then period end) as periods_near,
        max(case when counts or decision is null then score end) as best_score,
        min(case when counts then published_date end) as first_evidence,
        max(case when counts and decision = 'confirmed' then 1 else 0 end) as confirmed
    from {{ ref('commitment_evidence') }}
    group by commitment_id
),

judged as (
    select
        c.*,
        d.portal_name,
        d.title as document_title,
        d.url,
        d.warc_file,
        d.warc_offset,
        d.archive_run_id,
        coalesce(e.evidence_count, 0) as evidence_count,
        coalesce(e.candidates, 0) as candidates,
        cast(coalesce(array_length(c.periods, 1), 0) as bigint) as periods_due,
        coalesce(e.periods_seen, 0) as periods_seen,
        e.best_score,
        e.first_evidence,
        s.until as seen_until,
        case
            when coalesce(array_length(c.periods, 1), 0) > 0 and coalesce(e.periods_seen, 0) >= array_length(c.periods, 1) then 'evidenced'
            when coalesce(array_length(c.periods, 1), 0) = 0 and c.ends is not null and e.evidence_count > 0 then 'evidenced'
            when c.ends is null then 'no_date'
            when {{ as_of() }} <= c.ends then case when {{ as_of() }} >= c.soon_from then 'due' else 'not_due' end
            when c.visible <> 'outward' then c.visible
            when s.until is null or s.until <= c.ends then 'not_seen'
            when s.has_notices = 0 then 'no_section'
            when not c.body_publishes then 'other_portal'
            when coalesce(array_length(c.periods, 1), 0) = 0 and coalesce(e.candidates, 0) > 0 then 'candidates'
            when coalesce(array_length(c.periods, 1), 0) > 0 and e.periods_near >= array_length(c.periods, 1) then 'candidates'
            else 'overdue'
        end as verdict
    from {{ source('silver', 'commitment') }} as c
    join {{ ref('document') }} as d
        on d.document_id = c.document_id and d.extractor_version = c.extractor_version and d.run_id = c.run_id
    left join evidence as e on e.commitment_id = c.commitment_id
    left join seen as s on s.portal_id = c.portal_id
)

select
    portal_id,
    portal_name,
    commitment_id,
    kind,
    notice_id,
    document_id,
    document_title,
    seq,
    plan_year,
    text,
    lead_units,
    due_date,
    recurrence,
    ends,
    {{ by_code_point("""
        case when verdict in ('evidenced', 'due', 'not_due', 'overdue') then verdict else 'not_assessable' end""") }} as status,
    {{ by_code_point("""
        case verdict
            when 'evidenced' then case
                when periods_due > 0 then cast(periods_seen as text) || ' of ' || cast(periods_due as text) || ' periods seen'
                when first_evidence > ends then 'published after the due date, on ' || cast(first_evidence as text)
                else 'published by the due date, on ' || coalesce(cast(first_evidence as text), 'an unknown day') end
            when 'no_date' then 'the source names no day by which it is due'
            when 'due' then 'the due date is near'
            when 'not_due' then 'the due date is not near yet'
            when 'inward' then 'work inside the administration: nobody need publish that it was done'
            when 'open' then 'the promise names nothing that would be published'
            when 'not_seen' then 'the portal was not seen whole since the due date'
            when 'no_section' then 'no section is followed in which such a notice would stand'
            when 'other_portal' then 'none of its lead bodies publishes on this portal'
            when 'candidates' then 'notices come near (best ' || cast(best_score as text) || '): a person must look'
            else case
                when periods_due > 0 then 'only ' || cast(periods_seen as text) || ' of ' || cast(periods_due as text) || ' periods seen'
                else 'no notice comes near, though we looked whole after that day' end
        end""") }} as why,
    best_score,
    evidence_count,
    candidates,
    first_evidence,
    coalesce(first_evidence > ends, false) as late,
    periods_due,
    periods_seen,
    visible,
    seen_until,
    {{ as_of() }} as as_of,
    span_start,
    span_end,
    url,
    warc_file,
    warc_offset,
    archive_run_id,
    run_id,
    extractor_version
from judged

-- Grain: portal × rule × subject. Answers: which rule does this portal keep, which does it break, and where is the archived proof? (docs/verdicts.md)
-- The judgements are in macros/verdicts. Here stand the laws for all of them: a fail is a C or P rule's that is no information, of a portal whose
-- newest run was whole, with an archived page; whatever else would be one is uncertain and says why.
with portal as (
    select
        p.portal_id,
        p.name as portal_name,
        p.level,
        p.division_code,
        p.site_id_code,
        p.site_name,
        s.run_id,
        s.status,
        s.crawl_status,
        {{ china_day('s.run_id') }} as seen_on,
        coalesce(s.status in ('complete', 'empty'), false) as seen_whole,
        cast({{ json_field('o.counts', 'dead') }} as bigint) as dead
    from {{ source('silver', 'portal') }} as p
    left join {{ ref('portal_status') }} as s on s.portal_id = p.portal_id
    left join {{ source('silver', 'stage_outcome') }} as o on o.portal_id = s.portal_id and o.run_id = s.run_id and o.stage = 'crawl'
),

newest as (
    select portal_id, max(run_id) as run_id from {{ source('silver', 'section_outcome') }} group by portal_id
),

-- columns of the registry, as the newest run that walked any of them shows them
section as (
    select o.*, {{ china_day('o.run_id') }} as seen_on
    from {{ source('silver', 'section_outcome') }} as o
    join newest as w on w.portal_id = o.portal_id and w.run_id = o.run_id
),

-- what a column shows: rows of that run's list, links to other hosts that any run saw (an ordinary night reads the first page only), and the
-- notices that we hold of it
item as (
    select e.portal_id, e.section, e.date as list_day, {{ printed_day('n.published_at') }} as page_day
    from {{ source('silver', 'list_entry') }} as e
    left join newest as w on w.portal_id = e.portal_id and w.run_id = e.run_id
    left join {{ ref('notice') }} as n on n.notice_id = e.notice_id
    where w.run_id is not null or e.notice_id is null
    union all
    select portal_id, section, list_date, {{ printed_day('published_at') }} from {{ ref('notice') }} where gone_at is null
),

meta_page as (
    {{ pages_with_meta() }}
),

judged as (
    {{ judged_report_times() }}
    union all
    {{ judged_report_forms() }}
    union all
    {{ judged_website_tables() }}
    union all
    {{ judged_terms() }}
    union all
    {{ judged_interpretations() }}
    union all
    {{ judged_marks() }}
    union all
    {{ judged_plans() }}
    union all
    {{ judged_columns() }}
    union all
    {{ judged_fillings() }}
    union all
    {{ judged_times() }}
    union all
    {{ judged_changes() }}
    union all
    {{ judged_claims() }}
    union all
    {{ judged_answers() }}
    union all
    {{ judged_identities() }}
    union all
    {{ judged_links() }}
    union all
    {{ judged_homes() }}
    union all
    {{ judged_meta() }}
),

lawful as (
    select j.*, {{ lawful_verdict('j') }} as verdict from judged as j {{ laws('j') }}
),

counted as (
    {{ judged_counts() }}
),

every_one as (
    select * from lawful
    union all
    select j.*, {{ lawful_verdict('j') }} from counted as j {{ laws('j') }}
)

select
    v.portal_id,
    p.portal_name,
    {{ by_code_point('v.rule') }} as rule,
    {{ by_code_point('v.subject') }} as subject,
    v.subject_title,
    {{ by_code_point('v.verdict') }} as verdict,
    {{ by_code_point("""v.reason || case
        when v.judged = v.verdict then ''
        when r.severity = 'info' or r.confidence = 'M' then '; no fail: ' || case when r.confidence = 'M' then 'the text of the rule was not seen' else 'this rule only informs' end
        when not p.seen_whole then '; no fail: the newest run ended ' || coalesce(p.status, 'never')
        else '; no fail: no archived page shows it'
    end""") }} as reason,
    {{ by_code_point('v.observed') }} as observed,
    {{ by_code_point('v.threshold') }} as threshold,
    {{ by_code_point("coalesce(r.instrument || ' ' || r.clause, 'none in force')") }} as basis,
    r.confidence,
    r.severity,
    v.window_start,
    v.window_end,
    v.evidence_url,
    v.evidence_run_id,
    v.evidence_warc_file,
    v.evidence_warc_offset,
    v.evidence_at,
    {{ as_of() }} as as_of
from every_one as v
join portal as p on p.portal_id = v.portal_id
left join {{ source('silver', 'rule') }} as r on r.rule = v.rule and r.valid_from = v.edition

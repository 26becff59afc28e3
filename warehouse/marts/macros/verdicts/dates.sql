{# Grain: notice of which more than one version is held. Only versions that one reader read are compared, so that no change of ours looks like one
   of the portal. A new day with a new text may be a corrected paper that was put online again. #}
{% macro judged_changes() -%}
select
    n.portal_id,
    'date-unchanged' as rule,
    r.valid_from as edition,
    n.notice_id as subject,
    n.title as subject_title,
    case when c.notice_id is null then 'pass' when c.same_text = 1 then 'fail' else 'uncertain' end as judged,
    case
        when c.notice_id is null then cast(n.versions as text) || ' versions, one day of publication'
        when c.same_text = 1 then 'published (发布日期) ' || c.day_before || ', since the run of ' || {{ day_text('c.seen_on') }} || ' ' || c.day_after || ', the text is the same' || c.page_before
        else 'published (发布日期) ' || c.day_before || ', since the run of ' || {{ day_text('c.seen_on') }} || ' ' || c.day_after || ', and the text is another one'
    end as reason,
    coalesce(c.day_after, substr(n.published_at, 1, 10), 'none') as observed,
    coalesce(c.day_before, substr(n.published_at, 1, 10), 'none') as threshold,
    {{ china_day('n.first_run') }} as window_start,
    p.seen_on as window_end,
    n.url as evidence_url,
    coalesce(c.run_id, n.run_id) as evidence_run_id,
    coalesce(c.warc_file, n.warc_file) as evidence_warc_file,
    coalesce(c.warc_offset, n.warc_offset) as evidence_warc_offset,
    {{ run_time('coalesce(c.run_id, n.run_id)') }} as evidence_at
from {{ ref('notice') }} as n
join portal as p on p.portal_id = n.portal_id
join {{ edition_on('date-unchanged', 'p.seen_on') }}
left join (
    select
        c.notice_id,
        a.run_id,
        a.warc_file,
        a.warc_offset,
        coalesce('; the page before: ' || b.portal_id || '/' || b.run_id || '/' || b.warc_file || '@' || cast(b.warc_offset as text), '') as page_before,
        substr(b.published_at, 1, 10) as day_before,
        substr(a.published_at, 1, 10) as day_after,
        {{ china_day('a.run_id') }} as seen_on,
        case when c.lines_added = 0 and c.lines_removed = 0 and c.title_before is null then 1 else 0 end as same_text,
        row_number() over (
            partition by c.notice_id
            order by case when c.lines_added = 0 and c.lines_removed = 0 and c.title_before is null then 0 else 1 end, a.run_id, c.version
        ) as place
    from {{ source('silver', 'notice_change') }} as c
    join {{ source('silver', 'notice') }} as b on b.notice_id = c.notice_id and b.version = c.version_before
    join {{ source('silver', 'notice') }} as a on a.notice_id = c.notice_id and a.version = c.version
    where c.published_before is not null and substr(b.published_at, 1, 10) <> substr(a.published_at, 1, 10)
        and exists (
            select 1
            from {{ source('silver', 'document') }} as x
            join {{ source('silver', 'document') }} as y
                on y.notice_id = x.notice_id and y.part = 0 and y.version = c.version and y.extractor_version = x.extractor_version
            where x.notice_id = c.notice_id and x.part = 0 and x.version = c.version_before
        )
) as c on c.notice_id = n.notice_id and c.place = 1
where n.versions > 1
{%- endmacro %}

{# Grain: notice that came into a column after one of our walks of the whole column. What a walk of that kind did not hold was not there then,
   whatever day the page claims. A paper of long ago that is put online under its own day, or without a time of day, claims nothing false. #}
{% macro judged_claims() -%}
select
    c.portal_id,
    'date-credible' as rule,
    r.valid_from as edition,
    c.notice_id as subject,
    c.title as subject_title,
    case
        when {{ days_between('c.published_date', 'c.walked_on') }} <= 0 then 'pass'
        when {{ days_between('c.published_date', 'c.walked_on') }} <= {{ limit_number('days') }} or not c.has_clock or c.written_date = c.published_date
            or c.another_day is not null then 'uncertain'
        else 'fail'
    end as judged,
    'formed (成文日期) ' || coalesce({{ day_text('c.written_date') }}, 'unknown') || ', published (发布日期) ' || {{ day_text('c.published_date') }}
        || case when c.has_clock then '' else ' without a time of day' end || ', first listed in the run of ' || {{ day_text('c.listed_on') }}
        || '; the whole column of ' || {{ day_text('c.walked_on') }} || ' did not hold it'
        || coalesce('; another place names ' || c.another_day, '') as reason,
    case when c.walked_on > c.published_date then cast({{ days_between('c.published_date', 'c.walked_on') }} as text) || ' days before it was there' else 'after the last walk' end as observed,
    'at most ' || {{ limit_text('days') }} || ' days' as threshold,
    c.published_date as window_start,
    c.listed_on as window_end,
    {{ proof_of_notice('c') }}
from (
    select
        n.portal_id, n.notice_id, n.title, n.url, n.run_id, n.warc_file, n.warc_offset, n.published_date,
        coalesce(length(n.published_at) > 10, false) as has_clock,
        d.written_date,
        coalesce(h.actual, case when n.list_date <> n.published_date then {{ day_text('n.list_date') }} end) as another_day,
        {{ china_day('l.first_run') }} as listed_on,
        {{ china_day('max(o.run_id)') }} as walked_on
    from {{ ref('notice') }} as n
    join (
        select notice_id, min(run_id) as first_run from {{ source('silver', 'list_entry') }} where notice_id is not null group by notice_id
    ) as l on l.notice_id = n.notice_id
    join {{ source('silver', 'section_outcome') }} as o
        on o.portal_id = n.portal_id and o.section = n.section and o.complete and o.walked_whole and o.run_id < l.first_run
    left join {{ ref('document') }} as d on d.notice_id = n.notice_id and d.part = 0
    left join (
        select notice_id, min(actual) as actual from {{ ref('finding') }} where rule = 'H-DATE' group by notice_id
    ) as h on h.notice_id = n.notice_id
    where n.published_date is not null
    group by n.portal_id, n.notice_id, n.title, n.url, n.run_id, n.warc_file, n.warc_offset, n.published_date, n.published_at, n.list_date,
        d.written_date, h.actual, l.first_run
) as c
join {{ edition_on('date-credible', 'c.listed_on') }}
{%- endmacro %}

{# One bound of Wilson's interval (95 %) for `hits` of `n`, as a percentage with one digit; `sign` is - or +. #}
{% macro wilson_percent(hits, n, sign) -%}
{{ percent("(" ~ hits ~ " + 1.9208 " ~ sign ~ " 1.96 * sqrt(cast(" ~ hits ~ " * (" ~ n ~ " - " ~ hits ~ ") as double precision) / nullif(" ~ n ~ ", 0) + 0.9604)) / (" ~ n ~ " + 3.8416)") }}
{%- endmacro %}
{% macro percent(share) -%}cast(cast(100 * ({{ share }}) as numeric(9, 1)) as text){%- endmacro %}

{# Grain: portal × address. Links of the home page that the visits of the window tried, as they were when last asked. Dead is what answered 404
   or 410 then, and what answered badly on `looks` days and not well in between; badly once is unsettled; refused, or led away, is not seen. #}
{% macro tried_links() -%}
(
    select l.portal_id, l.url, l.run_id, l.looked_on, l.page_links, l.drawn, l.warc_file, l.warc_offset,
        case
            when l.outcome = 'answers' then 'alive'
            when l.outcome = 'gone' or (l.unwell and l.days_unwell >= l.limit_looks) then 'dead'
            when l.unwell then 'unsettled'
            else 'not seen'
        end as state
    from (
        select portal_id, url, run_id, looked_on, page_links, outcome, unwell, limit_looks, warc_file, warc_offset,
            row_number() over (partition by portal_id, url order by run_id desc) as place,
            max(case when drawn then 1 else 0 end) over (partition by portal_id, url) as drawn,
            count(case when unwell and first_of_day = 1 and (answered is null or run_id > answered) then 1 end)
                over (partition by portal_id, url) as days_unwell
        from (
            select v.portal_id, v.url, v.run_id, v.page_links, v.outcome, v.drawn, v.warc_file, v.warc_offset,
                {{ china_day('v.run_id') }} as looked_on,
                {{ limit_number('looks') }} as limit_looks,
                v.outcome in ('gone', 'error_page', 'failed', 'silent') as unwell,
                max(case when v.outcome = 'answers' then v.run_id end) over (partition by v.portal_id, v.url) as answered,
                row_number() over (partition by v.portal_id, v.url, {{ china_day('v.run_id') }} order by v.run_id desc) as first_of_day
            from {{ source('silver', 'link_visit') }} as v
            join {{ edition_on('links-alive', as_of()) }}
            where {{ china_day('v.run_id') }} > {{ as_of() }} - {{ limit_number('days') }}
        ) as look
    ) as l
    where l.place = 1 and l.outcome <> 'unlinked'
)
{%- endmacro %}

{# Grain: portal. Listed pages: one that was not there in three nights counts, whether it was held before (http_404, http_410) or never came.
   Beside them the links of the home page; their share and its interval are told of those that were drawn, not of those that were asked again. #}
{% macro judged_links() -%}
select
    p.portal_id,
    'links-alive' as rule,
    r.valid_from as edition,
    p.portal_id as subject,
    p.portal_name as subject_title,
    case
        when (p.seen_on is null or coalesce(k.known, 0) = 0) and coalesce(t.seen, 0) = 0 then 'not_assessable'
        when coalesce(p.dead, 0) + coalesce(g.gone, 0) + coalesce(t.dead, 0) >= {{ limit_number('links') }} then 'uncertain'
        when p.seen_whole and coalesce(t.unsettled, 0) = 0 then 'pass'
        else 'uncertain'
    end as judged,
    case
        when p.seen_on is null or coalesce(k.known, 0) = 0 then 'nothing is listed'
        else cast(coalesce(p.dead, 0) + coalesce(g.gone, 0) as text) || ' of ' || cast(k.known as text) || ' listed pages are not there (404, 410)'
            || case when p.seen_whole then '' else '; the newest run ended ' || p.status end
    end || case
        when t.portal_id is null then '; no link of the home page was tried'
        else '; of ' || cast(t.page_links as text) || ' links of the home page ' || cast(t.tried as text) || ' were tried, '
            || cast(t.dead as text) || ' dead'
            || case when t.drawn = 0 then '' else ' (' || {{ percent('cast(t.drawn_dead as double precision) / nullif(t.drawn, 0)') }} || ' % of '
                || cast(t.drawn as text) || ' drawn, 95 %: ' || {{ wilson_percent('t.drawn_dead', 't.drawn', '-') }} || ' to '
                || {{ wilson_percent('t.drawn_dead', 't.drawn', '+') }} || ' %)' end
            || case when t.unsettled = 0 then '' else ', ' || cast(t.unsettled as text) || ' answered badly once' end
            || case when t.tried = t.seen then '' else ', ' || cast(t.tried - t.seen as text) || ' not seen' end
            || coalesce(': ' || t.named, '')
    end as reason,
    cast(coalesce(p.dead, 0) + coalesce(g.gone, 0) as text) || ' pages, ' || cast(coalesce(t.dead, 0) as text) || ' links' as observed,
    'fewer than ' || {{ limit_text('links') }} as threshold,
    coalesce(t.first_day, p.seen_on) as window_start,
    coalesce(t.last_day, p.seen_on) as window_end,
    t.evidence_url,
    t.evidence_run_id,
    t.evidence_warc_file,
    t.evidence_warc_offset,
    case when t.evidence_run_id is not null then {{ run_time('t.evidence_run_id') }} end as evidence_at
from portal as p
join {{ edition_on('links-alive', 'coalesce(p.seen_on, ' ~ as_of() ~ ')') }}
left join (select portal_id, sum(rows_known) as known from section group by portal_id) as k on k.portal_id = p.portal_id
left join (
    select e.portal_id, e.run_id, count(distinct e.notice_id) as gone
    from {{ source('silver', 'list_entry') }} as e
    join {{ ref('notice') }} as n on n.notice_id = e.notice_id and n.gone_cause in ('http_404', 'http_410')
    group by e.portal_id, e.run_id
) as g on g.portal_id = p.portal_id and g.run_id = p.run_id
left join (
    select portal_id, min(looked_on) as first_day, max(looked_on) as last_day,
        max(case when run_id = newest_run then page_links end) as page_links,
        count(*) as tried,
        count(case when state <> 'not seen' then 1 end) as seen,
        count(case when state = 'dead' then 1 end) as dead,
        count(case when state = 'unsettled' then 1 end) as unsettled,
        count(case when state in ('alive', 'dead') and drawn = 1 then 1 end) as drawn,
        count(case when state = 'dead' and drawn = 1 then 1 end) as drawn_dead,
        string_agg(case when state = 'dead' and shown <= 5 then substr(url, 1, 200) end, ' ' order by shown) as named,
        max(case when state = 'dead' and shown = 1 then url end) as evidence_url,
        max(case when state = 'dead' and shown = 1 and warc_file is not null then run_id end) as evidence_run_id,
        max(case when state = 'dead' and shown = 1 then warc_file end) as evidence_warc_file,
        max(case when state = 'dead' and shown = 1 then warc_offset end) as evidence_warc_offset
    from (
        select *, max(run_id) over (partition by portal_id) as newest_run,
            row_number() over (partition by portal_id, state order by case when warc_file is null then 1 else 0 end, url) as shown
        from {{ tried_links() }} as tried
    ) as link
    group by portal_id
) as t on t.portal_id = p.portal_id
{%- endmacro %}

{# Grain: portal. A crawl at night from one place is no evidence about reachability: what it met is told, and nothing decided. #}
{% macro judged_answers() -%}
select
    p.portal_id,
    'answers' as rule,
    r.valid_from as edition,
    p.portal_id as subject,
    p.portal_name as subject_title,
    case when p.crawl_status in ('unreachable', 'blocked') then 'uncertain' else 'not_assessable' end as judged,
    case
        when p.run_id is null then 'never crawled'
        when p.crawl_status = 'unreachable' then 'no answer in the newest run, seen from one place'
        when p.crawl_status = 'blocked' then 'refused us in the newest run'
        else 'answered in the newest run; a night''s crawl says nothing of a week'
    end as reason,
    coalesce(p.crawl_status, 'never crawled') as observed,
    'fails in less than ' || {{ limit_text('failed_share') }} || ' of ' || {{ limit_text('visits_a_day') }} || ' visits a day' as threshold,
    p.seen_on as window_start,
    p.seen_on as window_end,
    {{ no_proof() }}
from portal as p
left join {{ edition_on('answers', 'coalesce(p.seen_on, ' ~ as_of() ~ ')') }}
{%- endmacro %}

{# Grain: portal. #}
{% macro judged_identities() -%}
select
    p.portal_id,
    'identity' as rule,
    r.valid_from as edition,
    p.portal_id as subject,
    p.portal_name as subject_title,
    case
        when p.crawl_status = 'wrong_site' then 'uncertain'
        when p.site_id_code is null and p.site_name is null then 'not_assessable'
        when p.crawl_status in ('complete', 'partial') then 'pass'
        else 'not_assessable'
    end as judged,
    case
        when p.crawl_status = 'wrong_site' then 'another body''s pages answer at this address; they were not read'
        when p.site_id_code is null and p.site_name is null then 'the registry names neither SiteIDCode nor SiteName'
        when p.crawl_status in ('complete', 'partial') then 'no page names another body'
        else 'no page of the newest run could be compared'
    end as reason,
    coalesce(p.crawl_status, 'never crawled') as observed,
    coalesce(p.site_id_code, p.site_name, 'none') as threshold,
    p.seen_on as window_start,
    p.seen_on as window_end,
    {{ no_proof() }}
from portal as p
left join {{ edition_on('identity', 'coalesce(p.seen_on, ' ~ as_of() ~ ')') }}
{%- endmacro %}

{# Grain: portal. The daily visits, whose archive is one of its own. Still stands only what showed one newest day in every visit of the window. #}
{% macro judged_homes() -%}
select
    p.portal_id,
    'home-updated' as rule,
    h.edition,
    p.portal_id as subject,
    p.portal_name as subject_title,
    case
        when h.portal_id is null then 'not_assessable'
        when {{ days_between('h.visited_on', as_of()) }} > h.days or not h.answered or h.newest_day is null then 'uncertain'
        when h.newest_day >= h.first_day then 'pass'
        when h.began > h.first_day or h.others > 0 then 'uncertain'
        else 'fail'
    end as judged,
    case
        when h.portal_id is null then 'the home page was never visited'
        when {{ days_between('h.visited_on', as_of()) }} > h.days then 'last visited on ' || {{ day_text('h.visited_on') }} || ', which is longer ago than the window'
        when not h.answered then 'the visit of ' || {{ day_text('h.visited_on') }} || ' ended ' || h.status
        when h.newest_day is null then 'no item of the home page shows a day that we can read'
        else 'newest item published (发布日期) ' || {{ day_text('h.newest_day') }} || '; visited on ' || {{ day_text('h.visited_on') }} || case
            when h.newest_day >= h.first_day then ''
            when h.began > h.first_day then ', visits began on ' || {{ day_text('h.began') }}
            when h.others > 0 then ', not every visit of the window showed that'
            else ' and ' || cast(h.visits - 1 as text) || ' times before within the window, each time the same'
        end
    end as reason,
    coalesce({{ day_text('h.newest_day') }}, 'none') as observed,
    'an item in ' || cast(h.days as text) || ' days' as threshold,
    h.first_day as window_start,
    h.visited_on as window_end,
    h.url as evidence_url,
    case when h.warc_file is not null then h.run_id end as evidence_run_id,
    h.warc_file as evidence_warc_file,
    h.warc_offset as evidence_warc_offset,
    case when h.warc_file is not null then {{ run_time('h.run_id') }} end as evidence_at
from portal as p
left join (
    select
        l.portal_id, l.run_id, l.status, l.visited_on, l.newest_day, l.url, l.warc_file, l.warc_offset, l.edition, l.days,
        l.visited_on - l.days as first_day,
        l.status not in ('blocked', 'unreachable', 'wrong_site') as answered,
        l.began,
        count(*) as visits,
        count(case when o.status in ('blocked', 'unreachable', 'wrong_site') or o.newest_day is distinct from l.newest_day then 1 end) as others
    from (
        select h.*, r.valid_from as edition, {{ limit_number('days') }} as days,
            min(h.visited_on) over (partition by h.portal_id) as began,
            row_number() over (partition by h.portal_id order by h.run_id desc) as place
        from {{ source('silver', 'home_visit') }} as h
        join {{ edition_on('home-updated', 'h.visited_on') }}
    ) as l
    join {{ source('silver', 'home_visit') }} as o on o.portal_id = l.portal_id and o.visited_on between l.visited_on - l.days and l.visited_on
    where l.place = 1
    group by l.portal_id, l.run_id, l.status, l.visited_on, l.newest_day, l.url, l.warc_file, l.warc_offset, l.edition, l.days, l.began
) as h on h.portal_id = p.portal_id
{%- endmacro %}

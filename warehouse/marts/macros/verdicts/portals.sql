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

{# Grain: portal. A page that was not there in three nights counts, whether it was held before (http_404, http_410) or never came. #}
{% macro judged_links() -%}
select
    p.portal_id,
    'links-alive' as rule,
    r.valid_from as edition,
    p.portal_id as subject,
    p.portal_name as subject_title,
    case
        when p.seen_on is null or coalesce(p.listed, 0) = 0 then 'not_assessable'
        when coalesce(p.dead, 0) + coalesce(g.gone, 0) >= {{ limit_number('links') }} then 'uncertain'
        when p.seen_whole then 'pass'
        else 'uncertain'
    end as judged,
    case
        when p.seen_on is null or coalesce(p.listed, 0) = 0 then 'nothing is listed'
        else cast(coalesce(p.dead, 0) + coalesce(g.gone, 0) as text) || ' of ' || cast(p.listed as text) || ' listed pages are not there (404, 410)'
            || case when p.seen_whole then '' else '; the newest run ended ' || p.status end
    end as reason,
    cast(coalesce(p.dead, 0) + coalesce(g.gone, 0) as text) || ' pages' as observed,
    'fewer than ' || {{ limit_text('links') }} as threshold,
    p.seen_on as window_start,
    p.seen_on as window_end,
    {{ no_proof() }}
from portal as p
join {{ edition_on('links-alive', 'coalesce(p.seen_on, ' ~ as_of() ~ ')') }}
left join (
    select e.portal_id, e.run_id, count(distinct e.notice_id) as gone
    from {{ source('silver', 'list_entry') }} as e
    join {{ ref('notice') }} as n on n.notice_id = e.notice_id and n.gone_cause in ('http_404', 'http_410')
    group by e.portal_id, e.run_id
) as g on g.portal_id = p.portal_id and g.run_id = p.run_id
{%- endmacro %}

{# META tags (transforms/pages/meta_conformance.py). `pages_with_meta` is the CTE `meta_page` of verdict.sql: a page of which they were read, with the
   names of required tags that are missing or dirty. Content pages in their newest version, as the newest reading has them; the first page of each
   column's list; the newest home page that came. #}
{% macro pages_with_meta() -%}
select
    d.portal_id, 'content' as kind, d.document_id as page, t.meta_required as required, t.meta_missing || t.meta_dirty as faulty,
    n.url, n.run_id, n.warc_file, n.warc_offset
from {{ ref('document') }} as d
join {{ source('silver', 'document') }} as t
    on t.document_id = d.document_id and t.extractor_version = d.extractor_version and t.run_id = d.run_id and t.meta_required is not null
join {{ ref('notice') }} as n on n.notice_id = d.notice_id and n.version = d.version and n.gone_at is null
where d.part = 0
union all
select portal_id, 'column', section, meta_required, meta_missing || meta_dirty, list_url, run_id, list_warc_file, list_warc_offset
from section
where meta_required is not null
union all
select portal_id, 'home', portal_id, meta_required, meta_missing || meta_dirty, url, run_id, warc_file, warc_offset
from (
    select h.*, row_number() over (partition by h.portal_id order by h.run_id desc) as place
    from {{ source('silver', 'home_visit') }} as h
    where h.meta_required is not null
) as visit
where place = 1
{%- endmacro %}

{# Grain: portal. Every required tag of every page that was read counts alike; kinds of pages that were not read are named. #}
{% macro judged_meta() -%}
select
    p.portal_id,
    'meta-tags' as rule,
    r.valid_from as edition,
    p.portal_id as subject,
    p.portal_name as subject_title,
    case
        when not p.seen_whole or m.portal_id is null then 'not_assessable'
        when m.required - m.faulty >= m.required * cast({{ limit_text('share') }} as double precision) then 'pass'
        else 'fail'
    end as judged,
    case
        when p.seen_on is null then 'never crawled'
        when not p.seen_whole then 'the newest run ended ' || p.status
        when m.portal_id is null then 'no page was read for its META tags'
        else 'tags that are there and say something: ' || m.told || coalesce('; missing or dirty most: ' || f.told, '')
            || coalesce('; not read: ' || nullif(concat_ws(', ', case when m.homes = 0 then 'home' end, case when m.lists = 0 then 'column' end,
                case when m.articles = 0 then 'content' end), ''), '')
    end as reason,
    case when p.seen_whole then coalesce(m.score, 'none read') else 'none read' end as observed,
    'share of ' || {{ limit_text('share') }} || ' of the required tags' as threshold,
    cast(null as date) as window_start,
    p.seen_on as window_end,
    e.url as evidence_url,
    e.run_id as evidence_run_id,
    e.warc_file as evidence_warc_file,
    e.warc_offset as evidence_warc_offset,
    {{ run_time('e.run_id') }} as evidence_at
from portal as p
left join {{ edition_on('meta-tags', 'coalesce(p.seen_on, ' ~ as_of() ~ ')') }}
left join (
    select
        portal_id,
        sum(required) as required,
        sum(faulty) as faulty,
        count(case when kind = 'home' then 1 end) as homes,
        count(case when kind = 'column' then 1 end) as lists,
        count(case when kind = 'content' then 1 end) as articles,
        string_agg(kind || ' ' || {{ meta_share() }}, ', ' order by kind desc) as score,
        string_agg(
            kind || ' ' || cast(required - faulty as text) || ' of ' || cast(required as text) || ' on ' || cast(pages as text) || ' pages',
            ', ' order by kind desc
        ) as told
    from (
        select portal_id, kind, count(*) as pages, sum(required) as required, sum(coalesce(array_length(faulty, 1), 0)) as faulty
        from meta_page
        group by portal_id, kind
    ) as k
    group by portal_id
) as m on m.portal_id = p.portal_id
left join (
    select portal_id, string_agg(tag || ' (' || cast(pages as text) || ')', ', ' order by place) as told
    from (
        select portal_id, tag, count(*) as pages, row_number() over (partition by portal_id order by count(*) desc, tag) as place
        from (select portal_id, unnest(faulty) as tag from meta_page) as t
        group by portal_id, tag
    ) as ranked
    where place <= 3
    group by portal_id
) as f on f.portal_id = p.portal_id
left join (
    select *, row_number() over (
        partition by portal_id order by case when kind = 'home' then 1 else 0 end, coalesce(array_length(faulty, 1), 0) desc, page
    ) as place
    from meta_page
    where coalesce(array_length(faulty, 1), 0) > 0
) as e on e.portal_id = p.portal_id and e.place = 1 and p.seen_whole
{%- endmacro %}

{# Whole per cent, rounded down, so that 100 % means every one. #}
{% macro meta_share() -%}cast(cast(floor(100.0 * (required - faulty) / nullif(required, 0)) as integer) as text) || ' %'{%- endmacro %}

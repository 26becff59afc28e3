-- Grain: item_id: a current document, or a notice whose page could not be read. Answers: what is there to be searched, and by what is it
-- chosen? Its words are in search_passage, cut and folded after dbt by warehouse/search_index.py.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook=[forget_touched()]) }}
with named as (
    select document_id, unit_name as name from {{ ref('plan_unit') }} where {{ touched_only('notice_id') }}
    union
    select document_id, agency from {{ ref('plan_unit') }} where agency is not null and {{ touched_only('notice_id') }}
    union
    select document_id, issuer from {{ ref('document') }} where issuer is not null and {{ touched_only('notice_id') }}
),

agencies as (
    select document_id, string_agg(name, chr(10) order by name) as agencies
    from named
    group by document_id
),

task_words as (
    select document_id, md5(string_agg(text, chr(10) order by seq)) as mark
    from {{ ref('plan_commitment') }}
    where {{ touched_only('notice_id') }}
    group by document_id
),

item as (
    select
        document_id as item_id,
        document_id,
        notice_id,
        part,
        title,
        notice_title,
        genre,
        coalesce(plan_year, report_year) as year,
        body_length,
        url,
        archive_run_id,
        warc_file,
        warc_offset,
        run_id || ' ' || extractor_version as reading
    from {{ ref('document') }}
    where {{ touched_only('notice_id') }}
    union all
    select
        n.notice_id,
        null,
        n.notice_id,
        0,
        n.title,
        n.title,
        null,
        null,
        0,
        n.url,
        n.run_id,
        n.warc_file,
        n.warc_offset,
        ''
    from {{ ref('notice') }} as n
    where not exists (select 1 from {{ ref('document') }} as d where d.notice_id = n.notice_id and d.part = 0)
        and {{ touched_only('n.notice_id') }}
)

select
    i.item_id,
    i.document_id,
    i.notice_id,
    i.part,
    i.title,
    i.notice_title,
    n.portal_id,
    n.portal_name,
    p.province,
    p.division_code,
    i.genre,
    coalesce(i.year, cast(extract(year from n.published_date) as bigint)) as year,
    n.published_date,
    n.gone_at,
    n.gone_cause,
    i.url,
    n.url as notice_url,
    {{ by_code_point("coalesce(a.agencies, '')") }} as agencies,
    i.body_length,
    i.archive_run_id,
    i.warc_file,
    i.warc_offset,
    {{ by_code_point("md5(i.reading || chr(10) || i.title || chr(10) || i.notice_title || coalesce(b.mark, md5('')) || coalesce(w.mark, ''))") }}
    as digest
from item as i
join {{ ref('notice') }} as n on n.notice_id = i.notice_id
join {{ source('silver', 'portal') }} as p on p.portal_id = n.portal_id
left join agencies as a on a.document_id = i.document_id
left join (
    select document_id, md5(body_text) as mark from {{ ref('document_text') }} where document_id in (select document_id from item)
) as b on b.document_id = i.document_id
left join task_words as w on w.document_id = i.document_id

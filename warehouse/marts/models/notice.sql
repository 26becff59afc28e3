-- Grain: one row a notice, in its newest version. Answers: what has this portal published, when, and where is the proof?
{{ config(materialized='incremental', incremental_strategy='append', pre_hook=[forget_touched()]) }}
with sighting as (
    select
        notice_id,
        version,
        run_id,
        lag(version) over (partition by notice_id order by run_id, version) as version_before,
        row_number() over (partition by notice_id order by run_id desc, version desc) as newest
    from {{ source('silver', 'notice_sighting') }}
    where {{ touched_only('notice_id') }}
),

history as (
    select
        notice_id,
        count(distinct version) as versions,
        min(run_id) as first_run,
        max(run_id) as fetched_run,
        max(case when version_before is null or version_before <> version then run_id end) as changed_run,
        max(case when newest = 1 then version end) as version
    from sighting
    group by notice_id
),

listed as (
    select notice_id, min(run_id) as first_run, max(run_id) as last_run
    from {{ source('silver', 'list_entry') }}
    where notice_id is not null and {{ touched_only('notice_id') }}
    group by notice_id
),

vanished as (
    select
        notice_id,
        run_id,
        cause,
        row_number() over (partition by notice_id order by run_id desc) as newest
    from {{ source('silver', 'removal') }}
)

select
    n.portal_id,
    p.name as portal_name,
    n.notice_id,
    n.version,
    n.section,
    n.title,
    n.url,
    coalesce({{ printed_day('n.published_at') }}, n.list_date) as published_date,
    n.published_at,
    n.list_date,
    n.doc_number,
    n.index_number,
    n.source,
    n.validity,
    n.content_type,
    h.versions,
    h.first_run,
    {{ run_time('h.first_run') }} as first_seen,
    {{ run_time('h.changed_run') }} as last_changed,
    {{ run_time('greatest(h.fetched_run, coalesce(l.last_run, h.fetched_run))') }} as last_seen,
    case when v.cause <> 'restored' then {{ run_time('v.run_id') }} end as gone_at,
    case when v.cause <> 'restored' then v.cause end as gone_cause,
    n.run_id,
    n.fetched_at,
    n.warc_file,
    n.warc_offset,
    n.payload_digest
from {{ source('silver', 'notice') }} as n
join history as h on h.notice_id = n.notice_id and h.version = n.version
join {{ source('silver', 'portal') }} as p on p.portal_id = n.portal_id
left join listed as l on l.notice_id = n.notice_id
left join vanished as v on v.notice_id = n.notice_id and v.newest = 1

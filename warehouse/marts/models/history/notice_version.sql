-- Grain: notice_id × stretch: a time during which the portal showed one version. Answers: what did this page say when, and what changed?
-- A version that returns has a second stretch. Times are those of the runs that saw it; valid_to is NULL for what stands today. A notice that
-- vanished ends with its removal, and begins again where it came back.
with event as (
    select notice_id, run_id, 1 as turn, version, cast(null as text) as cause from {{ source('silver', 'notice_sighting') }}
    union all
    select notice_id, run_id, case when cause = 'restored' then 0 else 2 end, null, cause from {{ source('silver', 'removal') }}
),

numbered as (
    select
        *,
        count(version) over (partition by notice_id order by run_id, turn, version) as sighting,
        row_number() over (partition by notice_id order by run_id, turn, version) as ordinal
    from event
),

state as (
    select
        notice_id,
        run_id,
        ordinal,
        case when turn = 2 then cause end as gone_cause,
        case when turn <> 2 then max(version) over (partition by notice_id, sighting) end as version
    from numbered
),

stepped as (
    select
        *,
        lag(version) over (partition by notice_id order by ordinal) as version_before,
        lag(ordinal) over (partition by notice_id order by ordinal) as ordinal_before
    from state
),

turning as (
    select
        *,
        lead(run_id) over (partition by notice_id order by ordinal) as ended_run,
        lead(version) over (partition by notice_id order by ordinal) as version_after,
        lead(gone_cause) over (partition by notice_id order by ordinal) as ended_cause
    from stepped
    where ordinal_before is null or version is distinct from version_before
),

stretch as (
    select
        t.*,
        row_number() over (partition by t.notice_id order by t.ordinal) as stretch,
        lag(t.version) over (partition by t.notice_id order by t.ordinal) as previous_version
    from turning as t
    where t.version is not null
)

select
    n.portal_id,
    p.name as portal_name,
    s.notice_id,
    s.stretch,
    s.version,
    n.title,
    n.url,
    coalesce({{ printed_day('n.published_at') }}, n.list_date) as published_date,
    n.doc_number,
    n.validity,
    {{ run_time('s.run_id') }} as valid_from,
    {{ run_time('s.ended_run') }} as valid_to,
    s.ended_run is null as is_current,
    s.ended_cause as gone_cause,
    s.previous_version,
    c.changed,
    c.title_before,
    c.published_before,
    c.body_diff,
    c.lines_added,
    c.lines_removed,
    c.attachments_added,
    c.attachments_removed,
    n.run_id,
    n.fetched_at,
    n.warc_file,
    n.warc_offset,
    n.payload_digest
from stretch as s
join {{ source('silver', 'notice') }} as n on n.notice_id = s.notice_id and n.version = s.version
join {{ source('silver', 'portal') }} as p on p.portal_id = n.portal_id
left join {{ source('silver', 'notice_change') }} as c
    on c.notice_id = s.notice_id and c.version = s.version and c.version_before = s.previous_version

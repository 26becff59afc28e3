-- Grain: notice_id × run_id. Answers: what vanished from its portal or came back, when, and what did its own address answer?
-- Nothing is deleted here: the notice, its documents and its archived page stay.
select
    r.portal_id,
    p.name as portal_name,
    r.notice_id,
    r.title,
    r.url,
    r.cause,
    {{ run_time('r.run_id') }} as known_since,
    {{ run_time('r.last_seen') }} as last_seen,
    r.missed as walks_missed,
    n.gone_at is not null as gone_now,
    n.section,
    n.published_date,
    n.warc_file as page_warc_file,
    n.warc_offset as page_warc_offset,
    n.run_id as page_run_id,
    r.warc_file as answer_warc_file,
    r.warc_offset as answer_warc_offset,
    r.run_id
from {{ source('silver', 'removal') }} as r
join {{ source('silver', 'portal') }} as p on p.portal_id = r.portal_id
left join {{ ref('notice') }} as n on n.notice_id = r.notice_id

-- Grain: portal × genre of the notice. Answers: how many attachments of this portal's plans and reports were read, how many wait for a tool?
-- An archive that was opened is not counted, the files in it are. The columns named by a status add up to `attachments`.
select
    portal_id,
    portal_name,
    notice_genre,
    count(*) as attachments,
    {% for status in var('reading_statuses') if status != 'unpacked' -%}
    count(case when status = '{{ status }}' then 1 end) as {{ status }},
    {% endfor -%}
    count(case when status in ('unconverted', 'needs_ocr') then 1 end) as waiting,
    cast(count(case when status = 'read' then 1 end) as double precision) / count(*) as share_read
from {{ ref('attachment') }}
where status <> 'unpacked'
group by portal_id, portal_name, notice_genre

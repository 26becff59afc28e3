{# How much of a portal was looked at: its sections by their newest accepted look, those seen whole, the day (China) of the oldest of these
   looks, and pages that are listed but could never be read. What is not here was not seen by us before it is anything else. #}
{% macro portal_coverage() -%}
(
    select
        s.portal_id,
        count(*) as sections,
        count(case when s.complete then 1 end) as sections_complete,
        count(case when s.kind = 'normative' then 1 end) as sections_normative,
        min({{ china_day('s.run_id') }}) as seen_on,
        coalesce(max(u.listed_not_read), 0) as listed_not_read
    from (
        select *, row_number() over (partition by portal_id, section order by run_id desc) as newest
        from {{ source('silver', 'section_outcome') }}
    ) as s
    left join (
        select l.portal_id, count(distinct l.notice_id) as listed_not_read
        from {{ source('silver', 'list_entry') }} as l
        left join {{ source('silver', 'notice') }} as n on n.notice_id = l.notice_id
        where l.notice_id is not null and n.notice_id is null
        group by l.portal_id
    ) as u on u.portal_id = s.portal_id
    where s.newest = 1
    group by s.portal_id
)
{%- endmacro %}

-- Grain: portal × issuing body's mark (机关代字) × year. Answers: how many numbered documents were probably issued, and how many of them do we hold?
-- Of k different numbers with the largest m, N is about m + m/k - 1 (the German tank estimate; k of 5 at least, standards.md section 8); with 95 %
-- confidence N is below m × 0.05^(-1/k). A number that is not here was not published on this portal or not found by us: see the coverage columns.
with numbered as (
    select distinct
        portal_id,
        portal_name,
        regexp_replace(doc_number, '^(.+)〔[0-9]{4}〕[0-9]+号$', '\1') as issuer_mark,
        cast(regexp_replace(doc_number, '^.+〔([0-9]{4})〕[0-9]+号$', '\1') as bigint) as year,
        cast(regexp_replace(doc_number, '^.+〔[0-9]{4}〕([0-9]+)号$', '\1') as bigint) as number
    from {{ ref('document') }}
    where doc_number ~ '^.+〔[0-9]{4}〕[0-9]{1,5}号$' and genre <> 'interpretation'
),

ordered as (
    select *, row_number() over (partition by portal_id, issuer_mark, year order by number desc) as place from numbered
),

seen as (
    select
        portal_id,
        max(portal_name) as portal_name,
        issuer_mark,
        year,
        count(*) as numbers_seen,
        max(number) as largest,
        max(case when place = 2 then number end) as second_largest,
        array_agg(number order by number) as numbers
    from ordered
    group by portal_id, issuer_mark, year
),

coverage as (
    select portal_id, count(*) as sections, count(case when complete then 1 end) as sections_complete
    from (
        select *, row_number() over (partition by portal_id, section order by run_id desc) as newest
        from {{ source('silver', 'section_outcome') }}
    ) as o
    where newest = 1
    group by portal_id
)

select
    s.portal_id,
    s.portal_name,
    {{ by_code_point('s.issuer_mark') }} as issuer_mark,
    s.year,
    s.numbers_seen,
    s.largest,
    s.second_largest,
    s.numbers,
    s.largest - s.numbers_seen as numbers_not_seen,
    case when s.numbers_seen >= 5 then s.largest + cast(s.largest as double precision) / s.numbers_seen - 1 end as issued_estimate,
    case when s.numbers_seen >= 5 then s.largest * power(cast(0.05 as double precision), cast(-1 as double precision) / s.numbers_seen) end
    as issued_upper,
    case when s.numbers_seen >= 5 then s.numbers_seen / (s.largest + cast(s.largest as double precision) / s.numbers_seen - 1) end as share_seen,
    c.sections,
    c.sections_complete
from seen as s
left join coverage as c on c.portal_id = s.portal_id

-- Grain: portal × series (文号 or 索引号) × mark × year. Answers: how many numbered documents were probably issued, how many of them do we hold,
-- and which numbers are missing? Of k different numbers with the largest m, the number issued N is about m + m/k - 1 (the German tank estimate; k of
-- 5 at least, standards.md section 8); the interval has equal tails of 2.5 % (docs/silence.md derives it). A missing number was not published in the
-- sections that are followed, or not found by us: the state says `gaps` only where coverage leaves no other reading. A portal also shows documents
-- of bodies above and below it, and owes nobody the whole of their series: other_body.
{%- set enough = 5 %}
{%- set tail = 0.025 %}
{%- set isolated = 0.001 %}
{%- set document_number = '^(.+)〔([0-9]{4})〕([0-9]{1,5})号$' %}
{%- set index_number = '^([^/ ]+)/([0-9]{4})-([0-9]{1,7})$' %}
{%- set place = '^(中共)?([^省市县区州旗盟]{1,7}[省市县区州旗盟]).*$' %}
with printed as (
    select portal_id, notice_id, {{ by_code_point("'document_number'") }} as series, portal_name,
        case when issuer ~ '^(国务院|中共中央|全国)' then '全国' when issuer ~ '{{ place }}' then regexp_replace(issuer, '{{ place }}', '\2') end as place,
        issuer,
        regexp_replace(doc_number, '{{ document_number }}', '\1') as issuer_mark,
        cast(regexp_replace(doc_number, '{{ document_number }}', '\2') as bigint) as year,
        cast(regexp_replace(doc_number, '{{ document_number }}', '\3') as bigint) as number
    from {{ ref('document') }}
    where doc_number ~ '{{ document_number }}' and genre <> 'interpretation'
    union all
    select portal_id, notice_id, {{ by_code_point("'index_number'") }}, portal_name, null, null,
        regexp_replace(index_number, '{{ index_number }}', '\1'),
        cast(regexp_replace(index_number, '{{ index_number }}', '\2') as bigint),
        cast(regexp_replace(index_number, '{{ index_number }}', '\3') as bigint)
    from {{ ref('notice') }}
    where index_number ~ '{{ index_number }}'
),

single as (
    select
        p.portal_id,
        p.series,
        {{ by_code_point('p.issuer_mark') }} as issuer_mark,
        p.year,
        p.number,
        max(n.portal_name) as portal_name,
        min(n.url) as url,
        -- the printed issuer names a place, and it is not the portal's
        max(case when p.place is null or p.portal_name like '%' || p.place || '人民政府%'
            or p.issuer like regexp_replace(p.portal_name, '人民政府.*$', '') || '%' then 0 else 1 end) as of_other,
        count(case when n.gone_at is null then 1 end) as standing
    from printed as p
    join {{ ref('notice') }} as n on n.notice_id = p.notice_id
    where p.number > 0
    group by p.portal_id, p.series, p.issuer_mark, p.year, p.number
),

ordered as (
    select
        *,
        row_number() over (partition by portal_id, series, issuer_mark, year order by number desc) as place,
        coalesce(lag(number) over (partition by portal_id, series, issuer_mark, year order by number), 0) as below
    from single
),

seen as (
    select
        portal_id,
        max(portal_name) as portal_name,
        series,
        issuer_mark,
        year,
        count(*) as numbers_seen,
        count(case when standing = 0 then 1 end) as numbers_gone,
        sum(of_other) as numbers_of_other,
        max(number) as largest,
        max(case when place = 1 then url end) as largest_url,
        max(case when place = 2 then number end) as second_largest,
        array_agg(number order by number) as numbers
    from ordered
    group by portal_id, series, issuer_mark, year
),

-- Were the largest real, the others would all lie so far below it in one series of a thousand: rather a misprint. What follows rests on the others.
judged as (
    select
        *,
        case when numbers_seen >= {{ enough }}
            then power(cast(second_largest as double precision) / (largest - 1), numbers_seen - 1) < {{ isolated }} else false end as largest_isolated
    from seen
),

resting as (
    select
        *,
        case when largest_isolated then second_largest else largest end as m,
        case when largest_isolated then numbers_seen - 1 else numbers_seen end as k
    from judged
),

missing as (
    select o.portal_id, o.series, o.issuer_mark, o.year,
        array_agg(o.below + 1 order by o.below + 1) as missing_from,
        array_agg(o.number - 1 order by o.number - 1) as missing_to
    from ordered as o
    join resting as r on r.portal_id = o.portal_id and r.series = o.series and r.issuer_mark = o.issuer_mark and r.year = o.year
    where o.number > o.below + 1 and o.number <= r.m
    group by o.portal_id, o.series, o.issuer_mark, o.year
),

-- P(largest <= m | N) <= ((m - h) / (N - h)) ** k with h = (k - 1) / 2, by the concavity of the logarithm: both limits are on the safe side.
reckoned as (
    select
        *,
        cast(m as double precision) + cast(m as double precision) / k - 1 as issued_estimate,
        m - k as not_seen,
        greatest(m, cast(floor(
            (m - 1 - (k - 1) / 2e0) * power(1 - {{ tail }}, cast(-1 as double precision) / k) + (k - 1) / 2e0) as bigint)) as lower_limit,
        cast(floor((m - (k - 1) / 2e0) * power({{ tail }}, cast(-1 as double precision) / k) + (k - 1) / 2e0) as bigint) as upper_limit
    from resting
)

select
    s.portal_id,
    s.portal_name,
    s.series,
    s.issuer_mark,
    s.year,
    s.numbers_seen,
    s.numbers_gone,
    s.largest,
    s.largest_isolated,
    s.largest_url,
    s.second_largest,
    s.numbers,
    s.not_seen as numbers_not_seen,
    g.missing_from,
    g.missing_to,
    case when s.k >= {{ enough }} then s.issued_estimate end as issued_estimate,
    case when s.k >= {{ enough }} then s.lower_limit end as issued_lower,
    case when s.k >= {{ enough }} then s.upper_limit end as issued_upper,
    case when s.k >= {{ enough }} then s.k / s.issued_estimate end as share_seen,
    case when s.k >= {{ enough }} then cast(s.k as double precision) / s.upper_limit end as share_lower,
    case when s.k >= {{ enough }} then cast(s.k as double precision) / s.lower_limit end as share_upper,
    {{ by_code_point("""
        case
            when s.k < """ ~ enough ~ """ then 'too_few'
            when 2 * s.numbers_of_other > s.numbers_seen then 'other_body'
            when c.sections is null or c.sections_complete < c.sections or (s.not_seen > 0 and s.not_seen <= c.listed_not_read)
                then 'coverage_incomplete'
            when s.not_seen > 0 then 'gaps'
            else 'seen_whole'
        end""") }} as state,
    c.sections,
    c.sections_complete,
    c.listed_not_read,
    c.seen_on
from reckoned as s
left join missing as g on g.portal_id = s.portal_id and g.series = s.series and g.issuer_mark = s.issuer_mark and g.year = s.year
left join {{ portal_coverage() }} as c on c.portal_id = s.portal_id

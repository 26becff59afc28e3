{# What the judgements share. Each judged_… macro gives rows of one shape: portal_id, rule, edition (its valid_from), subject, subject_title, judged,
   reason, observed, threshold, window_start, window_end, and the evidence. They read the CTEs `portal`, `section` and `item` of verdict.sql, which
   also applies the laws that hold for all of them: a macro says what the evidence says, not what may be published as a fail. #}

{# The edition of a rule that is in force on a day; joins nothing on a day before the first. #}
{% macro edition_on(rule, day) -%}
{{ source('silver', 'rule') }} as r on r.rule = '{{ rule }}' and {{ day }} >= r.valid_from and (r.valid_to is null or {{ day }} <= r.valid_to)
{%- endmacro %}

{# A threshold of the edition, as text or as a whole number. #}
{% macro limit_text(name) -%}{{ json_field('r.thresholds', name) }}{%- endmacro %}
{% macro limit_number(name) -%}cast({{ json_field('r.thresholds', name) }} as integer){%- endmacro %}

{% macro day_text(day) -%}cast({{ day }} as text){%- endmacro %}

{# The archived page of a document, of a notice, of a column's list, or none: the last five columns of a judgement. #}
{% macro proof_of_document(d) -%}
{{ d }}.url as evidence_url, {{ d }}.archive_run_id as evidence_run_id, {{ d }}.warc_file as evidence_warc_file,
    {{ d }}.warc_offset as evidence_warc_offset, {{ run_time(d ~ '.archive_run_id') }} as evidence_at
{%- endmacro %}
{% macro proof_of_notice(n) -%}
{{ n }}.url as evidence_url, {{ n }}.run_id as evidence_run_id, {{ n }}.warc_file as evidence_warc_file,
    {{ n }}.warc_offset as evidence_warc_offset, {{ run_time(n ~ '.run_id') }} as evidence_at
{%- endmacro %}
{% macro proof_of_list(s) -%}
{{ s }}.list_url as evidence_url, case when {{ s }}.list_warc_file is not null then {{ s }}.run_id end as evidence_run_id,
    {{ s }}.list_warc_file as evidence_warc_file, {{ s }}.list_warc_offset as evidence_warc_offset,
    case when {{ s }}.list_warc_file is not null then {{ run_time(s ~ '.run_id') }} end as evidence_at
{%- endmacro %}
{% macro no_proof() -%}
cast(null as text) as evidence_url, cast(null as text) as evidence_run_id, cast(null as text) as evidence_warc_file,
    cast(null as bigint) as evidence_warc_offset, cast(null as timestamp) as evidence_at
{%- endmacro %}
{% macro no_window() -%}cast(null as date) as window_start, cast(null as date) as window_end{%- endmacro %}

{# The place a portal's name begins with: 例市 of 例市人民政府门户网站. #}
{% macro place_of(name) -%}regexp_replace({{ name }}, '(人民)?政府.*$', ''){%- endmacro %}

{# The laws of every verdict. `laws` joins what they need to judgements `j`. #}
{% macro laws(j) -%}
left join portal as law_portal on law_portal.portal_id = {{ j }}.portal_id
    left join {{ source('silver', 'rule') }} as law_rule on law_rule.rule = {{ j }}.rule and law_rule.valid_from = {{ j }}.edition
{%- endmacro %}
{% macro lawful_verdict(j) -%}
case
        when {{ j }}.judged <> 'fail' then {{ j }}.judged
        when law_rule.confidence in ('C', 'P') and law_rule.severity <> 'info' and law_portal.seen_whole and {{ j }}.evidence_url is not null
            and {{ j }}.evidence_run_id is not null and {{ j }}.evidence_warc_file is not null and {{ j }}.evidence_warc_offset is not null then 'fail'
        else 'uncertain'
    end
{%- endmacro %}

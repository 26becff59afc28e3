{# Everything the two engines say differently, and small formulas that stand in more than one model. #}

{# Days from one day to another, negative where the other is earlier. Never `day - day`: PostgreSQL and DuckDB call that a number, Spark an interval
   (docs/lake.md). `day + number` and `day - number` mean the same day everywhere, as long as the number is an integer and no bigint. #}
{% macro days_between(first, last) -%}{{ adapter.dispatch('days_between')(first, last) }}{%- endmacro %}
{% macro duckdb__days_between(first, last) -%}date_diff('day', {{ first }}, {{ last }}){%- endmacro %}
{% macro postgres__days_between(first, last) -%}({{ last }} - {{ first }}){%- endmacro %}

{# A run id (20260301T183000Z) as the moment it names, in UTC. #}
{% macro run_time(column) -%}
cast(substr({{ column }}, 1, 4) || '-' || substr({{ column }}, 5, 2) || '-' || substr({{ column }}, 7, 2) || ' '
  || substr({{ column }}, 10, 2) || ':' || substr({{ column }}, 12, 2) || ':' || substr({{ column }}, 14, 2) as timestamp)
{%- endmacro %}

{# The calendar day in China on which a run began: a night of 02:30 belongs to that day, in UTC it is still the day before. #}
{% macro china_day(run_id) -%}cast({{ run_time(run_id) }} + interval '8 hours' as date){%- endmacro %}

{# The printed day of an ISO 8601 text, in the portal's own zone; NULL where the text names no day that exists. #}
{% macro printed_day(column) -%}
{%- set first = "cast(substr(" ~ column ~ ", 1, 8) || '01' as date)" -%}
{%- set day = "(" ~ first ~ " + (cast(substr(" ~ column ~ ", 9, 2) as integer) - 1))" -%}
case when substr({{ column }}, 1, 10) ~ '^[0-9]{3}[1-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
    or substr({{ column }}, 1, 10) ~ '^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
then case when extract(month from {{ day }}) = extract(month from {{ first }}) then {{ day }} end end
{%- endmacro %}

{# An extractor version (0.10.1) as numbers, so that 0.10 comes after 0.9. #}
{% macro version_order(column) -%}
cast(string_to_array(regexp_replace({{ column }}, '[^0-9.]', '', 'g'), '.') as integer[])
{%- endmacro %}

{# Which extractor's reading of a notice's version counts: the newest that tried. A notice is read whole, page and attachments, so what
   an older one read of it counts no more, not even where the newest could read nothing. #}
{% macro current_reading() -%}
(
    select notice_id, version, extractor_version,
        row_number() over (
            partition by notice_id, version order by {{ version_order('extractor_version') }} desc, extractor_version desc
        ) as newest
    from (
        select notice_id, version, extractor_version from {{ source('silver', 'document') }} where {{ touched_only('notice_id') }}
        union
        select notice_id, version, extractor_version from {{ source('silver', 'finding') }} where rule = 'D-READ' and {{ touched_only('notice_id') }}
    ) as attempt
)
{%- endmacro %}

{# A field of a JSON text, as text. #}
{% macro json_field(column, name) -%}
{%- set field -%}(cast({{ column }} as json) ->> '{{ name }}'){%- endset -%}
{{ by_code_point(field) }}
{%- endmacro %}

{# Text that is made here sorts as text that was loaded does: by code point, whatever a PostgreSQL database's locale is. #}
{% macro by_code_point(text) -%}{{ adapter.dispatch('by_code_point')(text) }}{%- endmacro %}
{% macro duckdb__by_code_point(text) -%}{{ text }}{%- endmacro %}
{% macro postgres__by_code_point(text) -%}({{ text }}) collate "C"{%- endmacro %}

{# Gravity of a status: its place in the vocabulary. #}
{% macro gravity(column) -%}
case {{ column }}{% for status in var('statuses') %} when '{{ status }}' then {{ loop.index }}{% endfor %} end
{%- endmacro %}

{# Whether a due date is over: it says nothing of whether the work was done. #}
{% macro commitment_state(column) -%}
{%- set state -%}
case when {{ column }} is null then 'no_due_date' when {{ column }} <= {{ as_of() }} then 'due' else 'not_due' end
{%- endset -%}
{{ by_code_point(state) }}
{%- endmacro %}

{# The day against which commitments are due and data is old, as marts.build noted it. No variable: dbt would read the whole project anew each day. #}
{% macro as_of() -%}(select as_of from {{ source('silver', 'mart_build') }}){%- endmacro %}

{# Indexes of schema.yml are for PostgreSQL; DuckDB's would cost time and answer none of these questions. #}
{% macro duckdb__create_indexes(relation) %}{% endmacro %}

{# A title as another document would name it: without what an issuing notice puts around it, brackets and blanks. #}
{% macro title_key(column) -%}
{%- set bare = "regexp_replace(" ~ column ~ ", '[[:space:]《》〈〉“”\"]', '', 'g')" -%}
{%- set inner = "regexp_replace(" ~ bare ~ ", '^.*关于(印发|转发|公布|发布)', '')" -%}
regexp_replace({{ inner }}, '的(通知|公告|通告|决定)$', '')
{%- endmacro %}

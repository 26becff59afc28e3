{# Everything the two engines say differently, and small formulas that stand in more than one model. #}

{# A run id (20260301T183000Z) as the moment it names, in UTC. #}
{% macro run_time(column) -%}
cast(substr({{ column }}, 1, 4) || '-' || substr({{ column }}, 5, 2) || '-' || substr({{ column }}, 7, 2) || ' '
  || substr({{ column }}, 10, 2) || ':' || substr({{ column }}, 12, 2) || ':' || substr({{ column }}, 14, 2) as timestamp)
{%- endmacro %}

{# The printed day of an ISO 8601 text, in the portal's own zone; NULL where the text names no day that exists. #}
{% macro printed_day(column) -%}{{ adapter.dispatch('printed_day')(column) }}{%- endmacro %}
{% macro duckdb__printed_day(column) -%}try_cast(substr({{ column }}, 1, 10) as date){%- endmacro %}

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
        select notice_id, version, extractor_version from {{ source('silver', 'document') }}
        union
        select notice_id, version, extractor_version from {{ source('silver', 'finding') }} where rule = 'D-READ'
    ) as attempt
)
{%- endmacro %}

{# A field of a JSON text, as text. #}
{% macro json_field(column, name) -%}(cast({{ column }} as json) ->> '{{ name }}'){%- endmacro %}

{# Gravity of a status: its place in the vocabulary. #}
{% macro gravity(column) -%}
case {{ column }}{% for status in var('statuses') %} when '{{ status }}' then {{ loop.index }}{% endfor %} end
{%- endmacro %}

{# Whether a due date is over: it says nothing of whether the work was done. #}
{% macro commitment_state(column) -%}
case when {{ column }} is null then 'no_due_date' when {{ column }} <= {{ as_of() }} then 'due' else 'not_due' end
{%- endmacro %}

{% macro as_of() -%}cast('{{ var("as_of") }}' as date){%- endmacro %}

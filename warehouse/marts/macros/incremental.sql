{# Marts with a row a notice, document or fact are made anew only for the notices that changed since the last build (silver.touched_notice).
   Rows of those are deleted first, so that what vanished does not stay. marts.build asks for a whole build where a model or the registry changed. #}
{% macro touched_only(column) -%}
{% if is_incremental() %}{{ column }} in (select notice_id from {{ source('silver', 'touched_notice') }}){% else %}true{% endif %}
{%- endmacro %}

{% macro forget_touched() -%}
{% raw %}{% if is_incremental() %}delete from {{ this }} where notice_id in (select notice_id from {{ source('silver', 'touched_notice') }}){% endif %}{% endraw %}
{%- endmacro %}

{# The day moves on for rows that did not change. #}
{% macro move_day() -%}
{% raw %}{% if is_incremental() %}update {{ this }} set as_of = {{ as_of() }}, commitment_state = {{ commitment_state('due_date') }} where as_of <> {{ as_of() }}{% endif %}{% endraw %}
{%- endmacro %}

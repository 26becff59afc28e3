{# Columns of a model that always hold a value, in one look: a row of the answer names a column and how many rows lack it. A dbt test a column
   would be a hundred more, each with its own start. #}
{% test never_null(model, columns) %}
with counted as (
    select {% for column in columns %}count(*) - count({{ column }}) as {{ column }}{{ ", " if not loop.last }}{% endfor %} from {{ model }}
)
{% for column in columns %}
select '{{ column }}' as column_name, {{ column }} as rows_without from counted where {{ column }} > 0{{ " union all" if not loop.last }}
{% endfor %}
{% endtest %}
